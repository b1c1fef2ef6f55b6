"""Numbers, as people write and say them in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

__all__ = ["HAN_DIGITS", "NUMBER", "TENS", "UNITS", "Mention", "find_numbers", "read_number"]

T = TypeVar("T")


@dataclass(frozen=True)
class Mention(Generic[T]):
    """A value and where it stands in a text."""

    start: int
    """index of its first character"""
    end: int
    """index after its last character"""
    value: T


UNITS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
"""The number words from zero to nineteen, in order."""
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
"""The number words from twenty to ninety, in order."""
_WORDS = {
    **{word: value for value, word in enumerate(UNITS)},
    **{word: 10 * value for value, word in enumerate(TENS, 2)},
    "dozen": 12,
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_WORD = "|".join(sorted([*_WORDS, *_SCALES], key=len, reverse=True))
_HAN_VALUES = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
HAN_DIGITS = "".join([*_HAN_VALUES, *_HAN_UNITS])
"""Every character a Chinese numeral is written with."""

NUMBER = (
    r"(?:(?<![\w.-])[-−]|(?<![A-Za-z0-9_.])(?<![A-Za-z0-9]-))(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?![\d_])"
    rf"|\b(?:a\s+)?(?:{_WORD})(?:(?:\s+and\s+|[\s-]+)(?:{_WORD}))*\b"
    rf"|[{HAN_DIGITS}]+(?:点[{HAN_DIGITS}]+)?"
)
"""A number in digits, English words or Chinese numerals (no groups; to be used without regard to case)."""

_NUMBER = re.compile(NUMBER, re.IGNORECASE)


def find_numbers(text: str) -> list[Mention[float]]:
    """Every number in a text, in order. Numbers inside a code such as "A-1042" are not numbers."""
    found = []
    for match in _NUMBER.finditer(text):
        value = read_number(match.group())
        if value is not None:
            found.append(Mention(match.start(), match.end(), value))
    return found


def read_number(text: str) -> float | None:
    """The value of a text that is nothing but a number, or None."""
    text = text.strip().lower().replace("−", "-")
    if re.fullmatch(r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", text):
        return float(text.replace(",", ""))
    if text and all(char in HAN_DIGITS or char == "点" for char in text):
        return _read_han(text)
    return _read_words(re.findall(r"[a-z]+", text)) if re.fullmatch(r"[a-z\s-]+", text) else None


def _read_words(words: Sequence[str]) -> float | None:
    total, current = 0, 0
    for word in words:
        if word in ("a", "and"):
            continue
        if word in _WORDS:
            current = current * 12 if word == "dozen" and current else current + _WORDS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in _SCALES:
            total, current = total + (current or 1) * _SCALES[word], 0
        else:
            return None
    return float(total + current) if words else None


def _read_han(text: str) -> float | None:
    whole, _, fraction = text.partition("点")
    if any(char not in _HAN_VALUES for char in fraction) or not whole:
        return None
    digits = "".join(str(_HAN_VALUES[char]) for char in fraction)
    return float(f"{_han_integer(whole)}.{digits or 0}")


def _han_integer(text: str) -> int:
    if len(text) > 1 and all(char in _HAN_VALUES for char in text):  # digit by digit, such as 二零二六
        return int("".join(str(_HAN_VALUES[char]) for char in text))
    total, section, digit = 0, 0, 0
    for char in text:
        if char in _HAN_VALUES:
            digit = _HAN_VALUES[char]
        elif (unit := _HAN_UNITS[char]) < 10_000:
            section += (digit or 1) * unit
            digit = 0
        else:
            total = (total + section + digit) * unit
            section = digit = 0
    return total + section + digit
