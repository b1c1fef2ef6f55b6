"""Wake words: detects "alexa" or "hey jarvis" in a stream, and checks that it was speech."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assistant.errors import SettingsError
from assistant.speech.activity import speech_probabilities
from assistant.speech.wake_models import WakeModels, known
from assistant.types import AudioClip, FloatArray

__all__ = ["WakeHit", "WakeWords"]

SAMPLE_RATE = 16_000
STRICTEST, LAXEST = 0.996, 0.3
"""probabilities asked for at sensitivity 0 and 1; the models' own largest is 255/256"""
VOICE = 0.15
"""share of the last second that must be speech"""


@dataclass(frozen=True)
class WakeHit:
    """A wake word was detected."""

    word: str
    probability: float
    """0 to 1, averaged over the word's last steps"""
    at: float
    """seconds of the source's clock at which it was recognised (its end)"""


class WakeWords:
    """Detects several words at once; nothing is a hit for `refractory` seconds after one.

    Each word has a sensitivity, 0 to 1; 0.5 is the tuned default, higher detects more (and more that was not said).
    `models` are files of models for words that have none here, or another. SettingsError for a word without a model
    or a wrong sensitivity, ModelUnavailable without the package.
    """

    def __init__(
        self, words: Mapping[str, float], models: Mapping[str, str] | None = None, *, refractory: float = 2.0
    ) -> None:
        self.rejected = 0
        """hits without speech in the last second"""
        self._refractory = refractory
        wanted = {known(word): sensitivity for word, sensitivity in words.items()}
        self._models = WakeModels(wanted, models or {})
        self._words = {word: _cutoff(word, each, self._models.cutoff(word)) for word, each in wanted.items()}
        self._recent: deque[FloatArray] = deque()
        self._recent_samples = 0
        self._clock = 0.0
        self._silent_until = 0.0

    @property
    def words(self) -> tuple[str, ...]:
        """The words detected."""
        return tuple(self._words)

    def process(self, chunk: FloatArray, at: float | None = None) -> list[WakeHit]:
        """Processes the next chunk, (n,) float32 at 16 kHz, -1 to 1; returns one hit at most, the likeliest word.

        `at` is the second of the source's clock at the chunk's end; by default its samples are counted.
        """
        chunk = np.clip(np.nan_to_num(np.asarray(chunk, np.float32)), -1.0, 1.0)
        self._clock = self._clock + len(chunk) / SAMPLE_RATE if at is None else at
        self._recent.append(chunk)
        self._recent_samples += len(chunk)
        while self._recent_samples - len(self._recent[0]) >= SAMPLE_RATE:
            self._recent_samples -= len(self._recent.popleft())
        best = self._best(chunk)
        if best is None or self._clock < self._silent_until:
            return []
        heard = speech_probabilities(AudioClip(np.concatenate(self._recent)))
        if np.mean(heard >= 0.5) < VOICE:
            self.rejected += 1
            return []
        self._silent_until = self._clock + self._refractory
        return [WakeHit(best[0], best[1], self._clock)]

    def reset(self) -> None:
        """Forgets the sound so far: after a gap, or when the microphone changes. The clock goes on."""
        self._models.reset()
        self._recent.clear()
        self._recent_samples = 0
        self._silent_until = 0.0

    def _best(self, chunk: FloatArray) -> tuple[str, float] | None:
        over = [(word, peak) for word, peak in self._models.process(chunk).items() if peak >= self._words[word]]
        return max(over, key=lambda pair: pair[1], default=None)


def _cutoff(word: str, sensitivity: float, default: float) -> float:
    if not 0 <= sensitivity <= 1:
        raise SettingsError(f"The sensitivity of {word!r} must be between 0 and 1, not {sensitivity}")
    if sensitivity <= 0.5:
        return STRICTEST + (default - STRICTEST) * sensitivity * 2
    return default + (min(LAXEST, default / 2) - default) * (sensitivity - 0.5) * 2
