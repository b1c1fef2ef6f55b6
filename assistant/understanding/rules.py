"""Reads a clause by its cues and punctuation alone: for languages without a learned reader, and for endless turns.

Also tells a request in the form of a question from a question, where the learned reader has seen too few.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.understanding.features import Piece
from assistant.understanding.types import Act, Polarity, Scope

__all__ = ["asks_to_do", "read_act", "read_polarity", "read_scope"]

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


_ASKED_TO_DO = re.compile(
    r"^(?:(?:so|and|but|then|hi|hello|hey|please|well|okay|sorry) )*(?:can|could|will|can't|couldn't|won't) you "
    r"(?:(?:please|just|also|maybe|possibly|kindly|quickly|go and|go ahead and) )*"
    r"(?!(?:tell|say|be|have|see|hear|know|remember|speak|understand|recommend|think|imagine|help|do) )[^ ]+ "
    r"(?:(?:me|us) \S|(?:(?:off|on|up|down|back|out|order) )?(?:it|this|that|them|these|those|the|my|our|#)(?: |$))"
)
"""a thing to be done to something named: "can you cancel A1002", and not "can you cancel orders" """
_ASKED_TO_DO_ZH = re.compile(
    r"^(?:你好|请问|那|所以|麻烦)?你?(?:能不能|可不可以|能|可以)(?:再|先|请)?(?:你)?(?:帮我|给我|替我|把)(?!.*(?:多少|哪|什么|几))"
    r"|^(?:你好|请问|那|所以)?[你您](?:能|可以)(?!.*(?:多少|哪|什么|几|怎么|还能|已经|听|懂|看[到见]|知道|记得)).*吗$"
)


def asks_to_do(words: Sequence[str]) -> bool:
    """Returns whether a clause in the form of a question asks for something to be done.

    Args:
        words: of one clause, in their usual spelling (see `assistant.understanding.tokens`).
    """
    return bool(_ASKED_TO_DO.match(" ".join(words)) or _ASKED_TO_DO_ZH.match("".join(words)))


def read_act(piece: Piece, asked: Piece | None) -> Act:
    """The act of a clause; "statement" without a cue.

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
    """The scope of a clause, by its strongest cue."""
    return next((scope for kind, scope in _SCOPES if kind in piece.tags), "one")


def _count(tags: Sequence[str], kind: str) -> int:
    return sum(each == kind for each in tags)
