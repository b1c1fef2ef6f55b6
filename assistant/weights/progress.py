"""Reports how far a download is by watching what grows on the disk."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

__all__ = ["Progress", "watch_growth"]

_EVERY = 0.1
"""seconds between two looks"""


class Progress(Protocol):
    """Shows how a download goes; may be called from another thread, one call at a time."""

    def start(self, name: str, total_bytes: int) -> None:
        """Begins a download; called again with the same name when the next source is tried."""

    def advance(self, done_bytes: int) -> None:
        """Adds this many bytes."""

    def finish(self) -> None:
        """Ends the download, successful or not."""


def _bytes_in(path: Path) -> int:
    """Size of a file, or of all files in a folder."""
    total = 0
    for file in [path, *(Path(parent, name) for parent, _, names in os.walk(path) for name in names)]:
        with contextlib.suppress(OSError):  # not there yet, or a temporary file that has just gone
            total += 0 if file.is_dir() else file.stat().st_size
    return total


@contextlib.contextmanager
def watch_growth(path: Path, limit: int, progress: Progress | None) -> Iterator[None]:
    """Reports the growth of a file or folder while the block runs; success counts as all of `limit` bytes.

    Args:
        path: what the download makes grow.
        limit: bytes expected; no more than this is reported.
        progress: receives the figures, if given.
    """
    if progress is None:
        yield
        return
    seen, stop = 0, threading.Event()

    def report(size: int) -> None:
        nonlocal seen
        if (size := min(size, limit)) > seen:
            progress.advance(size - seen)
            seen = size

    def poll() -> None:
        while not stop.wait(_EVERY):
            report(_bytes_in(path))

    thread = threading.Thread(target=poll, name="download-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    report(limit)
