"""Verifies that the whole wake word was said, and by a person who may wake the assistant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from assistant.settings import Voice
from assistant.speech.enrolled import EnrolledVoices
from assistant.speech.wake import WakeHit
from assistant.speech.wake_models import WAKE_WORDS
from assistant.types import AudioClip

__all__ = [
    "BEFORE",
    "FAINT",
    "HALF",
    "STRANGER",
    "LikelihoodModel",
    "WakeVerifier",
    "half_of",
    "said_whole",
    "wholeness",
]

HALF, STRANGER, FAINT = "only half of the wake word", "not an enrolled speaker", "hardly a wake word"
"""why a wake word is rejected"""
BEFORE = 1.6
"""seconds before a hit that are judged: a wake word, and a little of what was said before it"""
WHOLE = 0.0
"""`wholeness` from which a word counts as said whole. Synthetic voices that said the whole got 2.5 to 11; people who
said "Jarvis" alone -15 to -8, and those whom the detector took for "hey mycroft" -5"""
LIKELY = -9.0
"""log-probability, nats, from which a faint word was said. "Alexa" by people in noise at 5 dB got -8.7 to 0, what was
taken for it in an hour of other speech -16 to -11"""


@runtime_checkable
class LikelihoodModel(Protocol):
    """Speech recognition that can tell how likely given words are."""

    def likelihoods(self, clip: AudioClip, texts: Sequence[str], language: str) -> list[float]:
        """Log-probabilities, nats, that a clip begins with each text."""


class WakeVerifier:
    """Verifies a detected wake word.

    Without a model that tells likelihoods, half a word is accepted; without `voices`, every voice is.
    """

    def __init__(self, model: object, voices: EnrolledVoices | None = None) -> None:
        self._model = model if isinstance(model, LikelihoodModel) else None
        self._voices = voices

    @classmethod
    def from_settings(cls, voice: Voice, model: object) -> WakeVerifier:
        """Verifies as the settings of the section ``[voice]`` say, with this recognizer."""
        return cls(model if voice.wake_check else None, EnrolledVoices() if voice.only_enrolled else None)

    def needless(self, hit: WakeHit) -> bool:
        """Whether this hit is always accepted, so that no model need be loaded."""
        return not hit.faint and self._voices is None and (self._model is None or not half_of(hit.word))

    def __call__(self, clip: AudioClip, hit: WakeHit) -> str:
        """Why a hit at the end of a clip (`BEFORE` seconds, 16 kHz) is rejected; "" to accept it.

        Raises:
            InputError: only enrolled speakers may wake the assistant, and no voice is enrolled.
            ModelUnavailable: weights cannot be had.
        """
        if hit.faint and (self._model is None or max(_whole(self._model, clip, hit.word)) < LIKELY):
            return FAINT
        if self._model is not None and not said_whole(self._model, clip, hit.word):
            return HALF
        return STRANGER if self._voices is not None and not self._voices.woke(clip) else ""


def half_of(word: str) -> str:
    """A wake word without its first word; "" for a single word, and where a user's own model knows the whole."""
    return word.partition(" ")[2] if word in WAKE_WORDS else ""


def wholeness(model: LikelihoodModel, clip: AudioClip, word: str) -> float:
    """Returns how much likelier the whole wake word is than its first half alone, log likelihood ratio (nats).

    The clip is the `BEFORE` seconds up to the hit, 16 kHz; raises as `SpeechRecognizer.likelihoods` does.
    """
    *wholes, alone = _whole(model, clip, word, half_of(word).title())
    return float(np.logaddexp.reduce(wholes)) - alone


def _whole(model: LikelihoodModel, clip: AudioClip, word: str, *others: str) -> list[float]:
    """The log-probabilities, nats, of a wake word with and without a breath in it, and of other texts."""
    called = word.title().replace(" ", ", ", 1)
    return model.likelihoods(clip, [word.title(), called, *others], "en")


def said_whole(model: LikelihoodModel, clip: AudioClip, word: str) -> bool:
    """Returns whether a clip that ends with a wake word has all of it; always true for a single word."""
    return not half_of(word) or wholeness(model, clip, word) >= WHOLE
