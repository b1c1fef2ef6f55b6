"""The two sides of a call, each by itself: of their sum, Whisper writes down one and may leave out the other."""

from __future__ import annotations

import numpy as np

from assistant.speech.activity import SAMPLE_RATE, speech_segments
from assistant.types import AudioClip, FloatArray

__all__ = ["sides_of"]

SPEAKS = 0.3
"""seconds of speech from which a side is listened to"""
LEAKS = 0.7
"""correlation of the sides, at the best delay, from which one holds the voice of the other"""
DELAY = int(0.3 * SAMPLE_RATE)
"""samples at most by which a voice comes later on the other side"""
STEP = SAMPLE_RATE // 4
"""samples in which that is looked at"""


def sides_of(clip: AudioClip) -> list[AudioClip]:
    """A clip's sides, where both speak; otherwise the clip itself.

    What a side holds of the other's voice, as through a loudspeaker beside a microphone, is silence there.
    """
    if len(clip.sides) != 2:
        return [clip]
    sides = [
        AudioClip(_without_leaks(here, there), clip.sample_rate, clip.source)
        for here, there in (clip.sides, clip.sides[::-1])
    ]
    spoken = [sum(end - start for start, end in speech_segments(side, pad=0.0)) for side in sides]
    return sides if min(spoken) >= SPEAKS else [clip]


def _without_leaks(here: FloatArray, there: FloatArray) -> FloatArray:
    """One side, silent where it is a softer copy of the other, perhaps delayed."""
    kept = here.copy()
    loud = np.concatenate([np.zeros(DELAY, np.float32), there])
    for at in range(0, len(here), STEP):
        part, other = here[at : at + STEP], loud[at : at + STEP + DELAY]
        own = float(np.dot(part, part))
        if not own or own > float(np.dot(other, other)):
            continue
        size = 2 ** int(np.ceil(np.log2(len(part) + len(other))))
        alike = np.fft.irfft(np.fft.rfft(other, size) * np.fft.rfft(part, size).conj(), size)[: DELAY + 1]
        sums = np.concatenate([[0.0], np.cumsum(np.square(other, dtype=np.float64))])
        energies = sums[len(part) :] - sums[: -len(part)]
        best = int(np.argmax(np.abs(alike[: len(energies)]) / np.sqrt(energies + 1e-9)))
        if energies[best] > own and abs(alike[best]) > LEAKS * np.sqrt(own * energies[best]):
            kept[at : at + STEP] = 0.0
    return kept
