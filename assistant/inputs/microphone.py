"""Sound from the microphone, in chunks or as one clip."""

from __future__ import annotations

import asyncio
import contextlib
import queue
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any

import numpy as np

from assistant.errors import DeviceError
from assistant.inputs.audio_devices import close_stream, open_stream
from assistant.inputs.chunking import CHUNK, SAMPLE_RATE
from assistant.types import AudioClip, FloatArray

__all__ = ["CHUNK", "Microphone", "Recordings", "record", "record_until"]


class Microphone:
    """An open microphone; iterate over it for chunks of `CHUNK` samples, float32 at 16 kHz.

    Chunks wait in a bounded queue; when they are not taken in time, the oldest are dropped and counted in `dropped`.

    Raises:
        DeviceError: on entering: PortAudio or the device is missing or busy; while reading: the device is gone.
    """

    def __init__(self, device: str = "", waiting: int = 256) -> None:
        self.dropped = 0
        self._device = device
        self._chunks: queue.Queue[FloatArray] = queue.Queue(waiting)
        self._stream: Any = None

    def __enter__(self) -> Microphone:
        def make(system: Any, device: str | int | None, about: object) -> Any:
            return system.InputStream(SAMPLE_RATE, CHUNK, device, channels=1, dtype="float32", callback=self._receive)

        advice = "is it plugged in, and not in use? `assistant doctor` lists the microphones"
        self._stream = open_stream("input", self._device, make, advice)
        return self

    def __exit__(self, *error: object) -> None:
        close_stream(self._stream)

    def __iter__(self) -> Iterator[FloatArray]:
        while True:
            try:
                yield self._chunks.get(timeout=3.0)
            except queue.Empty:
                raise DeviceError("The microphone has stopped sending sound; plug it in again") from None

    def _receive(self, data: FloatArray, frames: int, time: Any, status: Any) -> None:
        if self._chunks.full():
            self.dropped += 1
            with contextlib.suppress(queue.Empty):
                self._chunks.get_nowait()
        self._chunks.put_nowait(np.ascontiguousarray(data[:, 0]))


def record(seconds: float, device: str = "") -> AudioClip:
    """Record for so many seconds; raises as `Microphone` does."""
    return record_until(lambda chunk: False, seconds, device)


def record_until(done: Callable[[FloatArray], bool], most: float, device: str = "") -> AudioClip:
    """Record until ``done(chunk)`` of the newest chunk, or `most` seconds passed; raises as `Microphone` does."""
    parts: list[FloatArray] = []
    with Microphone(device) as microphone:
        for chunk in microphone:
            parts.append(chunk)
            if len(parts) * CHUNK >= most * SAMPLE_RATE or done(chunk):
                break
    samples = np.concatenate(parts)[: int(most * SAMPLE_RATE)]
    return AudioClip(np.clip(samples, -1, 1), SAMPLE_RATE, f"microphone {device}".strip())


LEAST_SILENCE = 1.0
"""seconds of silence after the last recording, so that a word at its very end can end"""


class Recordings:
    """Plays recordings, mono at 16 kHz, one after another, with `gap` seconds of silence after each; drops nothing.

    In real time a chunk comes every 32 ms, else as fast as they are taken. After the last one `patience` seconds of
    silence follow at most, until `over` says so.
    """

    def __init__(
        self, clips: Iterable[AudioClip], *, realtime: bool = False, gap: float = 0.5, patience: float = 120.0
    ) -> None:
        self.dropped = 0
        self.came = None
        self.over: Callable[[], bool] = lambda: True
        """asked after the last recording: whether enough silence has followed"""
        self.began: Callable[[AudioClip], object] = lambda clip: None
        """called with each recording as it begins"""
        self._clips, self._realtime = clips, realtime
        self._gap, self._patience = gap, patience

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        loop = asyncio.get_running_loop()
        begins = loop.time()
        for count, chunk in enumerate(self._chunks(), 1):
            if self._realtime:
                await asyncio.sleep(max(0.0, begins + count * CHUNK / SAMPLE_RATE - loop.time()))
            yield chunk

    def _chunks(self) -> Iterable[FloatArray]:
        for clip in self._clips:
            self.began(clip)
            silence = np.zeros(int(self._gap * SAMPLE_RATE) + -len(clip.samples) % CHUNK, np.float32)
            yield from _cut(np.concatenate([clip.samples.astype(np.float32), silence]))
        for i in range(int(self._patience * SAMPLE_RATE / CHUNK)):
            if i * CHUNK >= LEAST_SILENCE * SAMPLE_RATE and self.over():
                return
            yield np.zeros(CHUNK, np.float32)


def _cut(samples: FloatArray) -> Iterable[FloatArray]:
    for at in range(0, len(samples) - CHUNK + 1, CHUNK):
        yield samples[at : at + CHUNK]
