"""Ends listening even when no sound comes in at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from assistant.voice.clock import SourceClock

__all__ = ["watch_microphone"]

DEAF = 2.0
"""seconds without a chunk after which the microphone counts as silent"""


async def watch_microphone(
    clock: SourceClock, gone: Callable[[], object], still_gone: Callable[[float], object]
) -> None:
    """Calls `gone` once when a live microphone falls silent, and `still_gone` with the seconds since its last call."""
    gap = False
    while clock.live:
        await asyncio.sleep(DEAF / 2)
        silent = clock.wall() - clock.heard_at > DEAF
        if silent and not gap:
            gone()
        gap = silent
        if silent:
            still_gone(DEAF / 2)
