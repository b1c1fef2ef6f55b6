"""How many processor threads a forward pass takes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["processors", "torch_threads"]

# While they wait for each other, threads should sleep, not spin: on a machine that also does something else, a
# picture then takes 16 ms instead of 800. The library reads this once, when torch is imported, which is later.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

SMALL = 192
"""word pieces; below this a second thread costs more, in waiting for each other, than it does"""


def processors() -> int:
    """Processors this program may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@contextmanager
def torch_threads(threads: int, pieces: int = SMALL) -> Iterator[None]:
    """Let torch take so many threads here, but never more than there are processors, and one for little work.

    So that no thread ever waits for one that has no processor to run on.

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
