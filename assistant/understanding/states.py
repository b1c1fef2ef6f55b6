"""Brings the text encoders' token states to the words of a turn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.types import Encoding
from assistant.understanding.linear import FloatArray
from assistant.understanding.tokens import Word

__all__ = ["STATES", "word_states"]

STATES = {"bert": (384, ("en",)), "use": (512, ("en", "zh"))}
"""encoder → width of its states, and languages for which they are read"""
SCALE = {"bert": 1.0, "use": 16.0}
"""factor that brings the states to about unit size per number"""


def word_states(words: Sequence[Word], text: str, language: str, encodings: Sequence[Encoding]) -> FloatArray | None:
    """The states of each word by all encoders, side by side, zero for an encoder that does not read the language.

    Args:
        words: the first words of a turn.
        text: the turn.
        language: ISO 639-1.
        encodings: of any inputs; those of this text are used.

    Returns:
        (n, 896), float32; None where an encoder that reads the language has not read this text.
    """
    found = {each.encoder: each for each in encodings if each.text == text}
    parts = []
    for name, (width, languages) in STATES.items():
        if language not in languages:
            parts.append(np.zeros((len(words), width), np.float32))
            continue
        if name not in found or found[name].tokens.shape[1] != width:
            return None
        parts.append(_aligned(words, text, found[name]) * np.float32(SCALE[name]))
    return np.concatenate(parts, axis=1)


def _aligned(words: Sequence[Word], text: str, encoding: Encoding) -> FloatArray:
    """For each word the mean of the tokens that share characters with it; zeros where there are none."""
    spans, at = [], 0
    for label in encoding.labels:
        start = text.find(label, at) if label else -1
        spans.append((start, start + len(label)) if start >= 0 else (at, at))
        at = max(at, spans[-1][1])
    result = np.zeros((len(words), encoding.tokens.shape[1]), np.float32)
    first = 0
    for row, word in enumerate(words):
        while first < len(spans) and spans[first][1] <= word.start:
            first += 1
        last = first
        while last < len(spans) and spans[last][0] < word.end:
            last += 1
        if last == first + 1:
            result[row] = encoding.tokens[first]
        elif last > first:
            result[row] = encoding.tokens[first:last].mean(axis=0)
    return result
