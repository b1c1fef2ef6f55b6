"""Cuts a recording for Whisper, which reads at most 30 s at once; joins the frames of the parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from assistant.speech.activity import CHUNK, SAMPLE_RATE, segments_of
from assistant.types import Encoding, FloatArray

__all__ = ["Window", "cut_windows", "encoding_of", "own_frames", "split_window"]

LONGEST = 28.0
"""seconds: what Whisper hears at once, less a margin"""
PAUSE = 1.5
"""seconds of silence that always end a window"""
SHORTEST_SPLIT = 3.0
"""seconds from which a window is worth cutting in two"""
BEFORE, AFTER = 1.0, 0.6
"""seconds kept around speech; the detector wakes late, and a trimmed first word is a lost one"""
CHUNK_SECONDS = CHUNK / SAMPLE_RATE
VOICED = 3
"""chunks that reach a window's `voice`"""


@dataclass(frozen=True)
class Window:
    """A stretch of a recording that is listened to at once."""

    start: float
    """seconds"""
    end: float
    """seconds"""
    spoken: float
    """seconds of speech in it"""
    spans: tuple[tuple[float, float], ...] = ()
    """speech: start and end in seconds"""
    voice: float = 1.0
    """probability of speech that some of its chunks reach"""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


def cut_windows(probabilities: FloatArray, duration: float) -> list[Window]:
    """Cuts a recording of `duration` seconds, given its probabilities of speech per 32 ms, where there is no speech.

    The windows are in order, without the silence; speech without a pause is cut at `LONGEST`.
    """
    spans = segments_of(probabilities, duration, gap=0.2, pad=0.0)
    room = LONGEST - BEFORE - AFTER
    pieces = [piece for span in spans for piece in _split(span, room)]
    groups: list[list[tuple[float, float]]] = []
    for piece in pieces:
        group = groups[-1] if groups else None
        if group and piece[0] - group[-1][1] <= PAUSE and piece[1] - group[0][0] <= room:
            group.append(piece)
        else:
            groups.append([piece])
    windows: list[Window] = []
    for i, group in enumerate(groups):
        first, last = group[0][0], group[-1][1]
        start = max(first - BEFORE, (groups[i - 1][-1][1] + first) / 2 if i else 0.0)
        end = min(last + AFTER, (last + groups[i + 1][0][0]) / 2 if i + 1 < len(groups) else duration)
        chunks = probabilities[int(first / CHUNK_SECONDS) : int(last / CHUNK_SECONDS) + 1]
        voice = float(np.sort(chunks)[-VOICED:][0]) if len(chunks) else 0.0
        windows.append(Window(start, end, _spoken(group), tuple(group), voice))
    return windows


def split_window(window: Window) -> list[Window]:
    """Two parts of a window, cut in the pause nearest its middle; none without a pause, or where it is short."""
    middle = (window.start + window.end) / 2
    gaps = [(a[1], b[0]) for a, b in pairwise(window.spans)]
    if not gaps or window.seconds < SHORTEST_SPLIT:
        return []
    at = sum(min(gaps, key=lambda gap: abs(sum(gap) / 2 - middle))) / 2
    parts = []
    for start, end in ((window.start, at), (at, window.end)):
        spans = tuple(span for span in window.spans if start <= span[0] < end)
        parts.append(Window(start, end, _spoken(spans), spans, window.voice))
    return parts


def _spoken(spans: Sequence[tuple[float, float]]) -> float:
    return sum(stop - begin for begin, stop in spans)


def _split(span: tuple[float, float], longest: float) -> list[tuple[float, float]]:
    """A span without a pause, in equal parts of at most `longest` seconds."""
    start, end = span
    parts = max(1, int(-(-(end - start) // longest)))
    step = (end - start) / parts
    return [(start + i * step, start + (i + 1) * step) for i in range(parts)]


POOLED = 10
"""encoder frames (20 ms each) averaged into one token: 5 per second"""
MOST_TOKENS = 1_500
"""tokens an encoding has at most: 5 minutes at 5 per second, then coarser"""


def own_frames(window: Window, frames: FloatArray) -> FloatArray:
    """The frames of the window itself, without the margin after it."""
    return frames[: int(window.seconds * 50) + 1]


def encoding_of(parts: Sequence[tuple[float, FloatArray]], text: str) -> Encoding:
    """Frames of each window (start in seconds, (n, d)), averaged to at most `MOST_TOKENS` tokens."""
    total = sum(len(frames) for _, frames in parts)
    stride = max(POOLED, -(-total // MOST_TOKENS))
    rows: list[FloatArray] = []
    labels: list[str] = []
    for start, frames in parts:
        for at in range(0, len(frames), stride):
            rows.append(frames[at : at + stride].mean(axis=0))
            labels.append(f"{start + at / 50:.1f}")
    tokens = np.stack(rows).astype(np.float32)
    return Encoding(
        "audio", "whisper", tokens, np.ones(len(tokens), bool), tokens.mean(axis=0), text=text, labels=tuple(labels)
    )
