"""The rolling pre-buffer: what was heard just now, so that nothing is lost between the wake word and the decision."""

from __future__ import annotations

from collections import deque

import numpy as np

from assistant.types import FloatArray

__all__ = ["SoundBuffer", "decibels"]

SAMPLE_RATE = 16_000


def decibels(samples: FloatArray) -> float:
    """Root mean square, dB below full scale; -100 for silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return 10 * float(np.log10(max(power, 1e-10)))


class SoundBuffer:
    """The newest seconds of a stream, addressed by the stream's own clock.

    Args:
        kept: seconds kept when nobody needs more.
        most: seconds kept at most.
    """

    def __init__(self, kept: float = 2.0, most: float = 40.0) -> None:
        self._kept, self._most = int(kept * SAMPLE_RATE), int(most * SAMPLE_RATE)
        self._chunks: deque[FloatArray] = deque()
        self._begin = self._end = 0
        self.keep_from: float | None = None
        """second from which everything is kept; None when nobody needs it"""

    def add(self, chunk: FloatArray) -> None:
        """Take the next chunk; the oldest go."""
        self._chunks.append(chunk)
        self._end += len(chunk)
        wanted = self._end - self._kept
        if self.keep_from is not None:
            wanted = min(wanted, max(int(self.keep_from * SAMPLE_RATE), self._end - self._most))
        while self._chunks and self._begin + len(self._chunks[0]) <= wanted:
            self._begin += len(self._chunks.popleft())

    def cut(self, start: float, end: float) -> FloatArray:
        """The samples between two seconds, (n,) float32; less when they are gone or not there yet."""
        if not self._chunks:
            return np.zeros(0, np.float32)
        samples = np.concatenate(self._chunks)
        first, last = (max(0, round(second * SAMPLE_RATE) - self._begin) for second in (start, end))
        return samples[first:last]
