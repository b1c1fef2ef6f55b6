"""A turn as clauses. Needs the standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

__all__ = ["ACTS", "FIELDS", "SURE", "Act", "Clause", "Polarity", "Scope", "Time", "Understanding", "Whose"]

Act = Literal[
    "request",
    "question",
    "statement",
    "yes",
    "no",
    "hedge",
    "correction",
    "social",
    "stop",
    "undo",
    "repeat",
    "human",
    "help",
]
"""What the user does with a clause: orders, asks, tells, answers, repairs, greets, or directs the conversation."""
Polarity = Literal["positive", "negative"]
"""Negative when the clause negates its own main point: a request not to do, a denied fact, a refusal."""
Time = Literal["past", "now", "later", "supposed"]
"""Past is over; now lasts or is wanted at once; later is set for a time to come; supposed is hypothetical or feared."""
Whose = Literal["mine", "another"]
"""Another when the affair or the body is another person's."""
Scope = Literal["one", "both", "all", "except", "either", "not_but", "nothing"]
"""How many things the clause is about: "except" is all but some, "not_but" is this instead of that."""

ACTS: tuple[Act, ...] = get_args(Act)
FIELDS: dict[str, tuple[str, ...]] = {
    "act": ACTS,
    "polarity": get_args(Polarity),
    "time": get_args(Time),
    "whose": get_args(Whose),
    "scope": get_args(Scope),
}
"""Each field that is read, and its values; the first value of every field but the act is the usual one."""

SURE = 0.85
"""confidence from which on a request may be acted on; measured in ``README.md``"""


@dataclass(frozen=True)
class Clause:
    """One unit that can be served or refused on its own."""

    text: str
    """verbatim, with its punctuation"""
    start: int
    """first character in the turn's text"""
    end: int
    """behind the last character"""
    act: Act = "statement"
    polarity: Polarity = "positive"
    time: Time = "now"
    whose: Whose = "mine"
    scope: Scope = "one"
    confidence: float = 0.0
    """0 to 1: how likely act, polarity, time and whose are all right; 0 where no model read the clause"""

    @property
    def acting(self) -> bool:
        """Whether the clause surely asks for something to be done now, for the user: only then may things change."""
        return self.confidence >= SURE and (self.act, self.polarity, self.time, self.whose) == (
            "request",
            "positive",
            "now",
            "mine",
        )


@dataclass(frozen=True)
class Understanding:
    """A turn as clauses, in order. Together they hold every word of the text."""

    text: str
    language: str
    """ISO 639-1"""
    clauses: tuple[Clause, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values for ``json.dumps``; confidences are rounded to three places."""
        clauses = [{**vars(clause), "confidence": round(clause.confidence, 3)} for clause in self.clauses]
        return {"text": self.text, "language": self.language, "clauses": clauses}
