"""The number words, months and weekdays of each language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Vocabulary", "vocabulary"]


@dataclass(frozen=True)
class Vocabulary:
    """Words of English, and of one more language."""

    numbers: dict[str, int] = field(default_factory=dict)
    """word → value below 100, or a whole number such as "doscientos" """
    scales: dict[str, int] = field(default_factory=dict)
    ordinals: dict[str, int] = field(default_factory=dict)
    months: dict[str, int] = field(default_factory=dict)
    """name → 1 to 12"""
    weekdays: dict[str, int] = field(default_factory=dict)
    """name → 0 for Monday to 6 for Sunday"""
    near: dict[str, int] = field(default_factory=dict)
    """word → days from today"""


@cache
def vocabulary(language: str) -> Vocabulary:
    """The words of a language (ISO 639-1) together with the English ones; English alone for an unknown language."""
    found = Vocabulary()
    data = tomllib.loads(
        resources.files("assistant.understanding.entities").joinpath("words.toml").read_text(encoding="utf-8")
    )
    for code in dict.fromkeys(("en", language)):
        if code in data:
            _add(found, data[code])
    return found


def _add(found: Vocabulary, words: Mapping[str, Any]) -> None:
    units, tens = words["units"].split(), words["tens"].split()
    found.numbers.update({word: value for value, word in enumerate(units)})
    found.numbers.update({word: value for value, word in zip(range(20, 100, 10), tens, strict=True)})
    for value, ten in zip(range(20, 100, 10), tens, strict=True):
        for unit, word in enumerate(units[1:10], 1):
            if "joined" in words:
                word = "ein" if word == "eins" else word
                found.numbers[words["joined"].format(unit=word, tens=ten)] = value + unit
    found.numbers.update(words.get("more", {}))
    found.scales.update(words["scales"])
    ordinals = words.get("ordinals", "").split()
    found.ordinals.update({word: value for value, word in enumerate(ordinals, 1)})
    if ordinals:
        found.ordinals.update({f"{ten[:-1]}ieth": value for value, ten in zip(range(20, 100, 10), tens, strict=True)})
    found.months.update({name: at for at, each in enumerate(words["months"], 1) for name in each.split("|")})
    found.weekdays.update({name: at for at, each in enumerate(words["weekdays"]) for name in each.split("|")})
    found.near.update(words.get("near", {}))
