"""Writes every number of a text in plain digits, and keeps where each stood.

The finders then read "ten days from now", 三天后 and "１０ days" alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from assistant.understanding.entities.han import HAN_NUMERAL, read_han
from assistant.understanding.entities.vocabulary import Vocabulary, vocabulary

__all__ = ["Reading", "plain", "read_in_digits"]

_QUOTES = str.maketrans("’‘＇−–—‐‑\u00a0\u2009\u202f\u3000，。：；！？（）％", "'''-----    ,.:;!?()%")
_TOKEN = re.compile(
    r"[^\W\d_]+(?:-[^\W\d_]+)*|(?<![\d.])\d{1,12}(?:\.\d{1,6})?(?=\s+(?:hundred|thousand|million|billion)\b)"
)
_AND = frozenset({"and", "y", "e", "und", "et", "en"})
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Reading:
    """A text in small letters with its numbers in digits."""

    text: str
    starts: Sequence[int]
    """for each character, where it begins in what was written"""
    ends: Sequence[int]
    """for each character, where it ends in what was written"""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the written text behind a stretch of this one."""
        return self.starts[start], self.ends[end - 1]


def plain(text: str) -> str:
    """A text of the same length in small letters, with ASCII digits, quotes, hyphens and punctuation."""
    if text.isascii():
        return text.lower()
    return text.translate({ord(char): _plain(char) for char in set(text)})


def _plain(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    char = char.translate(_QUOTES)
    if "\uff01" <= char <= "\uff5e":
        char = chr(ord(char) - 0xFEE0)
    small = char.lower()
    return small if len(small) == 1 else char


def read_in_digits(text: str, language: str = "en") -> Reading:
    """Rewrites numbers in words and Chinese numerals as digits.

    Args:
        language: ISO 639-1; its number words are read beside English and Chinese ones.
    """
    small = plain(text)
    edits = sorted([*_word_numbers(small, vocabulary(language)), *_han_numbers(small)])
    if not edits:
        return Reading(small, range(len(small)), range(1, len(small) + 1))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    place = 0
    for start, end, digits in [*edits, (len(small), len(small), "")]:
        pieces += [small[place:start], digits]
        starts += [*range(place, start), *[start] * len(digits)]
        ends += [*range(place + 1, start + 1), *[end] * len(digits)]
        place = end
    return Reading("".join(pieces), starts, ends)


Edit = tuple[int, int, str]


def _han_numbers(text: str) -> Iterator[Edit]:
    if not _HAN.search(text):
        return
    for match in HAN_NUMERAL.finditer(text):
        value = read_han(match.group())
        if value is not None:
            apart = " " * (HAN_NUMERAL.match(text, match.end()) is not None)  # 周五五点 is Friday at five
            yield match.start(), match.end(), value + apart


@dataclass(frozen=True)
class _Word:
    start: int
    end: int
    value: float
    kind: str
    """unit, teen, tens, scale, ordinal, digits or point"""


def _word_numbers(text: str, words: Vocabulary) -> Iterator[Edit]:
    found = [word for match in _TOKEN.finditer(text) for word in _read_token(match, words)]
    if not found:
        return
    run: list[_Word] = []
    for word in found:
        if run and not _joins(text[run[-1].end : word.start]):
            yield from _numbers_of(run, text)
            run = []
        run.append(word)
    yield from _numbers_of(run, text)


def _joins(between: str) -> bool:
    middle = between.strip(" -\t")
    return len(between) < 8 and "\n" not in between and (not middle or middle in _AND)


def _read_token(match: re.Match[str], words: Vocabulary) -> Iterator[_Word]:
    whole, start = match.group(), match.start()
    if (word := _word(whole, start, words)) is not None:
        yield word
    elif "-" in whole:
        for part in re.finditer(r"[^-]+", whole):
            if (word := _word(part.group(), start + part.start(), words)) is not None:
                yield word


def _word(text: str, start: int, words: Vocabulary) -> _Word | None:
    if text[0].isdecimal():
        return _Word(start, start + len(text), float(text), "digits")
    for known, kind in ((words.scales, "scale"), (words.ordinals, "ordinal"), (words.numbers, "")):
        value = known.get(text)
        if value is not None:
            return _Word(start, start + len(text), value, kind or _kind(value))
    return _Word(start, start + 5, 0, "point") if text == "point" else None


@lru_cache(maxsize=256)
def _kind(value: int) -> str:
    if value < 10:
        return "unit"
    return "teen" if value < 20 else "tens" if value % 10 == 0 else "teen"


def _numbers_of(run: list[_Word], text: str) -> Iterator[Edit]:
    """Cuts a run of number words into numbers: "twenty one" is one, "one zero zero one" are four."""
    begun: list[_Word] = []
    for word in run:
        if begun and not _continues(begun, word, text):
            yield from _number(begun, text)
            begun = []
        begun.append(word)
    if begun:
        yield from _number(begun, text)


def _continues(begun: list[_Word], word: _Word, text: str) -> bool:
    last = begun[-1]
    linked = text[last.end : word.start].strip(" -")
    if word.kind == "digits" or last.kind == "ordinal":
        return False
    if any(each.kind == "point" for each in begun):
        return word.kind in ("unit",) and not linked
    if word.kind == "point":
        return not linked
    if word.kind == "scale":
        return not linked and (last.kind != "scale" or word.value > last.value) and last.value != 0
    if word.kind == "ordinal" and word.value >= 20:
        return last.kind == "scale"
    if last.kind == "scale":
        return True
    if linked and linked in ("and", "und", "en"):
        return False
    if word.kind == "tens":  # "nineteen eighty four" and "twenty twenty six" are years
        return len(begun) == 1 and last.value in (19, 20) and not linked
    return last.kind == "tens" and word.kind in ("unit", "ordinal") and 0 < word.value < 10


def _number(run: list[_Word], text: str) -> Iterator[Edit]:
    while run and run[-1].kind == "point":
        run = run[:-1]
    if not run or run[0].kind == "point" or (run[0].kind == "digits" and len(run) == 1):
        return
    start, end = run[0].start, run[-1].end
    if run[0].kind == "scale":
        before = re.search(r"(?<![^\W\d_])(a|an|ein|un|half a)\s+$", text[max(0, start - 8) : start])
        if before is None:
            return  # "hundreds of people"
        start -= len(before.group())
    whole = [word for word in run if word.kind != "point"]
    places = next((at for at, word in enumerate(run) if word.kind == "point"), None)
    digits = _written(whole if places is None else run[:places])
    if places is not None:
        digits += "." + "".join(str(int(word.value)) for word in run[places + 1 :])
    yield start, end, digits + ("th" if run[-1].kind == "ordinal" else "")


def _written(run: list[_Word]) -> str:
    total, current = 0.0, 0.0
    for before, word in pairwise([_Word(0, 0, 0, ""), *run]):
        if word.kind == "scale":
            current = (current or 1) * word.value
            if word.value >= 1000:
                total, current = total + current, 0
        elif before.value in (19, 20) and word.kind in ("tens",) and before.kind in ("teen", "tens"):
            current = current * 100 + word.value
        else:
            current += word.value
    return f"{total + current:.6f}".rstrip("0").rstrip(".")
