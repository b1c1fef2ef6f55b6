"""Wake words: detects "alexa" or "hey jarvis" in a stream, and checks that it was speech."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.errors import ModelUnavailable, SettingsError
from assistant.speech.activity import speech_probabilities
from assistant.types import AudioClip, FloatArray

__all__ = ["WAKE_WORDS", "WakeHit", "WakeWords"]

SAMPLE_RATE = 16_000
WAKE_WORDS = ("alexa", "hey jarvis", "hey mycroft", "okay nabu")
"""the words whose models come with pymicro-wakeword (Apache-2.0)"""

STRICTEST, LAXEST = 0.996, 0.3
"""probabilities asked for at sensitivity 0 and 1; the models' own largest is 255/256"""

CUTOFFS = {"alexa": 0.88, "hey jarvis": 0.9, "hey mycroft": 0.95, "okay nabu": 0.5}
"""probabilities asked for at sensitivity 0.5, of a mean over `STEPS`: where the most false alarm and the least hit of
recordings lie far apart. "alexa" was set on people's recordings of it and an hour of other speech; the others, for
want of recordings of them, on that hour and on synthetic voices, and lower, as `wake_check` verifies them again."""
VOICE = 0.15
"""share of the last second that must be speech"""
STEPS = 10
"""steps of 30 ms over which a probability is averaged: twice what the models come with. A chance resemblance is short;
a word that was said stays likely for half a second. It costs 150 ms, which the pre-buffer gives back."""


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
    SettingsError for a word without a model or a wrong sensitivity, ModelUnavailable without the package.
    """

    def __init__(self, words: Mapping[str, float], *, refractory: float = 2.0) -> None:
        self.rejected = 0
        """hits without speech in the last second"""
        self._refractory = refractory
        self._words = {_known(word): _cutoff(word, sensitivity) for word, sensitivity in words.items()}
        self._models = {word: _model(word) for word in self._words}
        self._features = _features()
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
        for model in self._models.values():
            model.reset()
        self._features.reset()
        self._recent.clear()
        self._recent_samples = 0
        self._silent_until = 0.0

    def _best(self, chunk: FloatArray) -> tuple[str, float] | None:
        peaks = dict.fromkeys(self._words, 0.0)
        for features in self._features.process_streaming((chunk * 32767).astype(np.int16).tobytes()):
            for word, model in self._models.items():
                peaks[word] = max(peaks[word], model.process_streaming_prob(features) or 0.0)
        over = [(word, peak) for word, peak in peaks.items() if peak >= self._words[word]]
        return max(over, key=lambda pair: pair[1], default=None)


def _known(word: str) -> str:
    name = " ".join(word.lower().replace("_", " ").split())
    if name not in WAKE_WORDS:
        raise SettingsError(f"There is no wake word {word!r}; there are {', '.join(WAKE_WORDS)}")
    return name


def _cutoff(word: str, sensitivity: float) -> float:
    if not 0 <= sensitivity <= 1:
        raise SettingsError(f"The sensitivity of {word!r} must be between 0 and 1, not {sensitivity}")
    default = CUTOFFS[_known(word)]
    if sensitivity <= 0.5:
        return STRICTEST + (default - STRICTEST) * sensitivity * 2
    return default + (LAXEST - default) * (sensitivity - 0.5) * 2


def _model(word: str) -> Any:
    try:
        from pymicro_wakeword import MicroWakeWord, Model
    except (ImportError, OSError) as error:
        raise ModelUnavailable("The wake words are not installed: `pip install pymicro-wakeword`") from error
    known = MicroWakeWord.from_builtin(Model(word.replace(" ", "_")))
    known.close()
    return MicroWakeWord(
        id=known.id,
        wake_word=known.wake_word,
        tflite_model=known.tflite_model,
        probability_cutoff=known.probability_cutoff,
        sliding_window_size=STEPS,
        trained_languages=known.trained_languages,
        libtensorflowlite_c_path=known.lib._name,
    )


def _features() -> Any:
    from pymicro_wakeword import MicroWakeWordFeatures

    return MicroWakeWordFeatures()
