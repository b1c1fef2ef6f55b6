"""The words that say how a request is meant: all, except, not, either, it, late, and the like."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from assistant import ClauseReader
from assistant.understanding.types import Clause

__all__ = [
    "ANY_WORDS",
    "acts_in",
    "asks_about",
    "asks_what_if",
    "beginnings",
    "clause_end",
    "clauses_in",
    "declines",
    "heard",
    "only_supposes",
    "ordinals_in",
    "spans_of",
    "without",
]

ANY_WORDS = (*"abcdefghijklmnopqrstuvwxyz0123456789", *"的一不我了是你有在这要没就能可他说好给也都个来看吗么退钱换坏")
"""beginnings of words, one of which any answer holds: for a question that wants a picture and hears everything"""
LONGEST = 400
"""characters of a text that is read clause by clause"""
_PIECE = re.compile(r"[^,，.。;；!！?？]*[\w)）][^,，.。;；!！?？]*[,，.。;；!！?？]*")
_END = re.compile(r"[,.;:!?，。；：！？\n]|\bbut\b|$", re.IGNORECASE)
_FILLER = re.compile(r"^(?:(?:so|and|oh|ok(?:ay)?|but|well|hm+|wait|then|now|um|uh)\b[\s,…-]*)+")
"""words before a question"""
_READER = ClauseReader()


def heard(kind: str, text: str) -> re.Match[str] | None:
    """The first word of a kind in a text, in either language; None when there is none.

    Args:
        kind: a table of ``words.toml``.
        text: any words.
    """
    return _pattern(kind).search(text)


def spans_of(kind: str, text: str) -> Iterator[re.Match[str]]:
    """Every word of a kind in a text, in order."""
    return _pattern(kind).finditer(text)


def without(kind: str, text: str) -> str:
    """A text without the words of a kind."""
    return _pattern(kind).sub(" ", text)


def clause_end(text: str, start: int) -> int:
    """Returns the end of the clause that continues at `start`: a comma, a full stop, "but", or the end of the text."""
    found = _END.search(text, start)
    return found.start() if found else len(text)


def ordinals_in(text: str) -> list[int]:
    """Returns the positions that a text names, in order: 0 for the first, -1 for the last."""
    written = _written()["ordinal"]
    found: list[tuple[int, int]] = []
    for place, pair in enumerate(zip(written["en"], written["zh"], strict=True)):
        found += [(match.start(), place) for match in _compiled([pair[0]], [pair[1]]).finditer(text)]
    found += [(match.start(), -1) for match in spans_of("last", text)]
    return [place for _, place in sorted(found)]


def clauses_in(text: str) -> tuple[Clause, ...]:
    """A text clause by clause, each with its act, polarity, time and whose affair it is. See `assistant.ClauseReader`.

    Args:
        text: what was said, of any length; of a speech nothing is read. What commas part is read by itself.
    """
    pieces = _PIECE.findall(text) if len(text) <= LONGEST else ()
    return tuple(clause for piece in pieces for clause in _READER.read(piece).clauses)


def asks_what_if(text: str) -> bool:
    """Returns whether the text asks for a consequence: "what would I get if …"; not "cancel it if …"."""
    clauses = _READER.read(text).clauses
    if any(clause.acting for clause in clauses):
        return False
    supposed = any(clause.time == "supposed" for clause in clauses) or heard("what_if", text)
    return bool(supposed and (asks_about(text) or any(clause.act == "question" for clause in clauses)))


def only_supposes(text: str) -> bool:
    """Returns whether the text only supposes an act and requests none: "suppose I send the headphones back"."""
    clauses = _READER.read(text).clauses
    return any(clause.time == "supposed" for clause in clauses) and not any(clause.acting for clause in clauses)


def acts_in(text: str, asked: str = "", least: float = 0.5) -> frozenset[str]:
    """Returns the dialogue acts of a text: "question", "request", "human", … See `assistant.ClauseReader`.

    Args:
        text: what was said.
        asked: the question it may answer.
        least: confidence of a clause that counts.
    """
    return frozenset(clause.act for clause in _READER.read(text, asked).clauses if clause.confidence >= least)


def beginnings(kind: str) -> list[str]:
    """Returns the plain words of a kind, for the mentions of a question."""
    entry = _written()[kind]
    return [word for word in (*entry["en"], *entry["zh"]) if not re.search(r"[\\^$.|?*+()\[\]{}]", word)]


@cache
def _written() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    entry = _written()[kind]
    return _compiled(entry["en"], entry["zh"])


def _compiled(english: list[str], chinese: list[str]) -> re.Pattern[str]:
    parts = [rf"(?<![a-z0-9])(?:{'|'.join(english)})(?![a-z])"] if english else []
    return re.compile("|".join([*parts, *chinese]), re.IGNORECASE)


def asks_about(text: str) -> bool:
    """Returns whether the text asks about an action and does not request it; "can you cancel A1002?" requests it."""
    start = _FILLER.sub("", text.strip().lower())
    found = heard("asks_about", start)
    return found is not None and (found.start() == 0 or not found[0].isascii()) and not heard("asks_politely", start)


def declines(text: str) -> bool:
    """Returns whether the text only asks not to do something: "don't cancel it", "I'd like to keep A1002"."""
    if heard("takes_back", text):  # "cancel A1002. Actually, keep it."
        return True
    if not heard("declines", text):
        return False
    rest, place = "", 0
    for match in spans_of("declines", text):
        if match.start() >= place:
            rest, place = rest + text[place : match.start()], clause_end(text, match.end())
    return not heard("acts", rest + text[place:])
