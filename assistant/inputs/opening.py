"""Opens files that a user names."""

from __future__ import annotations

import os
import stat
from typing import BinaryIO

from assistant.errors import InputError

__all__ = ["open_file"]


def open_file(path: str | os.PathLike[str], kind: type[InputError], most: int | None = None) -> BinaryIO:
    """A file, open to be read; an InputError of this kind when it is missing, not regular, or over `most` bytes."""
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise kind(f"{path} is a folder; name a file in it")
        if not stat.S_ISREG(status.st_mode):  # a pipe or device might never end
            raise kind(f"{path} is not a regular file")
        if most is not None and status.st_size > most:
            raise kind(f"{path} is {status.st_size / 1e6:.0f} MB; up to {most / 1e6:.0f} MB are read", too_large=True)
        return open(path, "rb")
    except FileNotFoundError as error:
        raise kind(f"There is no file {path}") from error
    except (OSError, ValueError) as error:
        raise kind(f"{path} cannot be opened: {getattr(error, 'strerror', None) or error}") from error
