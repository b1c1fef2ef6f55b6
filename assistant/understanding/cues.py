"""Finds the words that show what a clause does, by the lexicon in ``cues.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from assistant.understanding.tokens import words_of

__all__ = ["INSIDE", "Lexicon", "lexicon", "tag"]

LONGEST = 6
"""words, or characters of a script without spaces, in the longest cue"""

INSIDE = "+"
"""the tag of a cue's words but the first"""

Lexicon = dict[tuple[str, ...], str]
"""words of a cue → its kind"""


@cache
def lexicon(language: str) -> Lexicon:
    """The cues of a language; none for a language that the file lacks. A cue of two kinds is of the first."""
    text = resources.files(__package__).joinpath("cues.toml").read_text(encoding="utf-8")
    found: Lexicon = {}
    for kind, cues in tomllib.loads(text).get(language, {}).items():
        for cue in cues.split():
            found.setdefault(tuple(word.text for word in words_of(cue.replace("_", " "))), kind)
    return found


def tag(words: Sequence[str], language: str) -> list[str]:
    """For each word the kind of the cue that begins there, the longest first; "" for none, `INSIDE` within one."""
    cues = lexicon(language)
    first = _first_words(language)
    tags: list[str] = []
    at = 0
    while at < len(words):
        size = min(first.get(words[at], 0), len(words) - at)
        while size and tuple(words[at : at + size]) not in cues:
            size -= 1
        tags += [cues[tuple(words[at : at + size])], *[INSIDE] * (size - 1)] if size else [""]
        at += size or 1
    return tags


@cache
def _first_words(language: str) -> dict[str, int]:
    """First word of a cue → words in the longest cue that begins with it."""
    longest: dict[str, int] = {}
    for cue in lexicon(language):
        longest[cue[0]] = max(longest.get(cue[0], 0), len(cue))
    return longest
