"""The lines typed before, in a file that only its owner may read."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from prompt_toolkit.history import FileHistory, History, InMemoryHistory

from assistant.errors import StorageError
from assistant.folders import private_folder

__all__ = ["open_line_history"]

MAX_BYTES = 1_000_000
"""size above which the older half of the file is deleted"""

MAX_LINE = 4_000
"""characters of the longest line that is remembered"""

logger = logging.getLogger(__name__)


class _LineHistory(FileHistory):
    def store_string(self, string: str) -> None:
        if len(string) > MAX_LINE:
            return
        try:
            super().store_string(string.replace("\x00", ""))
        except (OSError, UnicodeEncodeError):  # failing to store a line must not end the conversation
            logger.warning("a line could not be remembered", exc_info=True)


def open_line_history(path: Path) -> History:
    """The history in that file; one in memory where no file can be written."""
    try:
        private_folder(path.parent)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600))
        path.chmod(0o600)
        _shorten(path)
    except (OSError, StorageError):
        return InMemoryHistory()
    return _LineHistory(str(path))


def _shorten(path: Path) -> None:
    if path.stat().st_size <= MAX_BYTES:
        return
    lines = path.read_bytes()[-MAX_BYTES // 2 :]
    start = lines.find(b"\n# ")  # each entry begins with its date behind a "# "
    path.write_bytes(lines[start:] if start >= 0 else b"")
