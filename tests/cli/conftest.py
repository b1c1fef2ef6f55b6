"""Commands run as a user runs them, in a home of their own."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assistant.cli import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh home, and everything that a command changes in the process put back afterwards."""
    folder = tmp_path / "home"
    monkeypatch.setenv("ASSISTANT_HOME", str(folder))
    monkeypatch.setenv("ASSISTANT_OFFLINE", "1")
    for module, hook in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, hook, getattr(module, hook))
    monkeypatch.setattr(logging, "raiseExceptions", True)
    root = logging.getLogger()
    handlers = [handler for handler in root.handlers if not hasattr(handler, "of_assistant")]  # an earlier test's
    monkeypatch.setattr(root, "handlers", handlers.copy())
    yield folder
    logging.captureWarnings(False)
    for handler in set(root.handlers) - set(handlers):
        handler.close()


@pytest.fixture
def assistant(home: Path) -> Callable[..., Result]:
    """Runs ``assistant …`` in this process."""

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        return CliRunner().invoke(main, list(arguments), input=stdin, prog_name="assistant")

    return run


@pytest.fixture
def app(fake_app: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Commands open a small assistant that answers at once; the list holds each that was opened."""
    opened: list[Any] = []

    async def open_app(settings: Any, *, ahead: bool = False) -> Any:
        opened.append(fake_app())
        opened[-1].settings = settings
        prepare(opened[-1])
        return opened[-1]

    def prepare(app: Any) -> None:
        print("a plugin prints", file=sys.stdout)

    monkeypatch.setattr("assistant.terminal.loader.open_app", open_app)
    monkeypatch.setattr("assistant.terminal.loader.fetch_missing", lambda settings, needs, say: None)
    return opened
