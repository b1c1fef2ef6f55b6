"""The expressions of consent and refusal in each language, and how a text is cut into their words."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

__all__ = ["Lexicon", "languages_of", "lexicon", "tokenize"]


@dataclass(frozen=True)
class Lexicon:
    """The expressions of one language."""

    categories: Mapping[tuple[str, ...], str]
    """words of an expression → its category in ``consent.toml``"""
    longest: int
    """words of the longest expression"""
    drops: frozenset[tuple[str, ...]]
    """expressions that end a talk, those among them that also refuse"""


_UNSPACED = "\u0e00-\u0e7f\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
"""characters of scripts that are read character by character: Thai, kana, Han, Hangul"""
_TOKEN = re.compile(
    rf"[{_UNSPACED}]|[?%…]|[a-z]{{1,4}}-?\d[\d-]*|\d+|[^\W\d_{_UNSPACED}]+|[\u2600-\u27bf\U0001f300-\U0001faff]"
)
_SCRIPTS = {
    "ko": re.compile("[\uac00-\ud7af]"),
    "ja": re.compile("[\u3040-\u30ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
}
_LATIN = ("en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr")
_PRIORITY = ("glue", "filler", "request", "soft", "yes", "question", "drop", "cancel", "no", "doubt", "wait")
"""Categories from weak to strong: an expression that stands in two of them keeps the stronger one."""


@cache
def _data() -> dict[str, Any]:
    path = resources.files("assistant.understanding").joinpath("consent.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _fold() -> dict[int, str]:
    given, kept = _data()["fold"]
    return str.maketrans(dict(zip(given, kept, strict=True)))


@lru_cache(maxsize=128)
def tokenize(text: str) -> tuple[str, ...]:
    """Cuts a text into small words without accents and apostrophes; Chinese, Japanese, Korean, Thai into characters."""
    text = unicodedata.normalize("NFKD", text.replace("…", " \x00 ").replace("...", " \x00 ")).casefold()
    text = re.sub("[\u0300-\u036f\u0640\u064b-\u0655\ufe0f\u200d'’‘`]", "", text).replace("\x00", "…")
    text = unicodedata.normalize("NFC", text).translate(_fold()).replace("؟", "?")
    text = re.sub(r"([^\W\d_])\1{2,}", r"\1", text)  # "yesss", "nooo"
    return tuple(_TOKEN.findall(text))


def languages_of(text: str, language: str = "") -> tuple[str, ...]:
    """The languages whose expressions a text may use, the likeliest first."""
    language = language.lower().replace("_", "-").partition("-")[0]
    found = [code for code, script in _SCRIPTS.items() if script.search(text)]
    if found:
        if "ja" in found or (found == ["zh"] and language == "ja"):
            return ("ja",)
        return tuple(found)
    return tuple(dict.fromkeys([*([language] if language in _LATIN else []), *_LATIN]))


@cache
def lexicon(language: str) -> Lexicon:
    """The expressions of one language; those not written in Latin letters hold the English ones too."""
    found: dict[tuple[str, ...], str] = {}
    drops: set[tuple[str, ...]] = set()
    codes = (language,) if language in _LATIN else ("en", language)
    for code in ("signs", *codes):
        for category in _PRIORITY:
            for written in _data()[code].get(category, ()):
                for phrase in _readings(written):
                    if words := tokenize(phrase):
                        found[words] = category
                        if category == "drop":
                            drops.add(words)
    return Lexicon(found, max(map(len, found)), frozenset(drops))


def _readings(written: str) -> list[str]:
    """Every reading of an expression with alternatives, which may be nested."""
    closed: list[list[str]] = [[]]  # for each open group, the readings of its finished alternatives
    current: list[list[str]] = [[""]]  # for each open group, the readings of the alternative being read
    for piece in re.split(r"([()|])", written):
        if piece == "(":
            closed.append([])
            current.append([""])
        elif piece == "|":
            closed[-1] += current[-1]
            current[-1] = [""]
        elif piece == ")":
            inner = closed.pop() + current.pop()
            current[-1] = [before + after for before in current[-1] for after in inner]
        else:
            current[-1] = [before + piece for before in current[-1]]
    return current[0]
