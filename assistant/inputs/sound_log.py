"""What sound libraries write to the process's own standard error ("ALSA lib …: underrun occurred") goes to a file."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from assistant.folders import data_dir

__all__ = ["sound_library_lines_logged", "sound_library_log"]

MOST = 1_000_000
"""bytes after which the file begins anew"""


def sound_library_log() -> Path:
    """The file; it need not exist."""
    return data_dir() / "sound.log"


@contextlib.contextmanager
def sound_library_lines_logged(path: Path | None = None, *, all_lines: bool = False) -> Iterator[None]:
    """Sends what is written to standard error beneath Python to `sound_library_log`, or to `path`.

    What Python itself writes there is shown as before, unless `all_lines`.
    """
    try:
        sys.stderr.flush()
        kept = os.dup(2)
    except (OSError, AttributeError, ValueError):  # there is no standard error
        yield
        return
    before, shown = sys.stderr, None
    try:
        file = _opened(path or sound_library_log())
        os.dup2(file, 2)
        os.close(file)
        if not all_lines and getattr(before, "fileno", None) is not None and _is_standard_error(before):
            shown = sys.stderr = os.fdopen(os.dup(kept), "w", buffering=1, errors="replace")
        yield
    finally:
        if shown is not None:
            sys.stderr = before
            shown.close()
        with contextlib.suppress(OSError, ValueError):
            before.flush()
        os.dup2(kept, 2)
        os.close(kept)


def _opened(path: Path) -> int:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = os.O_TRUNC if path.is_file() and path.stat().st_size > MOST else 0
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | fresh, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def _is_standard_error(stream: object) -> bool:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return stream.fileno() == 2  # type: ignore[attr-defined, no-any-return]
    return False
