"""The sound's clock (samples so far), its mapping to the wall's, flow control, and events with their second."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from assistant.bus import Bus
from assistant.events import Event, Notice

__all__ = ["Announcer", "FlowControl", "SourceClock"]

SAMPLE_RATE = 16_000
REMEMBERED = 30
"""seconds over which the mapping is watched, so that a sound card that runs a little fast or slow does no harm"""
LOST = 0.3
"""seconds by which all sound of a second must be later than before to have a gap before it"""


class SourceClock:
    """Counts seconds of sound and maps them to the wall's clock, which never runs backwards.

    A chunk may arrive late, never early: the earliest arrival of the last half minute gives the offset of the clocks.
    A source that says when a chunk came tells sound that waited for us from sound that never came: a device that
    stumbled. A recording that is not `live` is read as fast as possible and is never late.
    """

    def __init__(self, wall: Callable[[], float] = time.monotonic, *, live: bool = True) -> None:
        self.now = 0.0
        """seconds of sound so far"""
        self.wall, self.live = wall, live
        self.heard_at = wall()
        """wall time of the newest chunk"""
        self.missing = 0.0
        """seconds of sound, just before the newest chunk or the second before it, that never came"""
        self._offset, self._waited = 0.0, -1.0
        self._offsets: deque[tuple[int, float]] = deque()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = count()

    @property
    def lag(self) -> float:
        """Seconds that the newest chunk waited before it was heard: above 0.5 we are too slow."""
        waited = self._waited if self._waited >= 0 else self.heard_at - self.now - self._offset
        return max(0.0, waited) if self.live else 0.0

    def advance(self, samples: int, came: float | None = None) -> float:
        """Counts the samples of a chunk, which came at `came` if that is known; returns the second at which it ends."""
        self.now += samples / SAMPLE_RATE
        self.heard_at = self.wall()
        self._waited = -1.0 if came is None else self.heard_at - came
        offset, second = (self.heard_at if came is None else came) - self.now, int(self.now)
        if self._offsets and self._offsets[-1][0] == second:
            self._offsets[-1] = (second, min(offset, self._offsets[-1][1]))
        else:
            self._offsets.append((second, offset))
            while self._offsets[0][0] < second - REMEMBERED:
                self._offsets.popleft()
        self._offset = min(value for _, value in self._offsets)
        self.missing = 0.0 if came is None else self._gap(second)
        self._wake()
        return self.now

    def _gap(self, second: int) -> float:
        """Seconds of sound that never came; the mapping then restarts after them."""
        newest = [each for each in self._offsets if each[0] >= second - 1]
        offset = min(value for _, value in newest)
        gap = offset - self._offset
        if len(newest) < 2 or gap < LOST:
            return 0.0
        self._offsets, self._offset = deque(newest), offset
        return gap

    def skip(self) -> None:
        """Starts a new mapping after a loss of sound: the device was away, or the machine slept."""
        self._offsets.clear()

    def second_of(self, wall: float) -> float:
        """The second on the sound's clock of a moment on the wall's."""
        return wall - self._offset if self.live else self.now - (self.wall() - wall)

    def wall_of(self, second: float) -> float:
        """The moment on the wall's clock of a second of sound; of recent sound, if it is not live."""
        return second + self._offset if self.live else self.wall() - (self.now - second)

    async def sleep(self, seconds: float) -> None:
        """Waits for so many seconds of sound."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), future))
        await future

    def _wake(self) -> None:
        while self._sleepers and self._sleepers[0][0] <= self.now + 1e-6:
            future = heapq.heappop(self._sleepers)[2]
            if not future.done():
                future.set_result(None)


class FlowControl:
    """Pauses a recording that is read faster than real time while something is computed."""

    def __init__(self) -> None:
        self._count = 0
        self._free = asyncio.Event()
        self._free.set()

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Pauses the source for the length of this ``with``."""
        self._count += 1
        self._free.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self._free.set()

    async def free(self) -> None:
        """Waits until nothing is computed."""
        await asyncio.sleep(0)
        while self._count:
            await self._free.wait()
            await asyncio.sleep(0)


class Announcer:
    """Publishes the events of one conversation, each with the second of sound at which it happened."""

    def __init__(self, bus: Bus, session: str, clock: SourceClock) -> None:
        self.session, self.bus = session, bus
        self._clock = clock

    def __call__(self, kind: type[Event], **values: Any) -> None:
        """Publishes an event with these values, floats rounded to three digits; `second` is now unless it is given."""
        fields = {"session": self.session, "second": self._clock.now, **values}
        rounded = {name: round(value, 3) if isinstance(value, float) else value for name, value in fields.items()}
        self.bus.publish(kind(**rounded))

    def notice(self, text: str) -> None:
        """Publishes a line for the user to read."""
        self.bus.publish(Notice(text=text))
