"""Typing errors in the words that matter: a letter left out, doubled, added or swapped with its neighbour.

Only such slips are undone, and of another letter only in long words: "swelling" must not become of "spelling".
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

__all__ = ["SIMPLIFIED", "corrected"]

_CONTENT = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
WORDS: frozenset[str] = frozenset(_CONTENT["words"].split())
MISSPELT: dict[str, str] = {wrong: right for right, slips in _CONTENT["misspelt"].items() for wrong in slips.split()}
SIMPLIFIED = str.maketrans(dict(map(tuple, _CONTENT["traditional"].split())))
"""traditional Chinese characters of this vocabulary to simplified ones"""
LONG = 9
"""letters from which one may be another"""


@cache
def _slips() -> dict[str, str]:
    """Every slip of every word, where it is not a word of the list itself."""
    found: dict[str, str] = {}
    for word in WORDS:
        places = range(1, len(word))
        slips = {word[:at] + word[at + 1 :] for at in places} if len(word) > 5 else set()
        slips |= {word[:at] + word[at - 1] + word[at:] for at in places}
        slips |= {word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] for at in range(2, len(word))}
        found |= dict.fromkeys(slips - WORDS - found.keys(), word)
    for word in ("cough", "through", "though", "breast", "brother", "tablet", "week", "month", "weak", "bother"):
        found.pop(word, None)  # a word by itself
    return found


@cache
def _long() -> tuple[str, ...]:
    return tuple(word for word in WORDS if len(word) >= LONG)


def corrected(text: str) -> str:
    """A text with the slips in medical words undone.

    Args:
        text: as `facts.plain` returns it.
    """
    return re.sub(r"[a-z]{3,}", lambda word: _word(word[0]), text)


@cache
def _word(word: str) -> str:
    if word in MISSPELT:
        return MISSPELT[word]
    if len(word) < 4 or word in WORDS:
        return word
    if found := _slips().get(word):
        return found
    if len(word) >= LONG:
        for known in _long():
            if len(known) == len(word) and sum(a != b for a, b in zip(known, word, strict=True)) == 1:
                return known
    return word
