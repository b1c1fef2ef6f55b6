"""What the voice assistant did, line by line, in a file that only its owner may read and that never grows large."""

from __future__ import annotations

import contextlib
import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

from assistant.errors import StorageError
from assistant.events import Event
from assistant.folders import private_folder
from assistant.settings import data_dir
from assistant.voice.event_lines import lasting_line_of

__all__ = ["VoiceLog", "newest_lines", "voice_log"]

BYTES = 1_000_000
"""size at which the log is turned over; one older file is kept"""


def voice_log() -> Path:
    """The log's file; it need not exist."""
    return data_dir() / "voice.log"


class _OwnerOnly(RotatingFileHandler):
    def _open(self) -> object:  # type: ignore[override]
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="replace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """A full disk costs the lines, never the assistant."""


class VoiceLog:
    """Writes each event worth a line; give it to `Bus.listen`. A file that cannot be made is left out."""

    def __init__(self, path: Path | None = None) -> None:
        path = path or voice_log()
        self._handler: logging.Handler
        try:
            private_folder(path.parent)
            self._handler = _OwnerOnly(path, maxBytes=BYTES, backupCount=1)
        except (OSError, StorageError):
            self._handler = logging.NullHandler()
        self._handler.setFormatter(logging.Formatter("%(asctime)s  %(message)s"))

    def __call__(self, event: Event) -> None:
        """Write an event."""
        if line := lasting_line_of(event):
            self.write(line)

    def write(self, line: str) -> None:
        """Write a line of our own."""
        self._handler.handle(logging.LogRecord("voice", logging.INFO, "", 0, line, None, None))

    def close(self) -> None:
        """Close the file."""
        with contextlib.suppress(OSError):  # what could not be written before cannot now
            self._handler.close()


def newest_lines(count: int, path: Path | None = None) -> list[str]:
    """The log's newest lines, oldest first; none where there is no log."""
    path = path or voice_log()
    lines: list[str] = []
    for file in (path, path.with_name(path.name + ".1")):
        if len(lines) < count and file.is_file():
            lines = file.read_text("utf-8", "replace").splitlines() + lines
    return lines[-count:] if count > 0 else []
