"""Recognises crises from two hints of different kinds together, in any language of ``crisis.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from assistant.plugins.toolkit.made import made_of

from .folding import KANA, UNSPACED, begins, folded, without_spaces
from .patterns import READING, Among, Pattern
from .spelling import SIMPLIFIED

__all__ = ["hinted"]

FILE = Path(__file__).parent / "crisis.toml"
PAIRS = (
    ("place", "act"),
    ("place", "despair"),
    ("act", "despair"),
    ("weapon", "despair"),
    ("weapon", "leaving"),
    ("weapon", "giving"),
    ("giving", "leaving"),
    ("giving", "despair"),
    ("leaving", "despair"),
)
FEWEST = 2
"""kinds that are hinted at together"""
LETHAL = (("ask", "means", "death"), ("ask", "place", "death"))
"""who asks what kills"""
KINDS = ("place", "act", "weapon", "leaving", "giving", "despair", "ask", "means", "death")
SENTENCE = re.compile(r"(?<!\d)[.!?;](?!\d)|[\n。！？；؟؛…]")


@cache
def _hints() -> Mapping[str, Mapping[str, Pattern]]:
    kept: dict[str, dict[str, list[Any]]] = made_of([FILE, *READING, Path(__file__)], "hints", _written)
    return {language: {kind: Pattern.read(entry) for kind, entry in kinds.items()} for language, kinds in kept.items()}


@cache
def _patterns() -> tuple[tuple[tuple[str, str], ...], Among]:
    """The language and the kind of each pattern."""
    every = _hints()
    pairs = tuple((language, kind) for language, kinds in every.items() for kind in kinds)
    return pairs, Among([every[language][kind] for language, kind in pairs])


def _written() -> Mapping[str, Mapping[str, Sequence[Any]]]:
    content = tomllib.loads(FILE.read_text("utf-8"))
    return {
        language: {
            # Words of a turn come with simplified characters, the Japanese ones among them too.
            kind: Pattern.of(begins(language, entries).translate(SIMPLIFIED), negative=True).written()
            for kind, entries in kinds.items()
        }
        for language, kinds in content.items()
    }


def hinted(text: str) -> str:
    """The language in which a text hints at a crisis of a person here and now; "" for no hint.

    Args:
        text: what of the words is neither a lesson nor a story nor long over; as typed or as `facts.plain` returns it.
    """
    text = folded(text).translate(SIMPLIFIED)
    told = {True: without_spaces(text), False: text}
    pairs, among = _patterns()
    likely = {pairs[at] for words in told.values() for at in among.may_be_in(words)}
    for language, kinds in _hints().items():
        if (language, "alone") not in likely and sum((language, kind) in likely for kind in KINDS) < FEWEST:
            continue
        if language in ("zh", "ja") and (language == "ja") != bool(KANA.search(text)):
            continue
        words = told[language in UNSPACED]
        if kinds["alone"].is_in(words) or _together(kinds, words):
            return language
    return ""


def _together(kinds: Mapping[str, Pattern], text: str) -> bool:
    sentences = [part for part in SENTENCE.split(text) if part.strip()]
    # What belongs together may stand in two neighbouring sentences; more apart it is another matter.
    for near in pairwise([*sentences, ""]):
        seen = {kind for kind in KINDS if any(kinds[kind].is_in(part) for part in near)}
        if any(set(pair) <= seen for pair in (*PAIRS, *LETHAL)):
            return not kinds["innocent"].is_in(text)
    return False
