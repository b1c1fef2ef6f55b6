"""Files that are whole or absent, folders that one process at a time may fill, disks that are full."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from assistant.errors import StorageError

__all__ = ["disk_full", "locked", "sha256_of", "storage_errors", "write_atomically"]

_CHUNK = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)


def sha256_of(path: Path, *, flush: bool = False) -> str:
    """The file's sha256 as hexadecimal digits.

    Args:
        flush: also wait until the disk really has the file.
    """
    digest = hashlib.sha256()
    with path.open("rb+" if flush else "rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        if flush:
            os.fsync(file.fileno())
    return digest.hexdigest()


def write_atomically(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old one or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{id(text)}")
    try:
        draft.write_text(text, "utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock file; other processes and threads wait. The lock of a killed process is free at once."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # closing the file lets go
        yield


def disk_full(folder: Path) -> StorageError:
    """The error for a disk without room."""
    return StorageError(
        f"The disk is full: no room for models in {folder}; free some space, or set ASSISTANT_HOME to another disk."
    )


@contextlib.contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn what the operating system says about files into a `StorageError`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise disk_full(folder) from error
        raise StorageError(f"Models cannot be kept in {folder}: {error.strerror or error}") from error
