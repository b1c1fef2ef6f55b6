"""Corrects a request for a second reading: typos, and codes replaced by those of the examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property

__all__ = ["Respeller", "edits"]

SHORTEST = 3
"""letters of a word that is mended; of one so short two neighbours must have changed places"""
LONG = 7
"""letters from which two slips are mended"""
_WORD = re.compile(r"[A-Za-z]{3,}")
_CODE = re.compile(r"(?<![\w.-])[A-Za-z]{1,3}-?\d{3,6}(?![\w-])")


class Respeller:
    """Corrects misspelt words by the words of the examples, which are gathered when the first is to be corrected.

    Args:
        texts: the sentences the intents were learned from.
        known: whether a word, in small letters, is one that people write; such a word stays.
    """

    def __init__(self, texts: Iterable[str], known: Callable[[str], bool]) -> None:
        self._texts = tuple(texts)
        self._known = known

    @cached_property
    def _words(self) -> Counter[str]:
        return Counter(word.lower() for text in self._texts for word in _WORD.findall(text))

    @cached_property
    def _by_start(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in self._words:
            found.setdefault(word[0], []).append(word)
        return found

    @cached_property
    def _code(self) -> str:
        codes = Counter(code for text in self._texts for code in _CODE.findall(text) if "-" not in code)
        return codes.most_common(1)[0][0] if codes else ""

    def respell(self, text: str) -> str:
        """The text with its slips mended, and its codes ("A1002") replaced by the one that most examples hold."""
        if self._code:
            text = _CODE.sub(self._code, text)
        return _WORD.sub(lambda found: self._mended(found[0]), text)

    def _mended(self, word: str) -> str:
        small = word.lower()
        if small in self._words or self._known(small):
            return word
        most = 2 if len(small) >= LONG else 1
        near = [
            (edits(small, other, most), -self._words[other], other)
            for other in self._by_start.get(small[0], ())
            if abs(len(other) - len(small)) <= most and len(other) >= SHORTEST
        ]
        fitting = [each for each in near if each[0] <= most and (len(small) > SHORTEST or _swapped(small, each[2]))]
        return min(fitting)[2] if fitting else word


def _swapped(one: str, other: str) -> bool:
    return len(one) == len(other) and sorted(one) == sorted(other)


def edits(one: str, other: str, most: int) -> int:
    """Number of letters added, left out, replaced or swapped (optimal string alignment distance).

    Args:
        one: a word.
        other: another.
        most: where it is certain that there are more, any larger number is returned.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row = row, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before = above
    return row[-1]
