"""Short quiet tones that say "I listen", "done" and "something went wrong" without a word."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np

from assistant.types import AudioClip, FloatArray

__all__ = ["Chime", "chime"]

Chime = Literal["wake", "done", "error"]

RATE = 24_000
LOUDNESS = 0.12
"""peak; about -18 dB, well under speech"""

NOTES: dict[Chime, tuple[tuple[float, float, float], ...]] = {
    "wake": ((0.0, 587.33, 0.16), (0.07, 880.0, 0.2)),  # up a fifth: go ahead
    "done": ((0.0, 880.0, 0.16), (0.07, 587.33, 0.22)),  # down a fifth: that was all
    "error": ((0.0, 220.0, 0.2), (0.16, 207.65, 0.3)),  # a low half step
}
"""(begins, hertz, rings for), in seconds"""


@cache
def chime(kind: Chime) -> AudioClip:
    """The tone of that name, mono at 24 kHz, at most half a second long, peak `LOUDNESS`."""
    notes = NOTES[kind]
    samples = np.zeros(round(RATE * max(begin + rings for begin, _, rings in notes)), np.float64)
    for begin, hertz, rings in notes:
        at = round(RATE * begin)
        tone = _bell(hertz, rings)
        samples[at : at + len(tone)] += tone
    return AudioClip((LOUDNESS * samples / np.abs(samples).max()).astype(np.float32), RATE, f"chime {kind}")


def _bell(hertz: float, seconds: float) -> FloatArray:
    """A tone with one softer overtone that rises in 5 ms and fades to nothing."""
    t = np.arange(round(RATE * seconds)) / RATE
    rise = np.minimum(1.0, t / 0.005)
    fade = np.exp(-5.0 * t / seconds) * np.minimum(1.0, (seconds - t) / 0.02)
    tone = np.sin(2 * np.pi * hertz * t) + 0.25 * np.sin(4 * np.pi * hertz * t)
    return np.asarray(tone * rise * fade, np.float32)
