"""Words for the full-text search, such that Chinese and Japanese, which write no spaces, are found too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

__all__ = ["mark", "snippet", "stem_of", "telling_terms", "telling_words", "terms_of"]

_PIECE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[^\W_]+")
_SMALL = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be but by do for from has have how i if in is it its me my of on or so that the their them "
        "they this to was we were what when where which who will with you your",
    )
)
"""words that say too little to be searched for or marked"""
LENGTH = 160
"""characters of a snippet"""


def terms_of(text: str) -> str:
    """The text as words between spaces: Chinese and Japanese as overlapping pairs of characters, in lower case."""
    return " ".join(_terms(text.lower()))


def telling_terms(text: str) -> list[str]:
    """The terms of a question without function words, each once; all terms if there are no others."""
    terms = list(dict.fromkeys(_terms(text.lower())))
    return [term for term in terms if term not in _SMALL] or terms


def telling_words(text: str) -> list[str]:
    """Like `telling_terms`, but none where all are small words."""
    return [term for term in dict.fromkeys(_terms(text.lower())) if term not in _SMALL]


def _terms(text: str) -> Iterator[str]:
    for piece in _PIECE.findall(text):
        if piece[0] < "\u3040" or len(piece) == 1:
            yield piece
        else:
            yield from (first + second for first, second in pairwise(piece))


def snippet(text: str, words: str) -> str:
    """The stretch of a text, `LENGTH` characters at most, that holds most of the words searched for, on one line."""
    text = " ".join(text.split())
    if len(text) <= LENGTH:
        return text
    places = sorted(match.start() for match in _matches(text, words))
    start = max(places, key=lambda at: sum(at <= place < at + LENGTH for place in places), default=0)
    start = max(0, min(start - LENGTH // 4, len(text) - LENGTH))
    if start and (space := text.find(" ", start, start + 20)) >= 0:
        start = space + 1
    end = start + LENGTH
    if end < len(text) and (space := text.rfind(" ", end - 20, end)) > start:
        end = space
    return ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")


def mark(text: str, words: str) -> list[tuple[int, int]]:
    """Start and end of each word of the text that was searched for (also as the beginning of a longer word)."""
    return [match.span() for match in _matches(text, words)]


def _matches(text: str, words: str) -> Iterator[re.Match[str]]:
    wanted = sorted({term for term in _terms(words.lower()) if term not in _SMALL}, key=len, reverse=True)
    if not wanted:
        return iter(())
    stems = (re.escape(stem_of(term)) + (r"\w*" if term.isascii() else "") for term in wanted)
    edge = r"(?<![^\W_])" if any(term.isascii() for term in wanted) else ""
    return re.finditer(f"{edge}(?:{'|'.join(stems)})", text, re.IGNORECASE)


def stem_of(term: str) -> str:
    """A term without the endings of English inflection."""
    for ending in ("ing", "ies", "ed", "es", "s"):
        if term.isascii() and term.endswith(ending) and len(term) - len(ending) >= 3:
            return term[: -len(ending)]
    return term
