"""How many processor threads a forward pass takes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["processors", "torch_threads"]

SMALL = 192
"""word pieces; below this a second thread costs more, in waiting for each other, than it does"""


def processors() -> int:
    """Processors this program may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def torch_threads(threads: int, pieces: int = SMALL) -> Iterator[None]:
    """Let torch take so many threads here, but never more than there are processors, and one for little work.

    Threads that outnumber the free processors spin while they wait for each other: on a busy machine a sentence
    then takes fifty times as long as with one thread.

    Args:
        threads: most threads to take.
        pieces: how much work there is, in word pieces; pictures are always enough.
    """
    import torch

    before = torch.get_num_threads()
    wanted = 1 if pieces < SMALL else max(1, min(threads, processors()))
    if wanted == before:
        yield
        return
    torch.set_num_threads(wanted)
    try:
        yield
    finally:
        torch.set_num_threads(before)
