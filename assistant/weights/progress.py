"""Reports how far a download is by watching what grows on the disk."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["Advance", "Progress", "watch_growth"]

_EVERY = 0.1
"""seconds between two looks"""


Progress = Callable[[str, int, int], None]
"""gets the name of a model, bytes that have arrived, and bytes to come in all; from any thread, one call at a time.
Another source of the same model begins at 0 again"""
Advance = Callable[[int], None]
"""gets the bytes that have arrived since it was called last"""


def _bytes_in(path: Path) -> int:
    """Size of a file, or of all files in a folder."""
    total = 0
    for file in [path, *(Path(parent, name) for parent, _, names in os.walk(path) for name in names)]:
        with contextlib.suppress(OSError):  # not there yet, or a temporary file that has just gone
            total += 0 if file.is_dir() else file.stat().st_size
    return total


@contextlib.contextmanager
def watch_growth(path: Path, limit: int, advance: Advance) -> Iterator[None]:
    """Reports the growth of a file or folder while the block runs; success counts as all of `limit` bytes."""
    seen, stop = 0, threading.Event()

    def report(size: int) -> None:
        nonlocal seen
        if (size := min(size, limit)) > seen:
            advance(size - seen)
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
