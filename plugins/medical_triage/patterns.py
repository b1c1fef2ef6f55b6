"""Parses the patterns of the vocabulary files: shared words in braces, and two words near each other with a tilde.

``{belly} ~ {pain}`` finds both within four words of each other in either order, ``~8`` within eight.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from .prefilter import required

__all__ = ["READING", "Among", "Pattern", "compiled"]

FOLDER = Path(__file__).parent
READING = [FOLDER / name for name in ("patterns.py", "prefilter.py", "folding.py", "spelling.py", "spelling.toml")]
"""what patterns are made with"""
NEAR = re.compile(r" ~(\d*) ")
WORDS_BETWEEN = 4
NEGATION = re.compile(
    r"\b(?:no|non|nor|not|without|unable|never)\b|refus|(?:is|are|was|does|do|did|has|have|had|wo|ca|could|would)nt\b"
)
INNER = re.compile(r"\b(?:no|not|nil|without|non|denies|isnt|arent|wasnt|doesnt|dont|hasnt|havent|never)\b")
BEGINNING = 4
"""letters of a needle that are looked up"""
LONG = 1_000
"""characters of a clause whose pieces are not listed"""
PASSED_OVER = re.compile(r"not (?:been )?(?:only|just|help\w*|relie\w*|eased|improv\w*|going|settl\w*|stop\w*|better)")


@dataclass(frozen=True)
class Pattern:
    """One way to say a symptom."""

    source: str
    """the regular expression; compiled when one of its required substrings is first seen"""
    negative: bool
    """the words themselves hold a "not", as in "not breathing": what is denied inside them is meant"""
    required: tuple[str, ...]
    """substrings of which each place of it holds one"""

    @classmethod
    def of(cls, source: str, negative: bool) -> Pattern:
        """The pattern of an expression."""
        return cls(source, negative, required(source))

    @classmethod
    def read(cls, written: Sequence[Any]) -> Pattern:
        """Reads the form that `written` writes."""
        source, negative, required = written
        return cls(source, negative, tuple(required))

    def written(self) -> tuple[Any, ...]:
        """As plain values."""
        return astuple(self)

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self.source, re.IGNORECASE)

    @cached_property
    def beginnings(self) -> frozenset[str]:
        """The first letters of its required substrings."""
        return frozenset(each[:BEGINNING] for each in self.required)

    def is_in(self, clause: str) -> bool:
        """Returns whether a clause matches, denied or not."""
        return self._may_be_in(clause) and self.expression.search(clause) is not None

    def _may_be_in(self, clause: str) -> bool:
        if len(clause) <= LONG and self.beginnings.isdisjoint(_pieces(clause)):
            return False
        return any(each in clause for each in self.required)

    def found_in(self, clause: str) -> Iterator[tuple[int, int, bool]]:
        """Start, end, and whether the words between hold a denial, as in "belly is not tender"."""
        if not self._may_be_in(clause):
            return
        for hit in self.expression.finditer(clause):
            inner = "" if self.negative else PASSED_OVER.sub("", hit[0])
            yield hit.start(), hit.end(), bool(INNER.search(inner))


class Among:
    """Finds which of many patterns may be in a clause, without asking each.

    Args:
        patterns: all of them.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._every = range(len(patterns))
        self._with: dict[str, list[int]] = {}
        for at, pattern in enumerate(patterns):
            for beginning in pattern.beginnings:
                self._with.setdefault(beginning, []).append(at)

    def may_be_in(self, clause: str) -> Sequence[int]:
        """The places of such patterns, in order."""
        if len(clause) > LONG:
            return self._every
        return sorted({at for piece in self._with.keys() & _pieces(clause) for at in self._with[piece]})


@lru_cache(maxsize=64)
def _pieces(clause: str) -> frozenset[str]:
    """Every piece of a clause that is as long as a beginning may be: hundreds of patterns are looked for in it."""
    lengths = range(BEGINNING + 1)
    return frozenset(clause[start : start + length] for start in range(len(clause) + 1) for length in lengths)


def compiled(english: Sequence[str], chinese: Sequence[str], words: Mapping[str, str]) -> tuple[Pattern, ...]:
    """The patterns of one symptom.

    Args:
        english: regular expressions for text as `facts.plain` returns it; each begins and ends at a word's edge.
        chinese: the same for Chinese, where words have no edges.
        words: what the names in braces stand for.
    """
    plain: list[str] = []
    negative: list[str] = []
    for entry in english:
        made = _near(_filled(entry, words))
        (negative if NEGATION.search(made) else plain).append(made)
    found = []
    for entries, denies in ((plain, False), (negative, True)):
        if entries:
            found.append(Pattern.of(rf"\b(?:{'|'.join(entries)})(?!\w)", denies))
    if chinese:
        found.append(Pattern.of("|".join(chinese), True))
    return tuple(found)


def _filled(entry: str, words: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z_]+)\}", lambda name: f"(?:{words[name[1]]})", entry)


def _near(entry: str) -> str:
    parts = NEAR.split(entry)
    if len(parts) == 1:
        return entry
    left, count, right = parts
    gap = rf"\b(?:[\s,/:()\"+]+[\w.%]+){{0,{count or WORDS_BETWEEN}}}?[\s,/:()\"+]+"
    return rf"(?:{left}){gap}(?:{right})|(?:{right}){gap}(?:{left})"
