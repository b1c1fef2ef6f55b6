"""Limits concurrent requests and their pixels; further requests wait, then get 429."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from assistant.server.error_responses import ErrorResponse

__all__ = ["ConcurrencyLimiter", "PixelBudget"]


USUAL = 0.5
"""assumed seconds per request, until the first was measured"""


class ConcurrencyLimiter:
    """Serves so many requests at once; so many further ones may wait, and the next gets 429."""

    def __init__(self, places: int, waiting: int) -> None:
        self.draining = False
        """set when the server stops: new requests are refused"""
        self.inside = 0
        """requests accepted and not finished, served or waiting"""
        self.served = 0
        """requests being served"""
        self._places = places
        self._waiting = waiting
        self._places_free = asyncio.Semaphore(places)
        self._empty = asyncio.Event()
        self._empty.set()
        self._seconds = USUAL

    @property
    def waiting(self) -> int:
        """Requests that wait for a place or for their session."""
        return self.inside - self.served

    @property
    def retry_after(self) -> int:
        """Whole seconds after which a place should be free."""
        return max(1, math.ceil(self.inside * self._seconds / self._places))

    @property
    def full(self) -> bool:
        """Whether the next request is refused."""
        return self.draining or self.inside >= self._places + self._waiting

    def refusal(self) -> ErrorResponse:
        """The error for a refused request."""
        if self.draining:
            return ErrorResponse(503, "stopping", "This server is shutting down.", "Send it again in a moment.", 5)
        error = f"Too much to do: {self.served} requests are being answered and {self.waiting} wait."
        seconds = self.retry_after
        return ErrorResponse(429, "busy", error, f"Send it again in {seconds} s, as Retry-After says.", seconds)

    @asynccontextmanager
    async def entry(self) -> AsyncIterator[None]:
        """Accepts a request, to wait or be served, for the length of an ``async with``; raises `refusal` if `full`."""
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

    @asynccontextmanager
    async def admitted(self) -> AsyncIterator[None]:
        """Accepts a request, waits for a place, and holds it for the length of an ``async with``; see `entry`."""
        async with self.entry(), self.place():
            yield

    async def drain(self, seconds: float) -> int:
        """Refuses new requests and waits for the rest; returns how many are left when the time is up."""
        self.draining = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), seconds)
        return self.inside

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Waits for a place, and holds it for the length of an ``async with``."""
        async with self._places_free:
            self.served += 1
            began = time.monotonic()
            try:
                yield
            finally:
                self.served -= 1
                self._seconds += 0.2 * (time.monotonic() - began - self._seconds)


class PixelBudget:
    """Lets turns decode pictures in the order in which they came, so many pixels at a time; larger turns go alone."""

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
