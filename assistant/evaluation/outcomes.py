"""Decides labelled turns and computes the figures: accuracy, calibration, out-of-scope detection."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.evaluation.encoded_turns import EncodedTurn
from assistant.evaluation.labelled import NOBODY
from assistant.evaluation.metrics import area_under_roc, calibration_error, macro_f1, recall_at_retention
from assistant.intents import IntentModel
from assistant.terminal.report import Row, percent
from assistant.types import Decision

__all__ = ["Outcome", "WordsAlone", "decide_turns", "figures_of"]


@dataclass(frozen=True)
class WordsAlone:
    """The decision of the words of a turn without other modalities."""

    raw: float
    """confidence in the best intent before the temperature, 0 to 1"""
    right: bool
    covered: bool
    """the right intent is in the conformal set"""
    set_size: int


@dataclass(frozen=True)
class Outcome:
    """One decided turn."""

    label: str
    """"" when it belongs to no intent"""
    best: str
    """the most likely intent; "" when nothing was said or seen"""
    confidence: float
    """in the best intent, given that it is any, 0 to 1"""
    in_scope: float
    """probability that it belongs to any intent, 0 to 1"""
    through: bool
    """answered, or asked which of several intents is meant"""
    milliseconds: float
    """of the decision, encoding not counted"""
    words: WordsAlone | None
    """None where there are other modalities, or no intent"""

    @property
    def right(self) -> bool:
        """Whether the best intent is the right one."""
        return bool(self.label) and self.best == self.label


def decide_turns(model: IntentModel, turns: Sequence[EncodedTurn]) -> list[Outcome]:
    """Decides every turn with a fitted model."""
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


def figures_of(outcomes: Sequence[Outcome]) -> list[Row]:
    """Computes the figures of at least one outcome."""
    inside = [outcome for outcome in outcomes if outcome.label]
    outside = [outcome for outcome in outcomes if not outcome.label]
    words = [outcome.words for outcome in inside if outcome.words is not None]
    right = np.array([outcome.right for outcome in inside], np.bool_)
    scores = (np.array([o.in_scope for o in inside]), np.array([o.in_scope for o in outside]))
    refused = [not outcome.through for outcome in outside]
    answered = [outcome.right and outcome.through for outcome in inside]
    raw, raw_right = np.array([w.raw for w in words]), np.array([w.right for w in words], np.bool_)
    confident = np.array([outcome.confidence for outcome in inside])
    return [
        Row("turns", len(outcomes)),
        percent("accuracy", _mean(right)),
        percent("macro F1", macro_f1([o.label for o in inside], [o.best for o in inside])),
        percent("decided rightly", _mean([*answered, *refused])),
        percent("calibration error before temperature", calibration_error(raw, raw_right)),
        percent("calibration error after temperature", calibration_error(confident, right)),
        percent("out-of-scope AUROC", area_under_roc(*scores)),
        percent("out-of-scope recall, 95 % kept", recall_at_retention(*scores)),
        percent("accuracy at the threshold", _mean(answered)),
        percent("out-of-scope recall at the threshold", _mean(refused)),
        percent("conformal coverage", _mean(word.covered for word in words)),
        Row("mean set size", _mean(word.set_size for word in words)),
        Row("decision, median", statistics.median(outcome.milliseconds for outcome in outcomes), "ms"),
    ]


def _mean(values: Iterable[float]) -> float:
    found = [float(value) for value in values]
    return statistics.fmean(found) if found else math.nan
