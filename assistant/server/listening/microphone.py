"""Sound that comes over the network, as the voice loop's source."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Literal

import numpy as np

from assistant.errors import AudioError
from assistant.inputs.chunking import CHUNK, Chunker
from assistant.types import FloatArray

__all__ = ["RATES", "Format", "RemoteMicrophone"]

Format = Literal["pcm16", "opus"]
RATES = (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
"""Hertz that are taken"""
KEPT = 10.0
"""seconds that wait for the loop: enough for what a network held back; of more, the oldest are dropped"""
CATCH_UP = 1.0
"""seconds for which no more sound is taken from a client that sends faster than the loop listens"""
PAUSE = 0.5
"""seconds without sound after which the sound's clock is reset, as after a key was released"""


class RemoteMicrophone:
    """Takes messages of sound in `feed`, and yields chunks of 512 samples, float32 at 16 kHz.

    A message is "pcm16" (little-endian, mono, at `rate` Hertz, AudioError when that is none of `RATES`) or an "opus"
    packet. `on_pause` is called before the first chunk after a pause.
    """

    def __init__(self, kind: Format, rate: int, on_pause: Callable[[], object]) -> None:
        if rate not in RATES:
            raise AudioError(f"The rate {rate} Hz is not supported; send {', '.join(map(str, RATES))}.")
        self.dropped = 0
        self.came = None
        self._decode = _OpusDecoder() if kind == "opus" else _pcm16
        self._chunker = Chunker(16_000 if kind == "opus" else rate)
        self._on_pause = on_pause
        self._chunks: deque[FloatArray] = deque()
        self._most = int(KEPT * 16_000 / CHUNK)
        self._came, self._heard = asyncio.Event(), asyncio.Event()
        self._heard.set()
        self._fed_at = time.monotonic()
        self._closed = False

    def feed(self, message: bytes) -> None:
        """Takes the next message of sound; AudioError for one that does not fit the announced format."""
        samples = self._decode(message)
        now = time.monotonic()
        if now - self._fed_at > PAUSE and not self._chunks:
            self._on_pause()
        self._fed_at = now
        for chunk in self._chunker.feed(samples):
            if len(self._chunks) >= self._most:
                self._chunks.popleft()
                self.dropped += 1
            self._chunks.append(chunk)
        if self._chunks:
            self._came.set()
            self._heard.clear()

    async def room(self) -> None:
        """Waits, at most `CATCH_UP` seconds, until the loop has caught up with a burst of sound."""
        if len(self._chunks) > self._most // 2:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), CATCH_UP)

    async def heard(self) -> None:
        """Waits until the loop has taken all sound that came so far, so that a command does not overtake it."""
        await self._heard.wait()

    def close(self) -> None:
        """Ends the source after the remaining sound."""
        self._closed = True
        self._came.set()

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        """Yields chunks as they come, until `close`."""
        while True:
            while self._chunks:
                yield self._chunks.popleft()
            self._heard.set()
            if self._closed:
                return
            self._came.clear()
            await self._came.wait()


def _pcm16(message: bytes) -> FloatArray:
    if len(message) % 2:
        raise AudioError(f"{len(message)} bytes are not whole 16-bit samples; the message was dropped.")
    return np.asarray(np.frombuffer(message, "<i2") / 32_768, np.float32)


class _OpusDecoder:
    """Decodes packets to mono float32 at 16 kHz; a damaged one is an error, and the next is read again."""

    def __init__(self) -> None:
        import av

        self._av = av
        self._codec: Any = av.CodecContext.create("opus", "r")
        self._resampler: Any = av.AudioResampler("flt", "mono", 16_000)

    def __call__(self, message: bytes) -> FloatArray:
        try:
            frames = self._codec.decode(self._av.Packet(message)) if message else []
            parts = [part.to_ndarray()[0] for frame in frames for part in self._resampler.resample(frame)]
        except (self._av.FFmpegError, ValueError) as error:
            raise AudioError("The message is not a whole Opus packet; it was dropped.") from error
        return np.asarray(np.concatenate([np.zeros(0), *parts]), np.float32)
