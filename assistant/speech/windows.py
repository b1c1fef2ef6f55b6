"""Where to cut a recording for Whisper, which hears at most 30 s at once: in the pauses."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.speech.activity import segments_of
from assistant.types import FloatArray

__all__ = ["Window", "cut_windows"]

LONGEST = 28.0
"""seconds: what Whisper hears at once, less a margin"""
PAUSE = 1.5
"""seconds of silence that always end a window"""
BEFORE, AFTER = 1.0, 0.6
"""seconds kept around speech; the detector wakes late, and a trimmed first word is a lost one"""


@dataclass(frozen=True)
class Window:
    """A stretch of a recording that is listened to at once."""

    start: float
    """seconds"""
    end: float
    """seconds"""
    spoken: float
    """seconds of it in which somebody speaks"""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


def cut_windows(probabilities: FloatArray, duration: float) -> list[Window]:
    """Cuts a recording of `duration` seconds, given its probabilities of speech per 32 ms, where nobody speaks.

    Returns:
        Windows in order, without the silence; none when nobody speaks. Who never pauses is cut at `LONGEST`.
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
        windows.append(Window(start, end, sum(stop - begin for begin, stop in group)))
    return windows


def _split(span: tuple[float, float], longest: float) -> list[tuple[float, float]]:
    """A span without a pause, in equal parts of at most `longest` seconds."""
    start, end = span
    parts = max(1, int(-(-(end - start) // longest)))
    step = (end - start) / parts
    return [(start + i * step, start + (i + 1) * step) for i in range(parts)]
