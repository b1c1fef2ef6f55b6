"""The reference of the echo canceller: the sound played, its delay at the microphone, and the filter between."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = ["Delay", "DelayFinder", "EchoFilter", "Timeline"]

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

        What follows the last call within a few milliseconds is joined to it: clock jitter must not tear
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
        """The delay in the newest sound, when it is certain or two looks in a row agree on it; else None.

        `microphone` has `WINDOW` samples or fewer, the last of which is heard just before sample number `end`.
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


ComplexArray = NDArray[np.complex64]

FORGETTING = 0.9993
"""how much of a room is the same 32 ms later (its square is A² in equation 9 of Kuech et al.)"""
SMOOTHING = 0.85
"""of the power of all that is not echo, from block to block"""
UNCERTAIN = 1.0
"""variance of each weight at the start: an echo as loud as the reference is thinkable"""
LOOSE = 0.1
"""share of the weights' power that becomes variance after a move"""
TINY = 1e-6


class EchoFilter:
    """A partitioned-block frequency-domain adaptive filter whose step is a Kalman gain.

    The step of every frequency is small where little of the reference sounds and where much else is heard, so that
    speech on top of the echo does not spoil what was learned. Overlap-save, with the gradient constrained.

    Sources: Soo and Pang, "Multidelay block frequency domain adaptive filter", IEEE Trans. ASSP 38(2), 1990; Enzner
    and Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control", Signal Processing 86(6), 2006;
    Kuech, Mabande and Enzner, "State-space architecture of the partitioned-block-based acoustic echo controller",
    ICASSP 2014.
    """

    def __init__(self, block: int = 512, partitions: int = 8) -> None:
        self._block, self._partitions = block, partitions
        self.reset()

    def reset(self) -> None:
        """Forgets the room."""
        bins = self._block + 1
        self._weights: ComplexArray = np.zeros((self._partitions, bins), np.complex64)
        self._variance: FloatArray = np.full((self._partitions, bins), UNCERTAIN, np.float32)
        self._spectra: ComplexArray = np.zeros((self._partitions, bins), np.complex64)
        self._last: FloatArray = np.zeros(self._block, np.float32)
        self._other: FloatArray = np.full(bins, TINY, np.float32)

    def loosen(self) -> None:
        """Raises the weights' variance: the echo may lie a fraction of a sample beside where it was."""
        power = np.abs(self._weights) ** 2
        self._variance = np.maximum(self._variance, LOOSE * power.sum(axis=0) / self._partitions)

    def predict(self, reference: FloatArray) -> FloatArray:
        """The echo predicted of what has been played, (block,) float32; `reference`, (block,), is the newest of it."""
        self._spectra = np.roll(self._spectra, 1, axis=0)
        self._spectra[0] = np.fft.rfft(np.concatenate([self._last, reference]))
        self._last = reference
        whole = np.fft.irfft(np.sum(self._spectra * self._weights, axis=0))
        return np.asarray(whole[self._block :], np.float32)

    def learn(self, error: FloatArray) -> None:
        """Corrects the filter by the error of its prediction, (block,) float32: microphone minus prediction."""
        spectrum = np.fft.rfft(np.concatenate([np.zeros_like(error), error])).astype(np.complex64)
        power = np.abs(self._spectra) ** 2
        self._other += (1 - SMOOTHING) * (np.abs(spectrum) ** 2 - self._other)
        expected = np.sum(power * self._variance, axis=0) + 2 * self._other + TINY
        step = self._variance / expected
        gradient = np.fft.irfft(step * np.conj(self._spectra) * spectrum)
        gradient[:, self._block :] = 0  # what would wrap around
        self._weights += np.fft.rfft(gradient).astype(np.complex64)
        kept = FORGETTING**2
        self._variance *= kept * (1 - 0.5 * step * power)
        self._variance += (1 - kept) * np.abs(self._weights) ** 2
