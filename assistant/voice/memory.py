"""Memory that is free, and that the system's allocator would keep."""

from __future__ import annotations

import ctypes
import ctypes.util
import gc
from functools import cache
from typing import Any

__all__ = ["give_memory_back"]


def give_memory_back() -> None:
    """Return freed memory to the system.

    Every sentence is of another length, and so are the arrays it needs: what they leave behind is full of holes that
    the C library does not return by itself. Without this a daemon grows by some megabytes an hour for nothing.
    Nothing happens where the C library cannot do it.
    """
    gc.collect()
    library = _library()
    if library is not None:
        library.malloc_trim(0)


@cache
def _library() -> Any:
    name = ctypes.util.find_library("c")
    try:
        library = ctypes.CDLL(name) if name else None
    except OSError:
        return None
    return library if hasattr(library, "malloc_trim") else None
