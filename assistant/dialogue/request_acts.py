"""Classifies requests before they are decided: refusals, sure requests, and the forms that request an intent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import understanding
from assistant.dialogue.decided import Decided
from assistant.plugins.api import Intent
from assistant.plugins.toolkit.made import made_of
from assistant.types import content_hash
from assistant.understanding.entities.identifiers import identifier_spans
from assistant.understanding.exceptions import REMOVES
from assistant.understanding.model import BY_RULE, ClauseReader
from assistant.understanding.negation import declines
from assistant.understanding.permission import told_of_past
from assistant.understanding.requests import Request
from assistant.understanding.tokens import words_of
from assistant.understanding.types import Act

__all__ = [
    "SHORTEST_REQUEST",
    "SURE_ACT",
    "Asked",
    "asked_in_examples",
    "asks_for",
    "is_request",
    "only_tells",
    "refuses",
]

SHORTEST_REQUEST = 12
"""bytes (four Chinese characters) below which words answer a question that any words could answer"""
FEWEST_WORDS = 3
"""words of a request that its form alone distinguishes from an answer"""
SURE_ACT = 0.6
"""confidence from which a clause directs the conversation ("stop", "say that again")"""
HARDLY_ANSWER, HARDLY_ASK, HARDLY_PAST = 0.5, 0.4, 0.7
"""confidence below which words that ask for nothing are not answered, not asked about, or neither where they tell of
what is past"""
LIKELY_REQUEST = 0.5
"""confidence from which a piece of a turn asks for something of its own"""
REFUSABLE = frozenset[Act]({"request", "human", "undo", "help"})
"""acts whose negation asks for something not to be done"""

_FOLDER = Path(understanding.__file__).parent
_READING = (Path(__file__), *sorted([*_FOLDER.glob("*.*"), _FOLDER / "weights" / "SHA256SUMS"]))
"""the files that say how examples are read"""

OFTEN = 0.04
"""share of an intent's examples about another person above which it also serves other people"""


@dataclass(frozen=True)
class Asked:
    """The forms in which an intent's own examples request it."""

    acts: frozenset[Act]
    """of its clauses"""
    by_telling: bool
    """whether most of them are statements, not questions: "my name is Anna" is said to be remembered"""
    for_others: bool
    """whether they often concern another person: "my sister lives in Lima" is said to be remembered"""
    removes: bool = False
    """whether most of them ask for something to be removed or ended"""


def asked_in_examples(reader: ClauseReader) -> Callable[[Intent], Asked]:
    """Returns what reads how an intent's examples ask for it; each intent is read once, and kept in the cache."""
    known: dict[tuple[str, ...], Asked] = {}

    def asked(intent: Intent) -> Asked:
        if intent.examples not in known:
            name = f"asked-{content_hash(*intent.examples)[:16]}"
            acts, *told = made_of(_READING, name, lambda: _read_examples(reader, intent.examples))
            known[intent.examples] = Asked(frozenset(acts), *told)
        return known[intent.examples]

    return asked


def _read_examples(reader: ClauseReader, examples: Sequence[str]) -> tuple[list[Act], bool, bool, bool]:
    """The fields of `Asked`."""
    clauses = [clause for example in examples for clause in reader.read(example).clauses]
    told = sum(clause.act == "statement" for clause in clauses)
    others = sum(clause.whose == "another" for clause in clauses) > OFTEN * len(examples)
    removing = 2 * sum(REMOVES.search(each) is not None for each in examples) > len(examples)
    return sorted({clause.act for clause in clauses}), 2 * told > len(clauses), others, removing


def asks_for(reader: ClauseReader) -> Callable[[str], bool]:
    """Returns what says whether words surely ask for something to be done."""

    def asks(words: str) -> bool:
        clauses = reader.read(words).clauses
        return bool(clauses) and clauses[0].act == "request" and clauses[0].confidence >= LIKELY_REQUEST

    return asks


def refuses(requests: Sequence[Request]) -> bool:
    """Returns whether something is asked not to be done: "don't cancel anything"."""
    leads = [request.lead for request in requests if not _NOT_UNDERSTOOD.search(request.lead.text)]
    return any(lead.polarity == "negative" and lead.act in REFUSABLE for lead in leads)


_NOT_UNDERSTOOD = re.compile(
    r"\b(?:don'?t|do not|can'?t|cannot|didn'?t|never) (?:\w+ )?(?:get|understand|know|see|remember|follow|grasp)\b"
    r"|(?:不|没)(?:太|是很|怎么)?(?:懂|明白|会|知道|清楚|记得)",
    re.IGNORECASE,
)
"""asks to be helped with what is not understood: "I don't get the difference between speed and velocity" """


def is_request(request: Request | None) -> bool:
    """Returns whether words surely ask for something to be done, in more than a word or two."""
    if request is None or request.lead.act != "request" or request.lead.confidence < SURE_ACT:
        return False
    return len(request.text.split()) >= FEWEST_WORDS or len(request.text.encode()) >= SHORTEST_REQUEST


def only_tells(request: Request, decided: Decided, warns: Callable[[str], bool], by_telling: bool) -> bool:
    """Returns whether words ask for nothing, and hardly mean an intent; a complaint of an order or of health does.

    Args:
        warns: whether a plugin decides about turns before any model.
        by_telling: whether the likeliest intent is mostly asked for by statements.
    """
    made, words = decided.decision, decided.turn.utterance
    if (
        request.lead.act != "statement"
        or request.lead.confidence == BY_RULE
        or made.source != "model"
        or decided.turn.images
        or not made.candidates
        or (request.lead.polarity == "negative" and declines([word.text for word in words_of(words)]))
    ):
        return False
    least = HARDLY_ANSWER if made.outcome == "answer" else HARDLY_ASK
    past = request.lead.time == "past" or told_of_past(words)
    least = HARDLY_PAST if past or (made.outcome == "clarify" and not by_telling) else least
    health = warns(made.candidates[0].intent.partition(".")[0])
    return made.confidence < least and not health and not identifier_spans(words)
