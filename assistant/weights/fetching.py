"""Shared by all sources: their error, the offline setting, and the check of a fetched file."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from assistant.errors import AssistantError
from assistant.weights.catalogue import WeightFile

__all__ = [
    "Advance",
    "Progress",
    "SourceFailed",
    "adopt",
    "offline",
    "remember_silent",
    "sha256_of",
    "was_silent",
    "watch_growth",
]

_LONGEST_REASON = 160
_REMEMBERED = 60.0
"""seconds for which a source that did not answer is not asked again, so that many models cost one wait"""
_silent_until: dict[str, float] = {}
"""source → `time.monotonic()`"""


class SourceFailed(AssistantError):
    """One source could not give a file; the next one is tried."""

    @classmethod
    def from_error(cls, error: BaseException) -> SourceFailed:
        """Shortens a foreign error to one line. A full disk is raised as it is: no other source could do better."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
                raise cause
            cause = cause.__cause__ or cause.__context__
        words = " ".join(str(error).split()) or type(error).__name__
        return cls(words if len(words) <= _LONGEST_REASON else words[:_LONGEST_REASON] + "…")


def offline() -> bool:
    """Returns whether the user forbids all network: ``ASSISTANT_OFFLINE=1``."""
    return os.environ.get("ASSISTANT_OFFLINE", "").lower() not in ("", "0", "false", "no", "off")


def was_silent(source: str) -> bool:
    """Returns whether a hub or registry did not answer within the last minute."""
    return _silent_until.get(source, 0.0) > time.monotonic()


def remember_silent(source: str) -> None:
    """Skips this hub or registry for a minute."""
    _silent_until[source] = time.monotonic() + _REMEMBERED


def sha256_of(path: Path) -> str:
    """The file's sha256 as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def adopt(path: Path, file: WeightFile, folder: Path, *, keep: bool = False) -> None:
    """Moves a fetched file into `folder` under its name; raises `SourceFailed` if it is not the catalogue's.

    Args:
        path: gone afterwards, unless `keep`: then it belongs to another program, and is copied.
    """
    try:
        size, digest = path.stat().st_size, sha256_of(path)
        if (size, digest) != (file.size, file.sha256):
            raise SourceFailed(
                f"gave another {file.name}: {size} bytes with sha256 {digest[:12]}…,"
                f" expected {file.size} with {file.sha256[:12]}…"
            )
        source = Path(shutil.copyfile(path, folder / f".{file.name}.copy")) if keep else path
        source.replace(folder / file.name)
    finally:
        if not keep:
            path.unlink(missing_ok=True)


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
