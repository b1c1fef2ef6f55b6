"""Whether what Whisper made of a window was said at all: loops, guesses and words invented for a noise are thrown away.

Measured on 80 noises and on recordings of one word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from assistant.speech.windows import Window
from assistant.types import Transcript

if TYPE_CHECKING:
    from torch import Tensor

    from assistant.speech.decoding import Hypothesis

__all__ = ["RecognizedWindow", "is_bad", "is_invented", "is_loop", "transcript_of"]

LOOP_RATIO = 2.4
"""compression ratio above which a text repeats itself (whisper.transcribe's)"""
UNSURE = -1.0
"""mean log-probability below which a reading is tried again (whisper.transcribe's)"""
UNCLEAR = -1.5
"""mean log-probability below which a reading is thrown away"""
GLUELESS = frozenset({"zh", "ja", "th", "yue"})
"""languages written without spaces between words"""


@dataclass(frozen=True)
class RecognizedWindow:
    """One window, listened to."""

    window: Window
    reading: Hypothesis
    frames: Tensor
    """(n, d)"""
    no_speech: float
    """probability that nobody speaks, 0 to 1"""


def is_loop(reading: Hypothesis) -> bool:
    """Whether a reading says the same again and again."""
    return not reading.finished or reading.compression_ratio > LOOP_RATIO


def is_bad(reading: Hypothesis) -> bool:
    """Whether it is worth while to read again."""
    return is_loop(reading) or reading.avg_logprob < UNSURE


def is_invented(window: Window, reading: Hypothesis, no_speech: float) -> bool:
    """Whether the words were invented for a noise; `no_speech` is the probability that nobody speaks."""
    if no_speech > 0.6 and reading.avg_logprob < -0.8:
        return True
    return window.spoken < 0.6 and reading.avg_logprob < -0.7


def _rejection(recognized: RecognizedWindow) -> str:
    """Why a window's reading is thrown away; "" to keep it."""
    reading = recognized.reading
    if not reading.text:
        return "no speech"
    if is_loop(reading):
        return "repetition"
    if is_invented(recognized.window, reading, recognized.no_speech):
        return "no speech"
    if reading.avg_logprob < UNCLEAR:
        return "unclear"
    return ""


def transcript_of(recognized: Sequence[RecognizedWindow], language: str) -> Transcript:
    """What was said in the windows (one at least), in order; rejected for the first one's reason when none is kept."""
    reasons = [_rejection(part) for part in recognized]
    kept = [part for part, reason in zip(recognized, reasons, strict=True) if not reason]
    logprob = float(np.mean([part.reading.avg_logprob for part in kept or recognized]))
    no_speech = float(np.mean([part.no_speech for part in kept or recognized]))
    if not kept:
        return Transcript("", "", logprob, no_speech, reasons[0])
    glue = "" if language in GLUELESS else " "
    text = glue.join(part.reading.text for part in kept)
    segments = tuple((part.window.start, part.window.end, part.reading.text) for part in kept)
    return Transcript(text, language, logprob, no_speech, "", segments)
