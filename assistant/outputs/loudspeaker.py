"""Replies to the loudspeaker, each begun while its end is still being made."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.errors import DeviceError
from assistant.inputs.audio_devices import close_stream, open_stream
from assistant.types import AudioClip, FloatArray

__all__ = ["BLOCK", "REFERENCE_RATE", "Block", "FirstSound", "Loudspeaker", "Played", "cut"]

FirstSound = Callable[[float], object]
"""called with the time at which a reply's first sample is heard"""
Played = Callable[[FloatArray, float], object]
"""called with (n,) float32 samples at 16 kHz and the time at which their first is heard"""

REFERENCE_RATE = 16_000
"""Hertz, as the microphone's"""
BLOCK = 0.02
"""seconds"""


@dataclass(frozen=True, eq=False)
class Block:
    """A stretch of a reply."""

    samples: FloatArray
    """(n,), float32, at the device's rate"""
    reference: FloatArray
    """(m,), float32, the same at `REFERENCE_RATE`"""


def cut(clip: AudioClip, rate: int) -> Iterator[Block]:
    """The clip, mono of any rate, in blocks of `BLOCK` seconds at `rate` Hertz; all beyond [-1, 1] is clipped."""
    samples, reference = _resampled(clip, rate), _resampled(clip, REFERENCE_RATE)
    step = max(1, round(rate * BLOCK))
    for at in range(0, len(samples), step):
        end = min(at + step, len(samples))
        between = slice(at * REFERENCE_RATE // rate, end * REFERENCE_RATE // rate)
        yield Block(samples[at:end], reference[between])


def _resampled(clip: AudioClip, rate: int) -> FloatArray:
    samples = np.clip(np.nan_to_num(clip.samples), -1.0, 1.0).astype(np.float32)
    if clip.sample_rate == rate or not len(samples):
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, clip.sample_rate, rate), np.float32)


LATENCY = 0.08
"""seconds of sound that PortAudio holds ahead: enough for a busy interpreter, thrown away when stopped"""
STALLED = 3.0
"""seconds without the device taking sound, after which it counts as gone"""
ASTRAY = 0.15
"""seconds of jitter allowed in a device's reported delay"""
AHEAD = 20.0
"""seconds of a reply that wait for the device; the maker of the reply waits for the rest"""


class Loudspeaker:
    """Plays replies as they are made, and falls silent at once on `stop`; see `FirstSound` and `Played`.

    Times are those of `time.monotonic` at which a sample leaves the device; callbacks run in the event loop.
    `device` is a name, part of one, or an index; "" is the system's default.
    """

    def __init__(self, device: str = "") -> None:
        self.on_first_sound: FirstSound | None = None
        self.on_played: Played | None = None
        self._device = device
        self._reply: _Reply | None = None
        self._turn = asyncio.Lock()

    def stop(self) -> None:
        """Fall silent within 50 ms; the rest of the reply is thrown away. No effect when nothing plays."""
        if self._reply is not None:
            self._reply.stop()

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Plays a reply, clip after clip; False when `stop` cut it short. Replies wait for each other.

        DeviceError when PortAudio or the device is missing, busy, or gone in the middle of a word.
        """
        async with self._turn:  # one that was stopped may still be letting go of the device
            self._reply = reply = _Reply(self._device, self._heard)
            try:
                return await reply.play(clips)
            finally:
                self._reply = None

    def _heard(self, reference: FloatArray, at: float, first: bool) -> None:
        if first and self.on_first_sound is not None:
            self.on_first_sound(at)
        if self.on_played is not None:
            self.on_played(reference, at)


class _Reply:
    """One reply on its way to the device: the event loop fills `_waiting`, PortAudio's thread empties it."""

    def __init__(self, device: str, heard: Callable[[FloatArray, float, bool], None]) -> None:
        self._device, self._heard = device, heard
        self._waiting: deque[Block] = deque()
        self._rest: FloatArray = np.zeros(0, np.float32)
        self._stopped, self._taken = asyncio.Event(), asyncio.Event()
        self._silent = self._begun = False
        self._ends = self._began_at = 0.0
        self._pulled_frames = 0
        self._pulled = time.monotonic()
        self._loop = asyncio.get_running_loop()
        self._rate = 48_000
        self._stream: Any = None

    def stop(self) -> None:
        self._silent = True  # PortAudio's thread sends silence from now on, whatever the event loop does meanwhile
        self._stopped.set()

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        await asyncio.to_thread(self._open)
        feeding = asyncio.ensure_future(self._feed(clips))
        stopping = asyncio.ensure_future(self._stopped.wait())
        try:
            while not self._stopped.is_set() and (not feeding.done() or self._sounding()):
                waited = {stopping} if feeding.done() else {stopping, feeding}
                await asyncio.wait(waited, timeout=BLOCK, return_when=asyncio.FIRST_COMPLETED)
                if feeding.done():
                    feeding.result()  # what the voice raised
                stalled = time.monotonic() - self._pulled > STALLED
                if (stalled or not self._stream.active) and self._sounding():
                    raise DeviceError("The loudspeaker disappeared during the reply; check that it is plugged in.")
            return not self._stopped.is_set()
        finally:
            self._silent = True
            feeding.cancel()
            stopping.cancel()
            await asyncio.gather(feeding, stopping, return_exceptions=True)
            await asyncio.to_thread(close_stream, self._stream)

    async def _feed(self, clips: AsyncIterator[AudioClip]) -> None:
        async for clip in clips:
            for block in cut(clip, self._rate):
                self._waiting.append(block)
            while len(self._waiting) * BLOCK > AHEAD:
                self._taken.clear()
                await self._taken.wait()

    def _sounding(self) -> bool:
        return bool(self._waiting) or len(self._rest) > 0 or time.monotonic() < self._ends

    def _open(self) -> None:
        def make(system: Any, device: str | int | None, about: Mapping[str, Any]) -> Any:
            self._rate = int(about["default_samplerate"])
            return system.OutputStream(self._rate, 0, device, 1, "float32", LATENCY, callback=self._fill)

        advice = "is it plugged in, and not in use? `assistant doctor` lists the loudspeakers"
        self._stream = open_stream("output", self._device, make, advice)
        self._pulled = time.monotonic()

    def _fill(self, out: FloatArray, frames: int, clock: Any, status: Any) -> None:
        """PortAudio's thread wants the next `frames` samples."""
        self._pulled = time.monotonic()
        at = self._time_of(self._pulled + max(0.0, clock.outputBufferDacTime - clock.currentTime))
        self._pulled_frames += frames
        filled = 0
        while filled < frames and not self._silent:
            if not len(self._rest):
                if not self._waiting:
                    break
                block = self._waiting.popleft()
                self._rest = block.samples
                self._tell(block.reference, at + filled / self._rate)
            taken = self._rest[: frames - filled]
            out[filled : filled + len(taken), 0] = taken
            self._rest = self._rest[len(taken) :]
            filled += len(taken)
        out[filled:] = 0
        if filled:
            self._ends = at + filled / self._rate

    def _time_of(self, stated: float) -> float:
        """Returns the time at which the next frame is heard, by the count of frames, as devices report unsteady times.

        A device that has lost the thread (an underrun) is believed again.
        """
        counted = self._began_at + self._pulled_frames / self._rate
        if not self._pulled_frames or abs(stated - counted) > ASTRAY:
            self._began_at = stated - self._pulled_frames / self._rate
            return stated
        return counted

    def _tell(self, reference: FloatArray, at: float) -> None:
        first, self._begun = not self._begun, True
        try:
            self._loop.call_soon_threadsafe(self._told, reference, at, first)
        except RuntimeError:  # the event loop has ended while the device was still closing
            self._silent = True

    def _told(self, reference: FloatArray, at: float, first: bool) -> None:
        self._taken.set()
        self._heard(reference, at, first)
