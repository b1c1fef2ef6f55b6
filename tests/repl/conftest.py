"""A small assistant that answers at once, and real keys pressed at a real prompt."""

import asyncio
import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import numpy as np
import pytest
import soundfile
from PIL import Image
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from assistant.bus import Bus
from assistant.contracts import Intent
from assistant.events import StageFinished, TurnStarted
from assistant.messages import Candidate, Decision, Reply, Turn, TurnResult
from assistant.plugins import PluginInfo
from assistant.repl.conversation import Conversation
from assistant.repl.loading import Loader
from assistant.repl.session import TerminalSession
from assistant.settings import Settings


def _intent(name: str, *examples: str) -> Intent:
    return Intent(name, lambda: "", f"Does {name}.", examples)


@click.command("greet", help="Greet somebody.")
@click.argument("name")
def _greet(name: str) -> None:
    _GREETED.append(name)


_GREETED: list[str] = []


class FakeApp:
    """Records turns; `answer` says what becomes of one."""

    def __init__(self) -> None:
        self.bus = Bus()
        self.turns: list[Turn] = []
        self.spoken: list[str] = []
        self.loaded = asyncio.Event()
        self.loaded.set()
        self.loading = 0
        self.closed = False
        self.failure: Exception | None = None
        self.answer: Callable[[Turn], Any] = lambda turn: f"You said {turn.utterance!r}."
        self.history = SimpleNamespace(turns=lambda session, limit=None: [])
        self.greeted = _GREETED
        _GREETED.clear()
        self.plugins = SimpleNamespace(
            commands=[_greet],
            intents=(_intent("shop.order", "where is my order {number}"), _intent("shop.buy", "order a kettle")),
            infos=[
                PluginInfo(
                    "shop", "Shop", "Sells kettles.", Path("shop.py"), "shipped", "active", intents=("shop.order",)
                ),
                PluginInfo("weather", "Weather", "", Path("weather.py"), "user", "failed", "SyntaxError in line 3"),
            ],
        )
        self._last: dict[str, TurnResult] = {}

    def start_loading(self) -> None:
        self.loading += 1

    async def wait_ready(self) -> None:
        await self.loaded.wait()
        if self.failure is not None:
            raise self.failure

    async def respond(self, turn: Turn) -> TurnResult:
        self.turns.append(turn)
        self.bus.publish(TurnStarted(turn=turn.id, session=turn.session, modalities=turn.present))
        answer = self.answer(turn)
        if asyncio.iscoroutine(answer):
            answer = await answer
        self.bus.publish(StageFinished(turn=turn.id, stage="decide", milliseconds=2.0))
        decision = Decision(
            "shop.order",
            0.91,
            "answer",
            candidates=(Candidate("shop.order", 0.91), Candidate("shop.buy", 0.06)),
            contributions={"text": 0.75, "image": 0.25},
            attended=(("text", "order", 0.6), ("image", "row 2, column 3", 0.2)),
            out_of_scope=0.02,
        )
        result = TurnResult(turn, decision, Reply(answer), {"decide": 2.0, "total": 42.0})
        self._last[turn.session] = result
        return result

    def last_result(self, session: str) -> TurnResult | None:
        return self._last.get(session)

    async def say(self, reply: Reply, path: Path | None = None) -> None:
        self.spoken.append(reply.spoken)

    async def close(self) -> None:
        self.closed = True


@dataclass
class Desk:
    """A conversation with the fake assistant, and what it showed."""

    app: FakeApp
    conversation: Conversation
    screen: io.StringIO
    history: InMemoryHistory = field(default_factory=InMemoryHistory)

    @property
    def shown(self) -> str:
        return self.screen.getvalue()

    async def press(self, *keys: str, pause: float = 0.0) -> None:
        """Press keys at a prompt, then Ctrl-D, and wait until the session ends; `pause` seconds between them."""
        with create_pipe_input() as keyboard:

            async def type_them() -> None:
                for stroke in (*keys, "\x04"):
                    await asyncio.sleep(pause)
                    keyboard.send_text(stroke)

            session = TerminalSession(self.conversation, self.history, keyboard, DummyOutput())
            code, _ = await asyncio.wait_for(asyncio.gather(session.run(), type_them()), 20)
            assert code == 0


def make_desk(prepare: Callable[[FakeApp], None] = lambda app: None, **options: Any) -> Desk:
    app = FakeApp()
    prepare(app)
    screen = io.StringIO()

    async def open_app() -> FakeApp:
        return app

    console = Console(file=screen, width=200, soft_wrap=True, markup=False, highlight=False)
    conversation = Conversation(Loader(open_app), Settings(), console, **options)  # type: ignore[arg-type]
    return Desk(app, conversation, screen)


@pytest.fixture(name="desk")
def _desk() -> Callable[..., Desk]:
    """Makes a desk; call it inside the event loop."""
    return make_desk


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    with contextlib.suppress(FileNotFoundError):
        yield


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "a red cup.png"
    Image.new("RGB", (40, 30), "red").save(path)
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "hello.wav"
    soundfile.write(path, np.sin(np.arange(16_000) / 20).astype(np.float32) * 0.3, 16_000)
    return path
