"""How far a download is, seen from outside: by watching what grows on the disk."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Protocol

__all__ = ["Progress", "Watch"]


class Progress(Protocol):
    """Told how a download goes; may be called from another thread, one call at a time."""

    def start(self, name: str, total_bytes: int) -> None:
        """A download begins; again with the same name when the next source is tried."""
        ...

    def advance(self, done_bytes: int) -> None:
        """So many bytes more have arrived."""
        ...

    def finish(self) -> None:
        """The download is over, well or not."""
        ...


def _bytes_in(path: Path) -> int:
    """Size of a file, or of all files in a folder."""
    files = [path, *(Path(parent, name) for parent, _, names in os.walk(path) for name in names)]
    total = 0
    for file in files:
        with contextlib.suppress(OSError):  # not there yet, or a temporary file that has just gone
            total += 0 if file.is_dir() else file.stat().st_size
    return total


class Watch:
    """Reports the growth of a file or folder while the block runs; the block's success counts as all of it.

    Args:
        path: what the download makes grow.
        limit: bytes expected; never more than this is reported.
        progress: who is told, if anyone.
    """

    def __init__(self, path: Path, limit: int, progress: Progress | None, every: float = 0.1) -> None:
        self._path, self._limit, self._progress, self._every = path, limit, progress, every
        self._seen = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll, name="download-progress", daemon=True)

    def __enter__(self) -> Watch:
        if self._progress is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is None:
            return
        self._stop.set()
        self._thread.join()
        if kind is None:
            self._report(self._limit)

    def _poll(self) -> None:
        while not self._stop.wait(self._every):
            self._report(_bytes_in(self._path))

    def _report(self, seen: int) -> None:
        seen = min(seen, self._limit)
        if self._progress is not None and seen > self._seen:
            self._progress.advance(seen - self._seen)
            self._seen = seen
