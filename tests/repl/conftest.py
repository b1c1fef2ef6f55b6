"""Real keys pressed at a real prompt, before a small assistant."""

import asyncio
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from assistant.repl.conversation import Conversation
from assistant.repl.session import TerminalSession
from assistant.settings import Settings
from assistant.terminal.loader import Loader
from assistant.terminal.render import make_console


@dataclass
class Desk:
    """A conversation with the fake assistant, and what it showed."""

    app: Any
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


@pytest.fixture
def desk(fake_app: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Desk]:
    """Makes a desk; call it inside the event loop."""
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))

    def make(prepare: Callable[[Any], None] = lambda app: None, **options: Any) -> Desk:
        app = fake_app()
        prepare(app)
        screen = io.StringIO()

        async def open_app() -> Any:
            return app

        console = make_console()
        console.file = screen
        return Desk(app, Conversation(Loader(open_app), Settings(), console, **options), screen)

    return make


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
