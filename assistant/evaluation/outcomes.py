"""What the intent model decided about labelled turns, one by one: what all figures and plots are made of."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.evaluation.evidence import EncodedTurn
from assistant.evaluation.labelled import NOBODY
from assistant.intents import IntentModel
from assistant.types import Decision

__all__ = ["Outcome", "WordsAlone", "decide_turns"]


@dataclass(frozen=True)
class WordsAlone:
    """What the words of a turn say on their own."""

    raw: float
    """confidence in the best intent before the temperature, 0 to 1"""
    right: bool
    covered: bool
    """the right intent is in the conformal set"""
    set_size: int


@dataclass(frozen=True)
class Outcome:
    """One turn, decided."""

    label: str
    """"" when it is nobody's"""
    best: str
    """the most likely intent; "" when nothing was said or seen"""
    confidence: float
    """in the best intent, given that it is any, 0 to 1"""
    in_scope: float
    """probability that it is anybody's, 0 to 1"""
    through: bool
    """answered, or asked which of several intents is meant"""
    milliseconds: float
    """of the decision, encoding not counted"""
    words: WordsAlone | None
    """None where there are other modalities, or no intent"""

    @property
    def right(self) -> bool:
        """The best intent is the right one."""
        return bool(self.label) and self.best == self.label


def decide_turns(model: IntentModel, turns: Sequence[EncodedTurn]) -> list[Outcome]:
    """Decide every turn with a fitted model."""
    places = {intent: index for index, intent in enumerate(model.intents)}
    return [_decide(model, turn, places.get(turn.row.label)) for turn in turns]


def _decide(model: IntentModel, turn: EncodedTurn, true: int | None) -> Outcome:
    began = time.perf_counter()
    decision = model.decide(turn.encodings)
    milliseconds = 1000.0 * (time.perf_counter() - began)
    best = decision.candidates[0] if decision.candidates else None
    inside = 1.0 - decision.out_of_scope
    return Outcome(
        label="" if turn.row.label in NOBODY else turn.row.label,
        best=best.intent if best else "",
        confidence=min(1.0, best.confidence / max(inside, 1e-9)) if best else 0.0,
        in_scope=inside,
        through=_is_through(decision),
        milliseconds=milliseconds,
        words=_words_alone(model, turn, true) if true is not None else None,
    )


def _is_through(decision: Decision) -> bool:
    return decision.outcome == "answer" or len(decision.options) > 1


def _words_alone(model: IntentModel, turn: EncodedTurn, true: int) -> WordsAlone | None:
    if turn.modalities != ("text",):
        return None
    reading, head = model.read(turn.encodings), model.head_of(turn.encodings)
    if reading is None or head is None:
        return None
    logs = reading.log_probs * head.temperature
    probabilities = np.exp(reading.log_probs)
    options = probabilities >= min(head.floor, float(probabilities.max()))
    return WordsAlone(
        raw=float(np.exp(logs.max() - np.logaddexp.reduce(logs))),
        right=int(np.argmax(logs)) == true,
        covered=bool(options[true]),
        set_size=int(options.sum()),
    )
