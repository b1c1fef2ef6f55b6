"""The second opinion on a wake word of two words: was it said whole, or only its half?

The detector is small, runs all day, and now and then takes "Jarvis." for "hey Jarvis.". Whisper is asked how much
likelier the whole is than the half; nothing is transcribed, so it takes a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from assistant.types import AudioClip

__all__ = ["BEFORE", "HALF", "STRANGER", "LikelihoodListener", "half_of", "said_whole", "wholeness"]

HALF, STRANGER = "only half of the wake word", "not the enrolled speaker"
"""why a wake word is taken back"""
BEFORE = 1.6
"""seconds before a hit that are listened to: a wake word, and a little of what was said before it"""
WHOLE = 0.0
"""`wholeness` from which a word counts as said whole. Synthetic voices that said the whole got 2.5 to 11; people who
said "Jarvis" alone -15 to -8, and those whom the detector took for "hey mycroft" -5"""


@runtime_checkable
class LikelihoodListener(Protocol):
    """Speech recognition that can tell how likely given words are."""

    def likelihoods(self, clip: AudioClip, texts: Sequence[str], language: str) -> list[float]:
        """Log-probabilities, nats, that a clip begins with each text."""
        ...


def half_of(word: str) -> str:
    """What is left of a wake word without its first word; "" for a single one, of which there is no half."""
    return word.partition(" ")[2]


def wholeness(listener: LikelihoodListener, clip: AudioClip, word: str) -> float:
    """How much likelier the whole wake word is than its half alone, as a logarithm (nats).

    Args:
        listener: Whisper.
        clip: the `BEFORE` seconds up to the hit, 16 kHz.
        word: a wake word of several words.

    Raises:
        AudioError, ModelUnavailable: see `SpeechRecognizer.likelihoods`.
    """
    whole, half = word.title(), half_of(word).title()
    called = f"{word.partition(' ')[0].title()}, {half}"
    *wholes, alone = listener.likelihoods(clip, [whole, called, half], "en")
    return float(np.logaddexp.reduce(wholes)) - alone


def said_whole(listener: LikelihoodListener, clip: AudioClip, word: str) -> bool:
    """Whether a clip that ends with a wake word has all of it; always so for a word of one word."""
    return not half_of(word) or wholeness(listener, clip, word) >= WHOLE
