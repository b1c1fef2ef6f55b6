"""What all sources share: how one fails, and how a fetched file is taken in."""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

from assistant.errors import AssistantError
from assistant.weights.catalogue import WeightFile
from assistant.weights.disk import sha256_of

__all__ = ["SourceFailed", "adopt", "forget_silence", "offline", "remember_silent", "was_silent"]

_LONGEST_REASON = 160
_REMEMBERED = 60.0
"""seconds for which somebody who did not answer is not asked again, so that many models cost one wait"""
_silent_until: dict[str, float] = {}
"""who → `time.monotonic()`"""


class SourceFailed(AssistantError):
    """One source could not give a file; the next one is tried."""

    @classmethod
    def from_error(cls, error: BaseException) -> SourceFailed:
        """In the words of a foreign error. A full disk is raised as it is: no other source could do better."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
                raise cause
            cause = cause.__cause__ or cause.__context__
        words = " ".join(str(error).split()) or type(error).__name__
        return cls(words if len(words) <= _LONGEST_REASON else words[:_LONGEST_REASON] + "…")


def offline() -> bool:
    """Whether the user forbids all network: ``ASSISTANT_OFFLINE=1``."""
    return os.environ.get("ASSISTANT_OFFLINE", "").lower() not in ("", "0", "false", "no", "off")


def was_silent(who: str) -> bool:
    """Whether a hub or registry left us waiting a moment ago."""
    return _silent_until.get(who, 0.0) > time.monotonic()


def remember_silent(who: str) -> None:
    """Do not ask this hub or registry again for a while."""
    _silent_until[who] = time.monotonic() + _REMEMBERED


def forget_silence() -> None:
    """Ask everybody again, as after a change of network."""
    _silent_until.clear()


def adopt(path: Path, file: WeightFile, folder: Path, *, keep: bool = False) -> None:
    """Take a fetched file in under its name, if it is the right one.

    Args:
        path: the fetched file; gone afterwards, unless `keep`.
        keep: it belongs to somebody else; copy it.

    Raises:
        SourceFailed: its size or sha256 is not that of the catalogue.
    """
    try:
        size, digest = path.stat().st_size, sha256_of(path)
        if (size, digest) != (file.size, file.sha256):
            raise SourceFailed(
                f"gave another {file.name}: {size} bytes with sha256 {digest[:12]}…,"
                f" expected {file.size} with {file.sha256[:12]}…"
            )
        if keep:
            draft = folder / f".{file.name}.copy"
            shutil.copyfile(path, draft)
            os.replace(draft, folder / file.name)
        else:
            os.replace(path, folder / file.name)
    finally:
        if not keep:
            path.unlink(missing_ok=True)
