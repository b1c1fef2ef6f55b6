"""The microphone, for one sentence or for days: when it goes away, it is looked for, and comes back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from assistant.errors import DeviceError
from assistant.inputs.audio_devices import close_stream, open_stream, rescan, sounddevice
from assistant.inputs.chunking import CHUNK, SAMPLE_RATE, Chunker, RateWatch
from assistant.types import AudioClip, FloatArray

__all__ = ["DeviceChange", "LiveMicrophone", "record", "record_until"]

BLOCK = 0.032
"""seconds of sound that PortAudio hands over at a time"""
STOPPED = 3.0
"""seconds without sound after which a microphone counts as gone"""
RETRY = (0.5, 1.0, 2.0, 4.0, 8.0)
"""seconds between attempts to open it; the last goes on for ever"""
ONCE = "is it plugged in, and not in use? `assistant doctor` lists the microphones"
SLEPT = 1.0
"""seconds of suspend from which what was heard before has nothing to do with what comes"""


@dataclass(frozen=True)
class DeviceChange:
    """Something happened to the microphone."""

    kind: Literal["lost", "found", "rate", "gap"]
    """gone; here again; sends at another rate than it said; the machine has slept"""
    text: str
    """the same for people, one line"""


class LiveMicrophone:
    """Iterate over it with ``async for``: chunks of (512,) float32 at 16 kHz, without an end.

    It is opened at the device's own rate and channels. What is not taken in time is dropped, oldest first, and
    counted. A device that is missing, goes away, stops sending or reports a wrong rate is reported to `on_change` in
    the event loop, and looked for again after `retry` seconds, for ever; only a missing PortAudio raises. Without
    any `retry` each of these is a DeviceError.
    """

    def __init__(
        self,
        device: str = "",
        *,
        on_change: Callable[[DeviceChange], object] | None = None,
        waiting: float = 8.0,
        retry: tuple[float, ...] = RETRY,
    ) -> None:
        self.dropped = 0
        """chunks lost because they were not taken in time"""
        self.came: float | None = None
        """when the newest chunk came, on the monotonic clock"""
        self.on_change = on_change
        self._device, self._retry = device, retry
        self._advice = "I keep trying" if retry else ONCE
        self._blocks: deque[tuple[FloatArray, float]] = deque()  # each with the second at which it came
        self._most = max(1, round(waiting / BLOCK))
        self._arrived = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._rate = 0
        self._lost = ""

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        """Chunks, for ever."""
        self._loop = asyncio.get_running_loop()
        sounddevice("input")
        attempt = 0
        while True:
            self._blocks.clear()
            try:
                stream = await asyncio.to_thread(self._open)
            except DeviceError as error:
                self._lose(str(error))
                await asyncio.sleep(self._retry[min(attempt, len(self._retry) - 1)])
                attempt += 1
                await asyncio.to_thread(rescan)
                continue
            attempt = 0
            try:
                async for chunk in self._listen(stream):
                    yield chunk
            finally:
                await asyncio.to_thread(close_stream, stream)
            await asyncio.to_thread(rescan)

    async def _listen(self, stream: Any) -> AsyncIterator[FloatArray]:
        """Chunks until the device is gone."""
        chunker, watch, slept = Chunker(self._rate), RateWatch(self._rate), _slept()
        while True:
            if not await self._block_came():
                self._lose(f"The microphone {self._device or '(default)'} sends no sound any more; {self._advice}")
                return
            if _slept() - slept > SLEPT:
                self._blocks.clear()
                self._tell("gap", "The computer has slept; I listen again")
                return  # few devices live through it
            if self._lost:
                self._lost = ""
                self._tell("found", "The microphone is here again")
            block, came = self._blocks.popleft()
            self.came = came
            if (rate := watch.look(len(block), came)) is not None:
                self._tell(
                    "rate", f"The microphone sends at {rate} Hz though it says {chunker.rate}; I go by what it sends"
                )
                chunker, watch = Chunker(rate), RateWatch(rate)
            for chunk in chunker.feed(block):
                yield chunk

    async def _block_came(self) -> bool:
        """Wait for a block; False when none came for `STOPPED` seconds."""
        try:
            async with asyncio.timeout(STOPPED):
                while not self._blocks:  # what set the event may be taken already
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return False
        return True

    def _open(self) -> Any:
        def make(system: Any, device: str | int | None, about: Mapping[str, Any]) -> Any:
            self._rate = int(about["default_samplerate"])
            channels = max(1, min(int(about["max_input_channels"]), 2))
            block = round(self._rate * BLOCK)
            return system.InputStream(self._rate, block, device, channels, "float32", callback=self._receive)

        return open_stream("input", self._device, make, self._advice)

    def _receive(self, data: FloatArray, frames: int, clock: Any, status: Any) -> None:
        """PortAudio's thread brings a block."""
        if len(self._blocks) >= self._most:
            self.dropped += 1
            with contextlib.suppress(IndexError):
                self._blocks.popleft()
        self._blocks.append((np.array(data, np.float32), time.monotonic()))
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the event loop has ended, and the stream not yet
                self._loop.call_soon_threadsafe(self._arrived.set)

    def _lose(self, text: str) -> None:
        if not self._retry:
            raise DeviceError(text)
        if self._lost != text:  # each reason once, however often it is tried
            self._lost = text
            self._tell("lost", text)

    def _tell(self, kind: Literal["lost", "found", "rate", "gap"], text: str) -> None:
        if self.on_change is not None:
            self.on_change(DeviceChange(kind, text))


def _slept() -> float:
    """Seconds that the machine has slept since it was started; 0 where that cannot be known."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)


def record(seconds: float, device: str = "") -> AudioClip:
    """Record for so many seconds; see `record_until`."""
    return record_until(lambda chunk: False, seconds, device)


def record_until(done: Callable[[FloatArray], bool], most: float, device: str = "") -> AudioClip:
    """Record until ``done(chunk)`` of the newest chunk, or `most` seconds passed; no event loop may run in this thread.

    Raises:
        DeviceError: PortAudio or the device is missing or busy, or sends no sound.
    """

    async def listen() -> FloatArray:
        parts: list[FloatArray] = []
        async with contextlib.aclosing(aiter(LiveMicrophone(device, retry=()))) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                parts.append(chunk)
                if len(parts) * CHUNK >= most * SAMPLE_RATE or done(chunk):
                    break
        return np.concatenate(parts)[: int(most * SAMPLE_RATE)]

    return AudioClip(asyncio.run(listen()), SAMPLE_RATE, f"microphone {device}".strip())
