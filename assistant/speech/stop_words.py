"""Spots "stop", "quiet", "enough", 停, "halt", "arrête" … in a stream, a twentieth of a second after their end.

A small convolutional network reads the last second as a log-mel spectrogram. Its weights come with the assistant;
``assistant train stop-words`` makes them.
"""

from __future__ import annotations

from collections import deque
from functools import cache
from pathlib import Path

import numpy as np

from assistant.types import FloatArray

__all__ = ["BANDS", "FRAMES", "HOP", "WEIGHTS", "StopWords", "log_mel", "network", "normalized"]

WEIGHTS = Path(__file__).parent / "weights" / "stop_words.safetensors"
SAMPLE_RATE, HOP, SIZE = 16_000, 256, 512
BANDS, FRAMES = 40, 64
"""of the spectrogram; 64 frames of 16 ms are a second"""
LOWEST, HIGHEST = 80.0, 7600.0
"""Hertz"""
RANGE = 8.0
"""nepers below the loudest band from which all counts as silence"""
SPOTTED = 0.75
"""probability, averaged over `STEPS` chunks, from which the word was said"""
STEPS = 2
OWN = 0.35
"""averaged probability from which the assistant's own voice resembles the word itself"""
CLEARLY = 0.3
"""by how much what is heard must surpass it then: what an echo canceller leaves of a word never does"""
OWN_FRAMES = 48
"""frames (0.8 s) for which such a resemblance may be heard"""
HEARD, NEEDED = 24, 4
"""of so many chunks (0.8 s), as many must hold another voice: what an echo canceller leaves has no loudness here"""
CERTAIN, LASTING = 0.9, 4
"""probability, in so many chunks (0.13 s) one after another, from which another voice said a word though none was
noticed: what a canceller learns of a new room while a word is said hides that word"""
IN_FLIGHT = 24
"""chunks (0.8 s) for which the end of a reply that was cut is still on its way to the microphone"""
REFRACTORY = 30
"""chunks (1 s) after a word in which none is spotted"""


class StopWords:
    """Spots stop words chunk by chunk; OSError or SafetensorError when the weights are missing or damaged."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        from safetensors.numpy import load_file

        self._weights = {name: array.astype(np.float32) for name, array in load_file(path).items()}
        self.reset()

    def reset(self) -> None:
        """Forgets the sound so far."""
        self._heard, self._own = _Spectrum(FRAMES), _Spectrum(FRAMES + OWN_FRAMES)
        self._newest: deque[float] = deque([0.0] * LASTING, LASTING)
        self._others: deque[bool] = deque(maxlen=HEARD)
        self._rest = self._cut = 0
        self._unknown = False

    def forget_own(self) -> None:
        """Forgets the assistant's speech and its echo: it was interrupted, and half a word followed by
        silence may sound like anything."""
        self._own, self._cut = _Spectrum(FRAMES + OWN_FRAMES), IN_FLIGHT

    def process(self, chunk: FloatArray, own: FloatArray | None = None, *, another: bool | None = True) -> bool:
        """Returns whether a stop word ends in a chunk, (512,) float32 at 16 kHz, with the assistant's voice removed.

        Args:
            own: the same stretch of what the loudspeaker plays; None where none of it is heard.
            another: whether another voice than the assistant's may be heard in it; None where that is not known yet.
        """
        if another is not None and self._unknown:
            self._others.clear()  # the scores so far say nothing about the known echo
        self._unknown = another is None
        self._others.append(another is not False)
        spectrogram = self._heard.add(chunk)
        self._cut = max(0, self._cut - 1)
        self._own.add(np.zeros_like(chunk) if own is None or self._cut else own)
        self._rest = max(0, self._rest - 1)
        self._newest.append(0.0 if self._rest else self.probability(spectrogram))
        score = sum(list(self._newest)[-STEPS:]) / STEPS
        likely = score >= SPOTTED and sum(self._others) >= NEEDED
        if not (likely or min(self._newest) >= CERTAIN) or self._says_it_itself(score):
            return False
        self._rest = REFRACTORY
        return True

    def probability(self, spectrogram: FloatArray) -> float:
        """The probability that a stop word ends at the end of a log-mel spectrogram, (FRAMES, BANDS)."""
        return float(network(self._weights, normalized(spectrogram)[None])[0])

    def _says_it_itself(self, score: float) -> bool:
        """Returns whether the assistant has just said something that sounds as much like a stop word as the input."""
        windows = np.lib.stride_tricks.sliding_window_view(self._own.frames, FRAMES, axis=0)[::2].swapaxes(1, 2)
        scores = network(self._weights, normalized(windows))
        own = float(np.max(scores[1:] + scores[:-1])) / STEPS  # averaged as those of what is heard
        return own >= OWN and score < own + CLEARLY


class _Spectrum:
    """The log-mel spectrogram of the newest sound."""

    def __init__(self, count: int) -> None:
        self.frames: FloatArray = np.full((count, BANDS), np.log(1e-6), np.float32)
        self._samples: FloatArray = np.zeros(SIZE - HOP, np.float32)

    def add(self, chunk: FloatArray) -> FloatArray:
        """Appends a chunk of a multiple of `HOP` samples; returns (count, BANDS)."""
        samples = np.concatenate([self._samples, chunk])
        self._samples = samples[-(SIZE - HOP) :]
        self.frames = np.concatenate([self.frames, log_mel(samples)])[-len(self.frames) :]
        return self.frames


def log_mel(samples: FloatArray) -> FloatArray:
    """(n,) float32 at 16 kHz to ((n - 256) // 256, BANDS) natural logarithms of power."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, SIZE)[::HOP] * np.hanning(SIZE).astype(np.float32)
    power = np.abs(np.fft.rfft(windows, axis=1)) ** 2
    return np.asarray(np.log(power.astype(np.float32) @ _filters() + np.float32(1e-6)), np.float32)


def normalized(spectrogram: FloatArray) -> FloatArray:
    """(…, FRAMES, BANDS) without its loudness: the loudness of a voice does not matter."""
    loudest = spectrogram.max(axis=(-2, -1), keepdims=True)
    floored = np.maximum(spectrogram, loudest - np.float32(RANGE))
    return np.asarray((floored - floored.mean(axis=(-2, -1), keepdims=True)) / np.float32(2.0), np.float32)


def network(weights: dict[str, FloatArray], spectrograms: FloatArray) -> FloatArray:
    """Normalized spectrograms, (n, FRAMES, BANDS), to probabilities, (n,)."""
    x = _relu(_convolved(spectrograms, weights["first.weight"], weights["first.bias"], stride=2))
    for block in range(sum(name.startswith("depth.") for name in weights) // 2):
        depth, bias = weights[f"depth.{block}.weight"], weights[f"depth.{block}.bias"]
        y = np.einsum("ntck,ck->ntc", _windows(x, depth.shape[1]), depth) + bias
        y = _relu(y) @ weights[f"point.{block}.weight"] + weights[f"point.{block}.bias"]
        x = _relu(x + y)
    flat = x.reshape(len(x), -1)
    logits = flat @ weights["last.weight"] + weights["last.bias"]
    logits = logits - logits.max(axis=1, keepdims=True)
    shares = np.exp(logits)
    return np.asarray(1.0 - shares[:, 0] / shares.sum(axis=1), np.float32)


def _convolved(x: FloatArray, weight: FloatArray, bias: FloatArray, stride: int) -> FloatArray:
    """(n, t, c) by (k·c, d) to (n, t / stride, d), with zeros around."""
    size = len(weight) // x.shape[2]
    windows = _windows(x, size)[:, ::stride].swapaxes(2, 3)
    return np.asarray(windows.reshape(*windows.shape[:2], -1) @ weight + bias, np.float32)


def _windows(x: FloatArray, size: int) -> FloatArray:
    """(n, t, c) to (n, t, c, size): each step with what lies around it."""
    padded = np.pad(x, ((0, 0), (size // 2, size - 1 - size // 2), (0, 0)))
    return np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)


def _relu(x: FloatArray) -> FloatArray:
    return np.maximum(x, np.float32(0))


@cache
def _filters() -> FloatArray:
    """(257, BANDS): triangles at equal distances on the mel scale."""
    lowest, highest = (2595 * float(np.log10(1 + hertz / 700)) for hertz in (LOWEST, HIGHEST))
    edges = 700 * (10 ** (np.linspace(lowest, highest, BANDS + 2) / 2595) - 1)
    hertz = np.fft.rfftfreq(SIZE, 1 / SAMPLE_RATE)[:, None]
    up, down = (hertz - edges[:-2]) / np.diff(edges)[:-1], (edges[2:] - hertz) / np.diff(edges)[1:]
    return np.asarray(np.maximum(0, np.minimum(up, down)), np.float32)
