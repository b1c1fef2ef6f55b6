"""Locks on single bytes of a file, which end with the process that holds them."""

from __future__ import annotations

import errno
import logging
import os
import struct
from pathlib import Path

__all__ = ["FileLocks"]

logger = logging.getLogger(__name__)

BYTES = 2**62
"""positions in a file that may be locked; the file itself stays empty"""


class FileLocks:
    """Locks of numbers, each held by one process at a time.

    Where there can be no such locks (on Windows, on some network drives, in a folder that cannot be written), all are
    given, and the log says so.

    Args:
        path: the file, made when first needed, owner-only; None where there is nothing to share.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._handle: int | None = None

    def take(self, key: int) -> bool:
        """Take a lock; False when another process holds it."""
        return self._set(key, taken=True)

    def give_back(self, key: int) -> None:
        """Let go of a lock."""
        self._set(key, taken=False)

    def close(self) -> None:
        """Let go of all of them."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _set(self, key: int, *, taken: bool) -> bool:
        try:
            import fcntl
        except ImportError:
            return True
        if self._path is None:
            return True
        kind = fcntl.F_WRLCK if taken else fcntl.F_UNLCK
        # A lock of the open file, where there are such, and not of the process: two users within one keep apart.
        command = getattr(fcntl, "F_OFD_SETLK", fcntl.F_SETLK)
        try:
            handle = self._open(self._path)
            if command == fcntl.F_SETLK:
                how = fcntl.LOCK_EX | fcntl.LOCK_NB if taken else fcntl.LOCK_UN
                fcntl.lockf(handle, how, 1, key % BYTES)
            else:
                fcntl.fcntl(handle, command, struct.pack("hhqqi4x", kind, os.SEEK_SET, key % BYTES, 1, 0))
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                return False
            logger.warning("%s cannot be locked (%s): start one assistant at a time", self._path, error.strerror)
        return True

    def _open(self, path: Path) -> int:
        if self._handle is None:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._handle
