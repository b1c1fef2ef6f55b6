"""Word error rate, and character error rate for languages written without spaces."""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

__all__ = ["edit_distance", "units", "word_error_rate"]

SPACELESS = frozenset({"ja", "lo", "my", "th", "yue", "zh"})
"""ISO 639-1 codes of languages whose errors are counted in characters"""


def word_error_rate(pairs: Iterable[tuple[str, str]], language: str = "en") -> float:
    """Substitutions, deletions and insertions over the number of reference words; may exceed 1.

    Both texts are normalised first: case, punctuation and spelling variants do not count ("5" is "five" in
    English, by Whisper's own normaliser, so that figures compare with the published ones).

    Args:
        pairs: (reference, hypothesis).
        language: ISO 639-1; for Chinese and other spaceless languages characters are counted.

    Raises:
        ValueError: no reference holds a word.
    """
    errors = total = 0
    for reference, hypothesis in pairs:
        wanted, got = units(reference, language), units(hypothesis, language)
        errors += edit_distance(wanted, got)
        total += len(wanted)
    if total == 0:
        raise ValueError("word error rate needs at least one reference word")
    return errors / total


def units(text: str, language: str = "en") -> list[str]:
    """What is counted in a text: normalised words, or characters of a spaceless language."""
    if language in SPACELESS:
        return [c for c in unicodedata.normalize("NFKC", text).lower() if c.isalnum()]
    if language == "en":
        return str(_english_normalizer()(text)).split()
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[^\w\s]|_", " ", plain).split()


@cache
def _english_normalizer() -> Any:
    from whisper.normalizers import EnglishTextNormalizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its spelling list open
        return EnglishTextNormalizer()


def edit_distance(left: Sequence[str], right: Sequence[str]) -> int:
    """Least number of substitutions, deletions and insertions that turn one into the other (Levenshtein)."""
    row = list(range(len(right) + 1))
    for i, one in enumerate(left, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(right, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (one != other))
    return row[-1]
