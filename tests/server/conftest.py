"""A real server on a loopback port, with real plugins, dialogues and a database; only the models are small."""

from __future__ import annotations

import asyncio
import ssl
import textwrap
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.types import AudioClip, Candidate, Decision, Encoding, Transcript
from tests.safety_checks import shared_safety

fastapi = pytest.importorskip("fastapi", reason="needs the extra [serve]")
pytest.importorskip("uvicorn", reason="needs the extra [serve]")
pytest.importorskip("python_multipart", reason="needs the extra [serve]")
httpx = pytest.importorskip("httpx", reason="needs the extra [test]")

SHIPPED = ("clock", "customer_service", "dice", "education", "fallback", "llm", "medical_triage", "pictures")
TOKENS = {"app": "a-token-of-the-tests", "other": "b-token-of-the-tests"}

PLUGIN = '''
"""Sells things."""
import asyncio
from pathlib import Path
from assistant import Reply, hookimpl
from assistant.errors import UserError

EFFECTS = Path({folder!r}) / "effects.txt"

def note(what):
    with EFFECTS.open("a") as file:
        file.write(what + "\\n")
    return what

def echo(turn) -> Reply:
    """Say it again."""
    return Reply(f"{{turn.utterance}}|{{len(turn.images)}}. And that is all.", speech="Said.", data={{"n": 1}})

def refuse() -> str:
    """Say no."""
    raise UserError("There is no paper on Sundays.")

def fail() -> str:
    """Break."""
    raise RuntimeError("out of paper")

async def slow(seconds: float = 0.7) -> str:
    """Take some time."""
    note("slow begins")
    longer = EFFECTS.with_name("seconds.txt")
    await asyncio.sleep(float(longer.read_text()) if longer.exists() else seconds)
    note("slow ends")
    return "At last."

def paper() -> Reply:
    """Write a paper."""
    path = EFFECTS.with_name("paper.txt")
    path.write_text("a paper")
    return Reply("Here it is.", attachments=(str(path),))

async def drip():
    """Come drop by drop."""
    for number in range(1, 9):
        note(f"drop {{number}}")
        yield f"Drop {{number}}. "
        await asyncio.sleep(0.15)

async def recite(dialogue):
    """Ask for a name, and recite it."""
    name = await dialogue.ask("Whose name?")
    for _ in range(8):
        yield f"{{name}}! "
        await asyncio.sleep(0.1)

async def buy(turn, dialogue) -> str:
    """Buy something."""
    number = await dialogue.ask("How many?", kind=int)
    await dialogue.once("order", lambda: note(f"ordered {{number}}"))
    await asyncio.sleep(0.3)
    return f"You bought {{number}}."

@hookimpl
def register_intents(register):
    for handler in (echo, refuse, fail, slow, paper, buy, drip, recite):
        register(handler, examples=[f"please {{handler.__name__}}", f"{{handler.__name__}} it"])
'''


class Words:
    """A text encoder."""

    name, modality, dimension = "words", "text", 1

    def load(self) -> None: ...

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        one = np.ones((1, 1), np.float32)
        return [Encoding("text", self.name, one, np.ones(1, np.bool_), one[0], text=text) for text in inputs]


class AudioFrontEnd:
    """Hears what the language is."""

    def load(self) -> None: ...

    def expect(self, words: Sequence[str]) -> None: ...

    def listen(
        self, clip: AudioClip, language: str = "", *, prompt: str = "", words: bool = False
    ) -> tuple[Transcript, Encoding]:
        said = f"please echo {language or 'sound'}" + (f" like {prompt}" if prompt else "")
        times = tuple((n * 0.25, n * 0.25 + 0.2, word) for n, word in enumerate(said.split())) if words else ()
        heard = Transcript(said, language or "en", segments=((0.0, 0.5, said),), words=times)
        return heard, Words().encode([said])[0]


class NamedIntent:
    """Decides for the intent whose name stands in the words."""

    def fit(self, intents: object) -> None: ...

    def decide(self, encodings: Sequence[Encoding]) -> Decision:
        text = " ".join(encoding.text for encoding in encodings)
        name = next(
            (name for name in ("echo", "refuse", "fail", "slow", "paper", "buy", "drip", "recite") if name in text),
            None,
        )
        if name is None:
            return Decision("out_of_scope", 0.9, "out_of_scope", out_of_scope=0.9)
        return Decision(f"shop.{name}", 0.95, "answer", (Candidate(f"shop.{name}", 0.95),), contributions={"text": 1.0})

    def in_context(self, alone: Decision, joint: Decision, last: str, encodings: Sequence[Encoding]) -> Decision:
        return alone

    def respell(self, text: str) -> str:
        return text


@cache
def certificates() -> ssl.SSLContext:
    """Returns the TLS context that every client trusts; it is read once, as reading takes longer than most requests."""
    return ssl.create_default_context()


@dataclass
class Running:
    """A server that runs."""

    app_state: Any
    url: str
    folder: Path
    clients: list[Any] = field(default_factory=list)
    connections: Any = None

    def client(self, name: str = "app") -> Any:
        token = {"Authorization": f"Bearer {TOKENS[name]}"} if name else {}
        self.clients.append(httpx.AsyncClient(base_url=self.url, headers=token, timeout=60, verify=certificates()))
        return self.clients[-1]

    def slow(self, seconds: float) -> None:
        """Sets how long `please slow` takes from now on, seconds."""
        (self.folder / "seconds.txt").write_text(str(seconds))

    def effects(self) -> list[str]:
        path = self.folder / "effects.txt"
        return path.read_text().splitlines() if path.exists() else []


Serve = Callable[..., AbstractAsyncContextManager[Running]]


@pytest.fixture
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """``async with serving(turns=1) as server``: settings of [serve] by name, ``url=`` for the database."""
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("assistant.loading.create_encoders", lambda settings: [Words()])
    monkeypatch.setattr("assistant.app.IntentModel", lambda *given: NamedIntent())
    monkeypatch.setattr("assistant.app.SafetyChecks", shared_safety)
    monkeypatch.setattr("assistant.loading.SpeechRecognizer.from_settings", lambda *given: AudioFrontEnd())
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "shop.py").write_text(textwrap.dedent(PLUGIN.format(folder=str(tmp_path))))

    @asynccontextmanager
    async def running(*, url: str = "", origins: Sequence[str] = (), **limits: Any) -> AsyncIterator[Running]:
        import uvicorn

        from assistant.app import App
        from assistant.server.api import create_api
        from assistant.server.app_state import AppState
        from assistant.server.connections import Connections
        from assistant.server.server import Address, listen_at
        from assistant.server.tls import tls_files
        from assistant.server.tokens import Clients
        from assistant.settings import load_settings

        settings = load_settings(
            {
                "plugins": {"folder": str(plugins), "disabled": SHIPPED, "trusted": ["shop"]},
                "storage": {"url": url},
                "serve": limits,
            }
        )
        app = await App.open(settings)
        app_state = AppState(app)
        tls = tls_files(settings.serve)
        listening, address = listen_at(Address("127.0.0.1", 0, bool(tls)))
        connections = Connections(settings.serve.header_seconds, settings.serve.strangers)
        api = create_api(app_state, Clients(TOKENS), origins, connections=connections)
        config = uvicorn.Config(
            api, http=connections.protocol(), log_config=None, access_log=False, lifespan="on", **tls
        )
        server = uvicorn.Server(config)
        server.capture_signals = no_signals  # type: ignore[method-assign]
        task = asyncio.create_task(server.serve([listening]))
        await app.wait_ready()
        run = Running(app_state, address.url, tmp_path, connections=connections)
        try:
            yield run
        finally:
            for client in run.clients:
                await client.aclose()
            server.should_exit = True
            await task
            listening.close()
            await app.close()

    return running


def no_signals() -> Any:
    from contextlib import nullcontext

    return nullcontext()
