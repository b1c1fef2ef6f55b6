"""The echo's reference: what was played and when, and its delay at the microphone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from assistant.types import FloatArray

__all__ = ["Delay", "DelayFinder", "Timeline"]

SAMPLE_RATE = 16_000
KEPT = 8.0
"""seconds of played sound that are remembered"""
JOINED = SAMPLE_RATE // 50
"""samples (20 ms) by which two stretches that follow each other may seem apart"""
CLEAR = 7.0
"""standard deviations by which a delay must stand out"""
CERTAIN = 20.0
"""standard deviations from which one look is enough"""
EARLIEST, LATEST = -SAMPLE_RATE // 10, 6 * SAMPLE_RATE // 10
"""samples (-0.1 and 0.6 s) between which the delay lies"""
AGREED = SAMPLE_RATE // 200
"""samples (5 ms) by which two looks may differ"""


class Timeline:
    """Holds played sound on the microphone's clock, with silence wherever nothing was played."""

    def __init__(self) -> None:
        self._ring: FloatArray = np.zeros(round(KEPT * SAMPLE_RATE), np.float32)
        self._end = 0  # sample number after the newest that was written
        self._known = False

    def put(self, samples: FloatArray, at: float) -> None:
        """Adds samples at 16 kHz whose first is heard at second `at`.

        What follows the last call within a few milliseconds is joined to it: a clock that trembles must not tear
        a word apart. What begins in the middle of what is known replaces it; what is older than is kept is dropped.
        """
        first = round(at * SAMPLE_RATE)
        if self._known and abs(first - self._end) < JOINED:
            first = self._end
        if not self._known or first > self._end:
            self._silence(first)
        samples = samples[max(0, self._end - len(self._ring) - first) :][-len(self._ring) :]
        end = first + len(samples)
        self._ring[np.arange(first, end) % len(self._ring)] = samples
        self._end, self._known = max(self._end, end), True

    def get(self, first: int, count: int) -> FloatArray:
        """(count,) samples from sample number `first` on."""
        wanted = np.arange(first, first + count)
        there = (wanted < self._end) & (wanted >= self._end - len(self._ring))
        return np.where(there, self._ring[wanted % len(self._ring)], np.float32(0))

    @property
    def end(self) -> int:
        """The sample number after the newest that is known."""
        return self._end

    def _silence(self, until: int) -> None:
        gap = min(until - self._end, len(self._ring)) if self._known else len(self._ring)
        self._ring[np.arange(until - gap, until) % len(self._ring)] = 0
        self._end = until


class Delay(NamedTuple):
    """A delay."""

    samples: int
    certain: bool
    """whether it stands out so far that one look is enough"""


class DelayFinder:
    """Finds the delay of the echo by generalised cross-correlation with phase transform.

    Source: Knapp and Carter, "The generalized correlation method for estimation of time delay", IEEE Trans. ASSP 24(4),
    1976.
    """

    WINDOW = SAMPLE_RATE
    """samples of the microphone that are compared (1 s)"""

    def __init__(self) -> None:
        self._before: int | None = None

    def look(self, microphone: FloatArray, timeline: Timeline, end: int) -> Delay | None:
        """Looks for the delay in the newest sound.

        Args:
            microphone: (n,) samples, `WINDOW` or fewer, the last of which is heard just before sample number `end`.

        Returns:
            the delay, when it is certain or two looks in a row agree on it; None when there is nothing to tell.
        """
        count = len(microphone) + LATEST - EARLIEST
        size = 1 << (count - 1).bit_length()
        played = timeline.get(end - len(microphone) - LATEST, count)
        if float(np.mean(played**2)) < 1e-7 or float(np.mean(microphone**2)) < 1e-9:
            return None
        cross = np.fft.rfft(microphone, size) * np.conj(np.fft.rfft(played, size))
        cross /= np.abs(cross) + np.float32(1e-9)
        # Lag L of the correlation is the delay counted from the earliest sample taken.
        correlation = np.fft.irfft(cross, size)
        lags = np.arange(EARLIEST, LATEST)
        values = correlation[(lags - LATEST) % size]
        best = int(np.argmax(values))
        clearness = float(values[best] / np.std(values))
        found, before = int(lags[best]), self._before
        self._before = found if clearness >= CLEAR else None
        if clearness >= CERTAIN:
            return Delay(found, True)
        agreed = self._before is not None and before is not None and abs(found - before) < AGREED
        return Delay(found, False) if agreed else None
