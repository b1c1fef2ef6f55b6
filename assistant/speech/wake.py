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
FAINT = 0.4
"""probability from which a word may have been said in noise, and must be verified: people's recordings of "alexa" in
waves, fire, a saw and a helicopter at 5 dB reach it 4 times of 40 more often than 0.88, 76 minutes of others 4 times"""
SETTLED = 0.16
"""seconds after which the probability of a faint word has passed its peak, the word's end"""
AGAIN = 0.6
"""seconds after a faint word in which none is detected"""


@dataclass(frozen=True)
class WakeHit:
    """A wake word was detected."""

    word: str
    probability: float
    """0 to 1, averaged over the word's last steps"""
    at: float
    """seconds of the source's clock at which it was recognised (its end)"""
    faint: bool = False
    """whether it counts only once it was verified: it was unlikely, or no voice was heard"""


class WakeWords:
    """Detects several words at once; nothing is a hit for `refractory` seconds after one.

    Each word has a sensitivity, 0 to 1; 0.5 is the tuned default, higher detects more (and more that was not said).
    `models` are files of models for words that have none here, or another. With `faint` it also returns hits that must
    be verified, of the words whose models come with it. SettingsError for a word without a model or a wrong
    sensitivity, ModelUnavailable without the package.
    """

    def __init__(
        self,
        words: Mapping[str, float],
        models: Mapping[str, str] | None = None,
        *,
        refractory: float = 2.0,
        faint: bool = False,
    ) -> None:
        self.rejected = 0
        """hits without speech in the last second"""
        self._refractory = refractory
        wanted = {known(word): sensitivity for word, sensitivity in words.items()}
        self._models = WakeModels(wanted, models or {})
        self._words = {word: _cutoff(word, each, self._models.cutoff(word)) for word, each in wanted.items()}
        own = {known(word) for word in models or {}}
        self._faintest = {word: FAINT for word in wanted if faint and word not in own}
        self._faint: WakeHit | None = None
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
        hit = self._detected(self._models.process(chunk))
        if hit is None:
            return []
        self._faint = None
        self._silent_until = self._clock + (AGAIN if hit.faint else self._refractory)
        return [hit]

    def reset(self) -> None:
        """Forgets the sound so far: after a gap, or when the microphone changes. The clock goes on."""
        self._models.reset()
        self._recent.clear()
        self._recent_samples = 0
        self._silent_until = 0.0
        self._faint = None

    def _detected(self, peaks: Mapping[str, float]) -> WakeHit | None:
        """The hit that is due now, if the word has surely been said or a faint one has passed its peak."""
        if self._clock < self._silent_until:
            return None
        sure = [(peak, word) for word, peak in peaks.items() if peak >= self._words[word]]
        if sure:
            peak, word = max(sure)
            if np.mean(speech_probabilities(AudioClip(np.concatenate(self._recent))) >= 0.5) >= VOICE:
                return WakeHit(word, peak, self._clock)
            self.rejected += 1
        least = self._faint.probability if self._faint else 0.0
        likely = [
            (peak, word) for word, peak in peaks.items() if word in self._faintest and peak >= self._faintest[word]
        ]
        if likely and max(likely)[0] > least:
            self._faint = WakeHit(max(likely)[1], max(likely)[0], self._clock, faint=True)
        elif self._faint is not None and self._clock - self._faint.at >= SETTLED:
            return self._faint
        return None


def _cutoff(word: str, sensitivity: float, default: float) -> float:
    if not 0 <= sensitivity <= 1:
        raise SettingsError(f"The sensitivity of {word!r} must be between 0 and 1, not {sensitivity}")
    if sensitivity <= 0.5:
        return STRICTEST + (default - STRICTEST) * sensitivity * 2
    return default + (min(LAXEST, default / 2) - default) * (sensitivity - 0.5) * 2
