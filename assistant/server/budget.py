"""Bounds what the pictures of all turns in hand take of the memory."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

__all__ = ["PixelBudget"]


class PixelBudget:
    """Lets turns decode their pictures while there is room, in the order in which they came.

    Args:
        pixels: that may be decoded at a time; more than that is given to one turn alone.
    """

    def __init__(self, pixels: float) -> None:
        self._pixels = pixels
        self._taken = 0
        self._line: deque[asyncio.Event] = deque()

    @asynccontextmanager
    async def room(self, pixels: int) -> AsyncIterator[None]:
        """Wait for room, and hold it for the length of an ``async with``."""
        turn = asyncio.Event()
        self._line.append(turn)
        try:
            while self._line[0] is not turn or (self._taken and self._taken + pixels > self._pixels):
                turn.clear()
                await turn.wait()
        finally:
            self._line.remove(turn)
            self._wake()
        self._taken += pixels
        self._wake()
        try:
            yield
        finally:
            self._taken -= pixels
            self._wake()

    def _wake(self) -> None:
        if self._line:
            self._line[0].set()
