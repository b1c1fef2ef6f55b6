"""Aligns spoken words with the recording, so that an explanation can mark them there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.explanation.findings import Moment, Passage
from assistant.types import AudioClip, FloatArray, Transcript

__all__ = ["place_words"]

STEP = 0.02
"""seconds: one frame of Whisper's encoder"""
QUIET = 26.0
"""decibels below the loudest frame of a stretch from which it counts as silence"""

PAUSE = 10
"""quiet frames that no word lasts over"""


def place_words(passage: Passage, transcript: Transcript, clip: AudioClip) -> tuple[Moment, ...]:
    """Place the words of a transcript in its clip.

    Whisper gives the span of a group of words; within it, the frames in which a person
    speaks are shared out among the words by their letters.
    """
    moments: list[Moment] = []
    at = 0
    for start, end, said in transcript.segments or ((0.0, clip.duration, passage.text),):
        begin = passage.text.find(said, at)
        if begin < 0:
            continue
        at = begin + len(said)
        words = [w for w in passage.words if begin <= w.start < at and any(map(str.isalnum, w.text))]
        places = _places(_loudness(clip, start, end), [len(word.text) + 1 for word in words])
        moments += [Moment(w.text, start + a, start + b, w.weight) for w, (a, b) in zip(words, places, strict=True)]
    return tuple(moments)


def _loudness(clip: AudioClip, start: float, end: float) -> FloatArray:
    """(n,): decibels of each frame."""
    step = max(1, int(STEP * clip.sample_rate))
    samples = clip.samples[int(start * clip.sample_rate) : int(end * clip.sample_rate)]
    count = max(1, len(samples) // step)
    frames = np.resize(samples, count * step).reshape(count, step) if len(samples) else np.zeros((1, 1), np.float32)
    decibels: FloatArray = (10 * np.log10(np.mean(frames.astype(np.float64) ** 2, axis=1) + 1e-10)).astype(np.float32)
    return decibels


def _places(loudness: FloatArray, letters: Sequence[int]) -> list[tuple[float, float]]:
    """Seconds at which each word begins and ends: each has its share of the frames that are spoken."""
    frames = np.flatnonzero(loudness > loudness.max() - QUIET)
    ends = np.round(np.cumsum(letters) / max(sum(letters), 1) * len(frames)).astype(int).tolist()
    begins = [min(begin, len(frames) - 1) for begin in (0, *ends[:-1])]
    shares = [frames[begin : max(end, begin + 1)] for begin, end in zip(begins, ends, strict=True)]
    # No word spans a pause: of its frames, the longest run without one counts.
    runs = [max(np.split(share, np.flatnonzero(np.diff(share) > PAUSE) + 1), key=len) for share in shares]
    return [(STEP * float(run[0]), STEP * float(run[-1] + 1)) for run in runs]
