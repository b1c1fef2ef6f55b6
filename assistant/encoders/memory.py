"""Gives memory that is no longer used back to the system."""

from __future__ import annotations

import ctypes
from contextlib import suppress

__all__ = ["trim_memory"]


def trim_memory() -> None:
    """Return what reading a model's weights left free: hundreds of megabytes, which glibc keeps for later.

    Does nothing where the C library is another.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)
