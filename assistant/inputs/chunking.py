"""Sound as a device or file has it, made mono and cut into chunks of 512 samples at 16 kHz."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from assistant.types import FloatArray

__all__ = ["CHUNK", "SAMPLE_RATE", "STANDARD_RATES", "Chunker", "Downmix", "RateWatch"]

CHUNK = 512
"""samples per chunk (32 ms): what the voice-activity model reads at a time"""
SAMPLE_RATE = 16_000
"""Hertz: what Whisper and the voice-activity model were trained on"""
STANDARD_RATES = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
"""Hertz: what sound devices run at"""


class Chunker:
    """Mixes down, resamples from `rate` Hertz without seams, and cuts."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._resampler: Any = None
        if rate != SAMPLE_RATE:
            import soxr

            self._resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
        self._rest: FloatArray = np.zeros(0, np.float32)

    def feed(self, frames: FloatArray) -> Iterator[FloatArray]:
        """Takes what the device sent, (n, channels) or (n,); yields the chunks of (512,) float32 that are complete.

        Numbers that are none become silence, and too large ones are clipped to [-1, 1].
        """
        mono = frames.mean(axis=1) if frames.ndim > 1 and frames.shape[1] else frames.reshape(-1)
        mono = np.clip(np.nan_to_num(mono, posinf=1.0, neginf=-1.0), -1.0, 1.0).astype(np.float32)
        if self._resampler is not None:
            mono = np.clip(self._resampler.resample_chunk(mono), -1.0, 1.0)
        whole = np.concatenate([self._rest, mono])
        cut = len(whole) - len(whole) % CHUNK
        self._rest = whole[cut:]
        for at in range(0, cut, CHUNK):
            yield whole[at : at + CHUNK]


class RateWatch:
    """Notices, looking every `window` seconds, a device that sends at another rate than it says."""

    def __init__(self, rate: int, window: float = 8.0) -> None:
        self._rate, self._window = rate, window
        self._frames, self._since = 0, -1.0
        self._before: int | None = None

    def look(self, frames: int, now: float) -> int | None:
        """Counts frames that came by second `now`; Hertz if two looks in a row found the same other standard rate."""
        if self._since < 0:
            self._since = now  # what came first may have waited
            return None
        self._frames += frames
        if now - self._since < self._window:
            return None
        measured = self._frames / (now - self._since)
        nearest = min(STANDARD_RATES, key=lambda rate: abs(rate - measured))
        found = nearest if abs(measured / nearest - 1) < 0.02 and abs(nearest / self._rate - 1) > 0.04 else None
        sure = found if found == self._before else None
        self._frames, self._since, self._before = 0, now, found
        self._rate = sure or self._rate
        return sure


AUDIBLE = 0.003
"""root mean square, of full scale, from which channels are compared"""
CANCELS = 0.1
"""energy of the sum over that of the channels below which they cancel each other out"""

APART = 0.9
"""gain, of 0.5 for the same in both channels to 1, from which two channels hold different things"""


class Downmix:
    """Mixes the channels of one recording.

    Channels that hold the same are averaged. Two that hold different things, as the sides of a call, stay two; more are
    added, so that no voice becomes quieter. Channels that cancel each other out, as of a microphone wired in antiphase,
    are not mixed: the louder one is taken. The first audible stretch decides, and a cancelling one whenever it comes.
    """

    def __init__(self) -> None:
        self._gain: float | None = None
        self._channel: int | None = None

    def mix(self, block: FloatArray) -> FloatArray:
        """One channel or two sides, (n, 1 or 2) float32, also above 1, of a block (n, channels) float32."""
        if block.shape[1] == 1:
            return block
        if self._channel is None:
            self._look(block)
        if self._channel is not None:
            return np.ascontiguousarray(block[:, self._channel, None])
        if block.shape[1] == 2 and self._gain is not None and self._gain > APART:
            return block
        gain = 1 / block.shape[1] if self._gain is None else self._gain
        mono: FloatArray = (block.sum(axis=1, keepdims=True) * np.float32(gain)).astype(np.float32)
        return mono

    def _look(self, block: FloatArray) -> None:
        if not len(block):
            return
        energies = np.square(block, dtype=np.float64).mean(axis=0)
        total = float(energies.sum())
        if not np.isfinite(total) or total < AUDIBLE**2:
            return
        ratio = float(np.square(block.sum(axis=1), dtype=np.float64).mean()) / total
        if ratio < CANCELS:
            self._channel = int(energies.argmax())
        elif self._gain is None:  # the ratio is the number of channels where they are equal, and 1 where they differ
            self._gain = 1 / min(max(ratio, 1.0), block.shape[1])
