"""Gives memory that is no longer used back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress

__all__ = ["trim_memory"]


def trim_memory() -> None:
    """Return freed memory, of which glibc keeps hundreds of megabytes after weights or large pictures were read.

    Does nothing where the C library is another.
    """
    with suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
