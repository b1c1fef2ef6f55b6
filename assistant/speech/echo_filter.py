"""An adaptive filter that learns the path from the loudspeaker through the room to the microphone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = ["EchoFilter"]

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
        """Predicts the echo, (block,) float32, of what has been played; `reference`, (block,), is the newest of it.

        Returns:
            (block,), float32.
        """
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
