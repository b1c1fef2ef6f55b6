"""Number of processor threads for models."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

__all__ = ["limited", "map_threads", "processors", "torch_threads"]

# While they wait for each other, threads should sleep, not spin: on a machine that also does something else, a
# picture then takes 16 ms instead of 800. The library reads this once, when torch is imported, which is later.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

S = TypeVar("S")
T = TypeVar("T")


def processors() -> int:
    """Processors this program may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def limited(threads: int) -> int:
    """So many threads, but at least one and never more than there are processors: each gets one to run on."""
    return max(1, min(threads, processors()))


def map_threads(threads: int, function: Callable[[S], T], items: Sequence[S]) -> list[T]:
    """``[function(item) for item in items]`` on so many threads; a single item takes none.

    For functions that leave the interpreter free while they compute. Each item is computed by one thread: dividing a
    short sentence among several costs more, in waiting for each other, than it saves.
    """
    if limited(threads) == 1 or len(items) < 2:
        return [function(item) for item in items]
    with ThreadPoolExecutor(limited(threads), "encode") as pool:
        return list(pool.map(function, items))


@contextmanager
def torch_threads(threads: int) -> Iterator[None]:
    """Let torch take so many threads here, but never more than there are processors.

    Args:
        threads: most threads to take.
    """
    import torch

    before, wanted = torch.get_num_threads(), limited(threads)
    if wanted == before:
        yield
        return
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
