"""Fixtures that several folders of tests share: a small assistant that answers at once."""

import asyncio
import os
import runpy
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from assistant.bus import Bus
from assistant.events import StageFinished, TurnStarted
from assistant.explanation import Explanation, Passage, Word
from assistant.plugins.api import Intent
from assistant.plugins.plugin import PluginInfo
from assistant.settings import shipped_dir
from assistant.types import AudioClip, Candidate, Decision, Reply, Transcript, Turn, TurnResult
from tests.postgresql import NO_POSTGRESQL, postgresql_server
from tests.safety_checks import shared_safety

OFFLINE = Path(__file__).with_name("offline")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--offline", action="store_true", help="refuse every socket that leaves this machine, and tell of it"
    )


def pytest_configure(config: pytest.Config) -> None:
    if not config.getoption("--offline"):
        return
    if "OFFLINE_ATTEMPTS" not in os.environ:  # a worker process has them from the first one
        os.environ["OFFLINE_ATTEMPTS"] = str(Path(tempfile.mkdtemp(prefix="assistant-")) / "attempts.txt")
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(OFFLINE), os.environ.get("PYTHONPATH", ""))))
    runpy.run_path(str(OFFLINE / "sitecustomize.py"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    attempts = Path(os.environ.get("OFFLINE_ATTEMPTS", ""))
    if session.config.getoption("--offline") and attempts.is_file() and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        told = attempts.read_text("utf-8")
        session.config.get_terminal_writer().write(f"\nTried to leave this machine:\n{told}", red=True)


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
        self.safety = shared_safety(shipped_dir("plugins"))
        self.turns: list[Turn] = []
        self.spoken: list[str] = []
        self.loaded = asyncio.Event()
        self.loaded.set()
        self.loading = 0
        self.closed = False
        self.failure: Exception | None = None
        self.open_question: Reply | None = None
        self.answer: Callable[[Turn], Any] = lambda turn: f"You said {turn.utterance!r}."
        self.worker = SimpleNamespace(close=lambda timeout: None)
        self.history = SimpleNamespace(turns=lambda session, limit=None: [])
        self.surfaces: list[Any] = []
        self.scheduler = SimpleNamespace(ringing=self._ringing)
        self.set_aside: list[str] = []
        """names of the intents whose questions were left"""
        self.dialogues = SimpleNamespace(waiting=SimpleNamespace(set_aside=lambda session: self.set_aside))
        self.greeted = _GREETED
        _GREETED.clear()
        self.plugins = SimpleNamespace(
            commands=[("shop", _greet)],
            intents=(_intent("shop.order", "where is my order {number}"), _intent("shop.buy", "order a kettle")),
            infos=[
                PluginInfo(
                    "shop",
                    "Shop",
                    "Sells kettles.",
                    Path("shop.py"),
                    "shipped",
                    "active",
                    intents=("shop.order",),
                    welcome=("where is my order", "我的订单到哪里了"),
                ),
                PluginInfo("weather", "Weather", "", Path("weather.py"), "user", "failed", "SyntaxError in line 3"),
            ],
        )
        self._last: dict[str, TurnResult] = {}

    @contextmanager
    def _ringing(self, surface: Any, *, session: str = "") -> Iterator[None]:
        self.surfaces.append(surface)
        yield
        self.surfaces.remove(surface)

    def start_loading(self, *, text_only: bool = False) -> None:
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

    async def explain_last(self, session: str) -> tuple[Turn, Explanation, list[str]] | None:
        if (result := self._last.get(session)) is None:
            return None
        turn, decision = result.turn, result.decision
        words = (Word("where", 0, 5, 0.4), Word("order", 12, 17, 2.0))
        return turn, Explanation(decision, decision.intent, (Passage("text", turn.text, words),)), []

    async def resume_session(self, session: str) -> Reply | None:
        return self.open_question

    @property
    def voice(self) -> Any:
        async def say(reply: Reply, path: Path | None = None) -> None:
            self.spoken.append(reply.spoken)

        return SimpleNamespace(say=say)

    async def close(self) -> None:
        self.closed = True

    async def transcribe(self, clip: AudioClip) -> Transcript:
        return Transcript("hello there", "en", segments=((0.0, clip.duration, "hello there"),))


@pytest.fixture
def fake_app() -> Callable[[], FakeApp]:
    """Makes an assistant that records its turns; call it inside the event loop."""
    return FakeApp


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server for all tests; each keeps to sessions of its own."""
    with postgresql_server() as url:
        if not url:
            pytest.skip(NO_POSTGRESQL)
        yield url


@pytest.fixture(scope="session")
def say() -> Callable[[str], AudioClip]:
    """Sentence → clip at 16 kHz, spoken by the English voice."""
    import numpy as np
    import soxr

    from assistant.speech import Synthesizer

    voice = Synthesizer("hibari")

    def speak(words: str) -> AudioClip:
        clip = voice.say(words)
        samples = soxr.resample(clip.samples, clip.sample_rate, 16_000)
        return AudioClip(np.clip(samples, -1, 1).astype(np.float32))

    return speak


@pytest.fixture(scope="session")
def write_video() -> Callable[[Path, Any], None]:
    """Writes a film of a grey field at 5 pictures a second, with mono sound at 16 kHz or none."""
    import av
    import numpy as np

    def write(path: Path, samples: Any) -> None:
        with av.open(str(path), "w") as container:
            film = container.add_stream("mpeg4", rate=5)
            film.width, film.height, film.pix_fmt = 64, 64, "yuv420p"
            sound = container.add_stream("aac", rate=16_000, layout="mono") if samples is not None else None
            seconds = 1.0 if samples is None else len(samples) / 16_000
            for number in range(int(seconds * 5)):
                grey = np.full((64, 64, 3), number % 255, np.uint8)
                frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
                frame.pts = number
                container.mux(film.encode(frame))
            container.mux(film.encode(None))
            for at in range(0, len(samples) if sound else 0, 1024):
                part = av.AudioFrame.from_ndarray(samples[None, at : at + 1024], format="fltp", layout="mono")
                part.sample_rate, part.pts = 16_000, at
                container.mux(sound.encode(part))
            if sound:
                container.mux(sound.encode(None))

    return write
