"""Sound from the microphone, in chunks or as one clip."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from assistant.errors import DeviceError
from assistant.inputs.audio_devices import close_stream, open_stream
from assistant.inputs.chunking import CHUNK, SAMPLE_RATE
from assistant.types import AudioClip, FloatArray

__all__ = ["CHUNK", "Microphone", "record", "record_until"]


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
