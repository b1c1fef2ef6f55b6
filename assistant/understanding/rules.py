"""Reads a clause by its cues and punctuation alone: for languages without a learned reader, and for endless turns."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.understanding.features import Piece
from assistant.understanding.types import Act, Polarity, Scope

__all__ = ["read_act", "read_polarity", "read_scope"]

SHORT = 4
"""words up to which an answer or a call to stop is taken for one as a whole"""
_WHOLE: tuple[tuple[str, Act], ...] = (
    ("halt", "stop"),
    ("restore", "undo"),
    ("again", "repeat"),
    ("help", "help"),
    ("greeting", "social"),
)
"""kinds of cues that a short clause may consist of, before any question"""
_ANSWERS: tuple[tuple[str, Act], ...] = (("unsure", "hedge"), ("refuse", "no"), ("agree", "yes"))
_SCOPES: tuple[tuple[str, Scope], ...] = (
    ("nothing", "nothing"),
    ("but_for", "except"),
    ("rather_than", "not_but"),
    ("every", "all"),
    ("choice", "either"),
    ("pair", "both"),
)


def read_act(piece: Piece, asked: Piece | None) -> Act:
    """What the clause does; a statement where no cue says otherwise.

    Args:
        piece: the clause.
        asked: the open question, without which there is neither yes nor no.
    """
    kinds = set(piece.tags)
    if "people" in kinds:
        return "human"
    if len(piece.words) <= SHORT and (act := _short(piece, asked)):
        return act
    if "?" in piece.mark or piece.mark == "؟" or "asking" in kinds or "asks" in kinds:
        return "question"
    return "request" if {"please", "doing"} & kinds and piece.tags[0] != "me" else "statement"


def _short(piece: Piece, asked: Piece | None) -> Act | None:
    kinds = set(piece.tags)
    found = next((act for kind, act in _WHOLE if kind in kinds), None)
    if found or asked is None or "?" in piece.mark:
        return found
    answer = next((act for kind, act in _ANSWERS if kind in kinds), None)
    return "no" if answer == "yes" and "negation" in kinds else answer


def read_polarity(piece: Piece, act: Act) -> Polarity:
    """Negative for a refusal, and for a clause with an odd number of negations that asks nothing."""
    if act == "no":
        return "negative"
    if act in ("question", "yes", "stop", "undo", "repeat", "human", "help", "social"):
        return "positive"
    return "negative" if _count(piece.tags, "negation") % 2 else "positive"


def read_scope(piece: Piece) -> Scope:
    """How many things the clause is about, by the strongest cue in it."""
    return next((scope for kind, scope in _SCOPES if kind in piece.tags), "one")


def _count(tags: Sequence[str], kind: str) -> int:
    return sum(each == kind for each in tags)
