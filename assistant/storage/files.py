"""Files that only their owner may read."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from assistant.errors import StorageError

__all__ = ["private_folder", "storage_errors", "write_private"]


@contextmanager
def storage_errors(what: str) -> Iterator[None]:
    """Turn an operating-system error into one clear `StorageError` line about `what`."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(f"The disk is full: cannot write {what}. Free some space and try again.") from error
        reason = error.strerror or type(error).__name__
        raise StorageError(
            f"Cannot write {what}: {reason}. Check the folder's rights, or set ASSISTANT_HOME."
        ) from error


def private_folder(path: Path) -> Path:
    """Make a folder (and its parents) that only the owner may enter; an existing one keeps its rights.

    Raises:
        StorageError: it cannot be made.
    """
    with storage_errors(str(path)):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file that only the owner may read, whole or not at all.

    Raises:
        StorageError: the disk is full, or the folder cannot be written.
    """
    private_folder(path.parent)
    with storage_errors(str(path)):
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                write(file)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
