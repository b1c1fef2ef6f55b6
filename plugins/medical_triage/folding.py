"""Texts of many languages brought to one form, so that a pattern meets them however they are typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from .facts import lowered

__all__ = ["KANA", "UNSPACED", "begins", "folded", "folded_letters", "without_spaces"]

UNSPACED = frozenset({"ja", "ko", "th", "zh"})
"""languages whose text is read without its spaces"""
BEGINS = {"ar": "[وفبلكس]?(?:ال|ل)?", "fr": "(?:[cdjlmnst]|qu)?", "it": "(?:[cdlmnst]|un|dell|all|nell)?"}
"""what may stand before a word in one with it: articles, prepositions, what an apostrophe joined"""
KANA = re.compile("[\u3040-\u30ff]")
"""without it, Chinese characters are no Japanese"""
MARKS = re.compile("[\u0300-\u036f\u064b-\u0655\u0640]")
LETTERS = str.maketrans({"ı": "i", "ł": "l", "ß": "ss", "ى": "ي", "ة": "ه", "œ": "oe", "æ": "ae", "ø": "o"})


def begins(language: str, entries: Sequence[str]) -> str:
    """One expression for patterns of a language, each of which begins at a word."""
    edge = "" if language in UNSPACED else rf"(?<!\w){BEGINS.get(language, '')}"
    return f"{edge}(?:{'|'.join(map(folded_letters, entries))})"


def folded_letters(text: str) -> str:
    """A text without accents, with one form of each letter."""
    marked = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", MARKS.sub("", marked)).translate(LETTERS)


def folded(text: str) -> str:
    """A text as patterns of any language read it: lower case, no accents, no apostrophes."""
    return folded_letters(lowered(unicodedata.normalize("NFKC", text)).replace("\u0e4d\u0e32", "\u0e33"))


def without_spaces(text: str) -> str:
    """A text without its spaces, for `UNSPACED`."""
    return text.replace(" ", "")
