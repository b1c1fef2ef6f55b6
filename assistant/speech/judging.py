"""Rejects what Whisper made up: loops, guesses and words invented for a noise.

Measured on 80 noises and on recordings of one word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assistant.speech.windows import Window
from assistant.types import FloatArray, Transcript

if TYPE_CHECKING:
    from assistant.speech.decoding import Hypothesis

__all__ = [
    "RecognizedWindow",
    "agree",
    "ends_early",
    "holds_more",
    "is_bad",
    "is_invented",
    "is_loop",
    "rejection",
    "says_the_same",
    "transcript_of",
]

LOOP_RATIO = 2.4
"""compression ratio above which a text repeats itself (whisper.transcribe's)"""
UNSURE = -1.0
"""mean log-probability below which a reading is tried again (whisper.transcribe's)"""
UNCLEAR = -1.5
"""mean log-probability below which a reading is thrown away"""
NOISY = 0.6
"""probability of no speech above which words that are thrown away are not shown"""
LEAST_SPOKEN, LEAST_SHARE = 0.8, 0.3
"""seconds, and share of a window, of speech that it needs"""
SHORT, SHORT_UNSURE = 0.6, -0.7
"""seconds of speech below which a window may be a noise, and mean log-probability below which its words are doubtful"""
MOST_SHORT = 2
"""words, or characters of a language without spaces, that are believed of so short a sound"""
VOICE = 0.97
"""probability of speech that a word reaches, however short (each of 81), and no bark, sneeze or cry (0.93 at most)"""
SAME = 0.6
"""share of words from which parts say what the whole was read as"""
LEAST_DENSE = 2.5
"""tokens per second of speech below which a window may have been left before its end"""
DENSE_FROM = 3.0
"""seconds of speech from which that is looked at"""
MORE = 1.4
"""times the tokens from which the parts of a window hold what its transcript left out"""
MOST_DOUBTFUL = 300
"""characters of doubtful words that are shown"""
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_PUNCTUATION = re.compile(r"[.!?。！？]\s*\S")
_GLUELESS_TEXT = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
GLUELESS = frozenset({"zh", "ja", "th", "yue"})
"""languages written without spaces between words"""


@dataclass(frozen=True)
class RecognizedWindow:
    """One window, listened to."""

    window: Window
    reading: Hypothesis
    frames: FloatArray
    """(n, d)"""
    no_speech: float
    """probability that there is no speech, 0 to 1"""


def is_loop(reading: Hypothesis) -> bool:
    """Returns whether a reading says the same again and again."""
    return not reading.finished or reading.compression_ratio > LOOP_RATIO


def is_bad(reading: Hypothesis) -> bool:
    """Returns whether it is worth while to read again."""
    return is_loop(reading) or reading.avg_logprob < UNSURE


def says_the_same(parts: Sequence[Hypothesis], whole: Hypothesis) -> bool:
    """Returns whether the parts of a window, each transcribed alone, hold the transcript of the whole.

    A loop is made up from one stretch of sound, and its later rounds stand on nothing: the parts then say other things.
    Who repeats herself says it in each part.
    """
    words = _words(whole.text)
    said = [_words(part.text) for part in parts]
    if len(parts) < 2 or not words or not all(said):
        return False
    together = frozenset().union(*said)
    return len(words & together) >= SAME * len(words) and all(len(each & words) >= SAME * len(each) for each in said)


def ends_early(recognized: RecognizedWindow) -> bool:
    """Whether a window holds more speech than was written down, as where a second speaker follows."""
    spoken = recognized.window.spoken
    return spoken >= DENSE_FROM and len(recognized.reading.tokens) < LEAST_DENSE * spoken


def holds_more(parts: Sequence[Hypothesis], whole: Hypothesis) -> bool:
    """Whether the parts of a window, each transcribed alone, say what the whole says, and much besides."""
    words = _words(whole.text)
    together = frozenset().union(*(_words(part.text) for part in parts))
    more = sum(len(part.tokens) for part in parts) >= MORE * len(whole.tokens)
    return more and len(words & together) >= SAME * len(words)


def agree(parts: Sequence[Hypothesis]) -> bool:
    """Returns whether most parts of a window, each transcribed alone, share a word."""
    said = [_words(part.text) for part in parts]
    common = Counter(word for words in said for word in words).most_common(1)
    return len(said) >= 2 and bool(common) and common[0][1] > len(said) / 2


def _words(text: str) -> frozenset[str]:
    """Its words, or the characters of a language without spaces."""
    return frozenset(_WORD.findall(text.casefold()))


def _shortened(text: str) -> str:
    """A text that goes round in a loop, with what it repeats said once."""
    units = (
        re.findall(r".+?(?:[.!?,;。！？，；…]+\s*|$)", text, re.DOTALL) if _PUNCTUATION.search(text) else text.split()
    )
    once = dict.fromkeys(unit.strip() for unit in units if unit.strip())
    glue = "" if _GLUELESS_TEXT.search(text) else " "
    return glue.join(once)[:MOST_DOUBTFUL]


def is_invented(window: Window, reading: Hypothesis, no_speech: float) -> bool:
    """Returns whether the words were invented for a noise; `no_speech` is the probability that there is no speech."""
    if no_speech > NOISY and reading.avg_logprob < -0.8:
        return True
    return window.spoken < SHORT and window.voice < VOICE and reading.avg_logprob < SHORT_UNSURE


def rejection(recognized: RecognizedWindow) -> str:
    """Returns why a window's transcript is rejected; "" to keep it."""
    reading, window = recognized.reading, recognized.window
    if not reading.text:
        return "no speech"
    if is_loop(reading):
        return "repetition"
    if is_invented(window, reading, recognized.no_speech):
        return "no speech"
    # A short sound in which the voice is not sure may be a word ("stop" through an echo), and no sentence.
    crowded = window.voice < VOICE and len(_WORD.findall(reading.text)) > MOST_SHORT
    short = window.spoken < SHORT and (crowded or reading.avg_logprob < SHORT_UNSURE)
    return "unclear" if short or reading.avg_logprob < UNCLEAR else ""


def transcript_of(recognized: Sequence[RecognizedWindow], language: str) -> Transcript:
    """Transcript of the windows (at least one), in order; rejected for the first one's reason if none is kept."""
    reasons = [rejection(part) for part in recognized]
    doubtful = " ".join(
        _shortened(part.reading.text)
        for part, reason in zip(recognized, reasons, strict=True)
        if reason in ("repetition", "unclear") and not _is_noise(part)
    )
    kept = [part for part, reason in zip(recognized, reasons, strict=True) if not reason]
    logprob = float(np.mean([part.reading.avg_logprob for part in kept or recognized]))
    no_speech = float(np.mean([part.no_speech for part in kept or recognized]))
    if not kept:
        return Transcript("", language if doubtful else "", logprob, no_speech, reasons[0], doubtful=doubtful)
    glue = "" if language in GLUELESS else " "
    text = glue.join(part.reading.text for part in kept)
    segments = tuple((part.window.start, part.window.end, part.reading.text) for part in kept)
    return Transcript(text, language, logprob, no_speech, "", segments, doubtful=doubtful)


def _is_noise(recognized: RecognizedWindow) -> bool:
    """Returns whether so little of a window sounds like speech that its words are not even shown as doubtful."""
    window, reading = recognized.window, recognized.reading
    if recognized.no_speech > NOISY:
        return True
    if (
        window.spoken < SHORT
        and not is_loop(reading)
        and (window.voice >= VOICE or reading.avg_logprob >= SHORT_UNSURE)
    ):
        return False  # one word
    return window.spoken < max(LEAST_SPOKEN, LEAST_SHARE * window.seconds)
