"""Measures how well turns are decided: accuracy, calibration and out-of-scope detection, with controls."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from assistant.encoders.cache import CachedEncoder, EncodingCache
from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.errors import SettingsError
from assistant.evaluation.labelled import (
    NOBODY,
    Condition,
    EncodedTurn,
    LabelledTurn,
    conditions,
    draw_shots,
    encode_turns,
    intents_of,
    read_examples,
    read_test,
    require_known,
)
from assistant.evaluation.metrics import (
    area_under_roc,
    calibration_error,
    confusions,
    macro_f1,
    milliseconds,
    recall_at_retention,
    reliability,
)
from assistant.fusion.factory import STRATEGIES, create_fusion
from assistant.intents import IntentModel
from assistant.plugins.api import Intent
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.terminal.plugin_commands import load_plugins
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress
from assistant.types import MODALITIES, Encoding

__all__ = ["create_model", "evaluate_intents", "plugin_intents"]

TIMED_TURNS = 50
"""turns over which the time of a whole turn is measured"""
OF_CONTROLS = ("turns", "accuracy", "macro F1", "decided rightly")
BINS, CONFUSED = 10, 5


@dataclass(frozen=True)
class _WordsAlone:
    """The decision of the words of a turn without other modalities."""

    raw: float
    """confidence in the best intent before the temperature, 0 to 1"""
    right: bool
    covered: bool
    """the right intent is in the conformal set"""
    set_size: int


@dataclass(frozen=True)
class _Outcome:
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
    words: _WordsAlone | None
    """None where there are other modalities, or no intent"""

    @property
    def right(self) -> bool:
        """Whether the best intent is the right one."""
        return bool(self.label) and self.best == self.label


class _Stopwatch(CachedEncoder):
    """Times an encoder, and keeps nothing."""

    def __init__(self, inner: Encoder) -> None:
        super().__init__(inner, EncodingCache(0))
        self.seconds = 0.0
        """spent in `encode` so far; loading does not count"""

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        """Encodes as the inner encoder does."""
        began = time.perf_counter()
        found = self.inner.encode(inputs)
        self.seconds += time.perf_counter() - began
        return found


def plugin_intents(settings: Settings) -> Sequence[Intent]:
    """Returns the intents of the user's plugins."""
    return load_plugins(settings).intents


def create_model(fusion: str, encoders: Mapping[str, Encoder], settings: Settings) -> IntentModel:
    """Creates an intent model that keeps nothing in the user's cache."""
    strategy = create_fusion("attention" if fusion in MODALITIES else fusion)
    if strategy is None:
        raise SettingsError(f"There is no fusion {fusion!r}; choose {', '.join((*STRATEGIES, *MODALITIES))}")
    return IntentModel(encoders, strategy, settings, keep=False)


def evaluate_intents(
    settings: Settings,
    progress: StepProgress,
    train: Path | None,
    test: Path,
    oos: Path | None,
    data_root: Path | None,
    fusion: str,
    shots: int | None,
    seeds: int,
) -> Report:
    """Fits to the intents and decides every row; controls follow when rows have pictures or recordings.

    Args:
        train: examples; the plugins' own intents by default.
        fusion: a strategy, or the one modality that is looked at.
        shots: examples per intent, drawn anew for each of the `seeds`; None is all.
        seeds: runs; figures are means over them.
    """
    rows = read_test(test, oos, data_root)
    examples = read_examples(train, rows) if train else []
    intents = intents_of(examples) if examples else plugin_intents(settings)
    require_known(rows, {intent.name for intent in intents})
    encoders = {e.name: _Stopwatch(e) for e in create_encoders(settings, EncodingCache(0))}
    model = create_model(fusion, encoders, settings)
    recognizer = SpeechRecognizer.from_settings(settings)
    turns = encode_turns(rows, encoders, recognizer, settings, progress)
    runs: list[list[Row]] = []
    learned: list[Row] = []
    first: list[_Outcome] = []
    for seed in range(seeds):
        drawn = intents_of(draw_shots(examples, shots, seed)) if examples and shots else intents
        if not runs or drawn is not intents:
            learned = _fit(model, drawn, encoders)
        decided = {c.name: _decide_all(model, c.turns) for c in _conditions(turns, fusion, seed)}
        first = first or next(iter(decided.values()))
        runs.append([*learned, *_rows(decided)])
        progress("deciding", seed + 1, seeds)

    def answer(row: LabelledTurn) -> None:
        _decide_all(model, encode_turns([row], encoders, recognizer, settings, lambda step, done, total: None))

    times = [milliseconds(partial(answer, row)) for row in rows[:TIMED_TURNS]]
    figures = [*_means(runs), Row("a turn with encoding, median", statistics.median(times), "ms")]
    outside = sum(row.label in NOBODY for row in rows)
    return Report("evaluate intents", f"{len(rows)} turns, {outside} out of scope; {fusion}", figures, _notes(first))


def _fit(model: IntentModel, intents: Sequence[Intent], encoders: Mapping[str, _Stopwatch]) -> list[Row]:
    texts = [encoder for encoder in encoders.values() if encoder.modality == "text"]
    for encoder in texts:
        encoder.load()
    before = sum(encoder.seconds for encoder in texts)
    report = model.fit(intents)
    encoding = sum(encoder.seconds for encoder in texts) - before
    rows = [Row("intents", report.intents), Row("examples", report.examples)]
    return [*rows, Row("learning", report.seconds - encoding, "s"), Row("learning with encoding", report.seconds, "s")]


def _conditions(turns: Sequence[EncodedTurn], fusion: str, seed: int) -> Iterator[Condition]:
    only = next((modality for modality in MODALITIES if modality == fusion), None)
    if only is None:
        return conditions(turns, fusion, seed)
    return iter([Condition(f"{only} only", tuple(turn.only(only) for turn in turns))])


def _decide_all(model: IntentModel, turns: Sequence[EncodedTurn]) -> list[_Outcome]:
    places = {intent: index for index, intent in enumerate(model.intents)}
    return [_decide(model, turn, places.get(turn.row.label)) for turn in turns]


def _decide(model: IntentModel, turn: EncodedTurn, true: int | None) -> _Outcome:
    began = time.perf_counter()
    decision = model.decide(turn.encodings)
    took = 1000.0 * (time.perf_counter() - began)
    best = decision.candidates[0] if decision.candidates else None
    inside = 1.0 - decision.out_of_scope
    return _Outcome(
        label="" if turn.row.label in NOBODY else turn.row.label,
        best=best.intent if best else "",
        confidence=min(1.0, best.confidence / max(inside, 1e-9)) if best else 0.0,
        in_scope=inside,
        through=decision.outcome == "answer" or len(decision.options) > 1,
        milliseconds=took,
        words=_words_alone(model, turn, true) if true is not None else None,
    )


def _words_alone(model: IntentModel, turn: EncodedTurn, true: int) -> _WordsAlone | None:
    reading, head = model.read(turn.encodings), model.head_of(turn.encodings)
    if turn.modalities != ("text",) or reading is None or head is None:
        return None
    logs = reading.log_probs * head.temperature
    probabilities = np.exp(reading.log_probs)
    options = probabilities >= min(reading.floor, float(probabilities.max()))
    raw = float(np.exp(logs.max() - np.logaddexp.reduce(logs)))
    return _WordsAlone(raw, int(np.argmax(logs)) == true, bool(options[true]), int(options.sum()))


def _rows(decided: Mapping[str, Sequence[_Outcome]]) -> Iterator[Row]:
    """All figures of the turns as they are, which come first, and some of every control."""
    for number, (name, outcomes) in enumerate(decided.items()):
        for row in _figures(outcomes):
            if not number:
                yield row
            elif row.metric in OF_CONTROLS:
                yield Row(f"{name}: {row.metric}", row.value, row.unit)


def _figures(outcomes: Sequence[_Outcome]) -> list[Row]:
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


def _means(runs: Sequence[Sequence[Row]]) -> Iterator[Row]:
    for column in zip(*runs, strict=True):
        values = [row.value for row in column]
        yield Row(column[0].metric, statistics.fmean(values), column[0].unit)
        if len(runs) > 1 and column[0].metric in ("accuracy", "out-of-scope AUROC"):
            yield Row(f"{column[0].metric}, standard deviation", float(np.std(values, ddof=1)), column[0].unit)


def _notes(outcomes: Sequence[_Outcome]) -> list[str]:
    """A reliability table, and the most frequent confusions."""
    inside = [outcome for outcome in outcomes if outcome.label]
    sure = np.array([outcome.confidence for outcome in inside])
    bins = reliability(sure, np.array([outcome.right for outcome in inside], np.bool_), BINS)
    lines = [f"confidence {mean:4.0%}: {right:4.0%} right of {turns} turns" for turns, mean, right in bins]
    wrong = confusions([outcome.label for outcome in inside], [outcome.best for outcome in inside])
    return lines + [f"{label} taken for {best}: {turns} times" for label, best, turns in wrong[:CONFUSED]]
