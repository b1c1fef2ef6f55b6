"""Returns unused memory to the system."""

from __future__ import annotations

import ctypes
import errno
from contextlib import suppress

__all__ = ["lacks_memory", "trim_memory"]


def trim_memory() -> None:
    """Return freed memory, of which glibc keeps hundreds of megabytes after weights or large pictures were read.

    Does nothing where the C library is another.
    """
    with suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def lacks_memory(error: BaseException) -> bool:
    """Returns whether an error says that memory ran out: Python's, the system's, or that of a library in C++."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return any(sign in str(error) for sign in ("bad_alloc", "llocat", "pthread"))
