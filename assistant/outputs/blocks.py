"""A reply cut into short blocks, each beside what the microphone will hear of it: the echo canceller's reference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from assistant.types import AudioClip, FloatArray

__all__ = ["BLOCK", "REFERENCE_RATE", "Block", "FirstSound", "Played", "cut"]

FirstSound = Callable[[float], object]
"""told the time at which a reply's first sample is heard"""
Played = Callable[[FloatArray, float], object]
"""told (n,) float32 samples at 16 kHz and the time at which their first is heard"""

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
