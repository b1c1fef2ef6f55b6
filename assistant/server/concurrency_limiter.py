"""How many are served at once, how many may wait, and what the next one is told."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from assistant.server.error_responses import ErrorResponse

__all__ = ["ConcurrencyLimiter"]

USUAL = 0.5
"""seconds that one takes, until it is known"""


class ConcurrencyLimiter:
    """A bounded queue before a bounded room.

    Args:
        places: served at once.
        waiting: most that may wait; one more is refused.
    """

    def __init__(self, places: int, waiting: int) -> None:
        self.draining = False
        """set when the server is being stopped: nobody new is let in"""
        self.inside = 0
        """let in and not out yet, served or waiting"""
        self.served = 0
        """being served"""
        self._places = places
        self._waiting = waiting
        self._room = asyncio.Semaphore(places)
        self._empty = asyncio.Event()
        self._empty.set()
        self._seconds = USUAL

    @property
    def waiting(self) -> int:
        """Let in, and waiting for a place or for their session."""
        return self.inside - self.served

    @property
    def retry_after(self) -> int:
        """Whole seconds after which there should be room again."""
        return max(1, math.ceil(self.inside * self._seconds / self._places))

    @property
    def full(self) -> bool:
        """Whether the next one is refused."""
        return self.draining or self.inside >= self._places + self._waiting

    def refusal(self) -> ErrorResponse:
        """What one who is refused is told."""
        if self.draining:
            return ErrorResponse(503, "stopping", "This server is being stopped.", "Send it again in a moment.", 5)
        error = f"Too much to do: {self.served} requests are being answered and {self.waiting} wait."
        seconds = self.retry_after
        return ErrorResponse(429, "busy", error, f"Send it again in {seconds} s, as Retry-After says.", seconds)

    @asynccontextmanager
    async def entry(self) -> AsyncIterator[None]:
        """Let one in, to wait or to be served, for the length of an ``async with``.

        Raises:
            Problem: 429, there is no room; 503, the server is being stopped.
        """
        if self.full:
            raise self.refusal()
        self.inside += 1
        self._empty.clear()
        try:
            yield
        finally:
            self.inside -= 1
            if not self.inside:
                self._empty.set()

    async def drain(self, seconds: float) -> int:
        """Let nobody new in, and wait for those who are; returns how many are still there when the time is up."""
        self.draining = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), seconds)
        return self.inside

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it for the length of an ``async with``."""
        async with self._room:
            self.served += 1
            began = time.monotonic()
            try:
                yield
            finally:
                self.served -= 1
                self._seconds += 0.2 * (time.monotonic() - began - self._seconds)
