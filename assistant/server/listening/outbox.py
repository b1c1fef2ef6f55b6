"""Bounded queue to one client: events, and replies as sound a little ahead of time."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import numpy as np
from starlette.websockets import WebSocket

from assistant.outputs.loudspeaker import Block, cut
from assistant.types import AudioClip, FloatArray

__all__ = ["Outbox", "RemoteLoudspeaker"]

MOST = 600
"""messages that wait: 10 s of sound and its events"""
HALF = MOST // 2
"""messages from which on what can be left out is left out"""
STUCK = 20.0
"""seconds that one message may wait for the client to read"""
SKIPPED = frozenset({"dropped", "level", "partial"})
"""events that are left out for a client that reads too slowly"""


class Outbox:
    """Sends messages in order; a client that reads too slowly loses levels and partials, then its connection."""

    def __init__(self, socket: WebSocket) -> None:
        self.dropped = 0
        self._socket = socket
        self._waiting: deque[dict[str, Any] | bytes] = deque()
        self._came = asyncio.Event()
        self._overflowed = False

    def put(self, message: Mapping[str, Any] | bytes) -> None:
        """Takes a message to be sent; returns at once."""
        skippable = not isinstance(message, bytes) and message["type"] in SKIPPED
        if len(self._waiting) >= (HALF if skippable else MOST):
            self.dropped += 1
            self._overflowed = self._overflowed or not skippable
        else:
            self._waiting.append(message if isinstance(message, bytes) else dict(message))
        self._came.set()

    def drop_sound(self) -> None:
        """Leaves out sound that was not sent yet: it was interrupted."""
        self._waiting = deque(message for message in self._waiting if not isinstance(message, bytes))

    async def run(self) -> None:
        """Sends until it is cancelled; TimeoutError when the client does not read."""
        while True:
            while self._waiting:
                message = self._waiting.popleft()
                async with asyncio.timeout(STUCK):
                    if isinstance(message, bytes):
                        await self._socket.send_bytes(message)
                    else:
                        await self._socket.send_json(message)
            if self._overflowed:
                raise TimeoutError
            self._came.clear()
            await self._came.wait()


AHEAD = 0.3
"""seconds of sound that are sent before they are heard, against a network that stutters"""


class RemoteLoudspeaker:
    """`assistant.voice.interfaces.Player` over an outbox: ``audio``, then binary PCM16 of `rate` Hertz, ``audio_end``.

    ``audio_stop`` tells the client to throw away what it has not played.
    """

    def __init__(self, outbox: Outbox, rate: int) -> None:
        self.on_first_sound: Callable[[float], object] | None = None
        self.on_played: Callable[[FloatArray, float], object] | None = None
        self._outbox, self._rate = outbox, rate
        self._stopped: asyncio.Event | None = None

    def stop(self) -> None:
        """Tells the client to fall silent; no effect when nothing plays."""
        if self._stopped is not None and not self._stopped.is_set():
            self._stopped.set()
            self._outbox.drop_sound()
            self._outbox.put({"type": "audio_stop"})

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Sends clips one after another, in their own time; False when `stop` cut them short."""
        stopped = self._stopped = asyncio.Event()
        unheard: deque[tuple[float, Block]] = deque()
        at: float | None = None
        try:
            async for clip in clips:
                for block in cut(clip, self._rate):
                    if stopped.is_set():
                        return False
                    at = self._begin() if at is None else max(at, time.monotonic())
                    self._outbox.put((block.samples * 32_767).astype("<i2").tobytes())
                    unheard.append((at, block))
                    at += len(block.samples) / self._rate
                    await self._heard(unheard, at - AHEAD, stopped)
            await self._heard(unheard, at or 0.0, stopped)
            if not stopped.is_set():
                self._outbox.put({"type": "audio_end"})
            return not stopped.is_set()
        finally:
            if self._stopped is stopped:
                self._stopped = None

    def _begin(self) -> float:
        now = time.monotonic()
        self._outbox.put({"type": "audio", "rate": self._rate})
        if self.on_first_sound is not None:
            self.on_first_sound(now)
        return now

    async def _heard(self, unheard: deque[tuple[float, Block]], until: float, stopped: asyncio.Event) -> None:
        """Waits until a moment, and announces meanwhile which sound is audible."""
        while not stopped.is_set():
            while unheard and unheard[0][0] <= time.monotonic():
                began, block = unheard.popleft()
                if self.on_played is not None:
                    self.on_played(np.asarray(block.reference, np.float32), began)
            left = until - time.monotonic()
            if left <= 0:
                return
            try:
                await asyncio.wait_for(stopped.wait(), min(left, 0.02))
            except TimeoutError:
                continue
