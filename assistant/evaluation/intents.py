"""Measures how well turns are decided: accuracy, calibration and out-of-scope detection, with controls."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from assistant.encoders.cache import EncodingCache
from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.errors import SettingsError
from assistant.evaluation.labelled import (
    NOBODY,
    Condition,
    EncodedTurn,
    conditions,
    draw_shots,
    encode_turns,
    intents_of,
    read_examples,
    read_test,
    require_known,
)
from assistant.evaluation.metrics import area_under_roc, calibration_error, mean, milliseconds
from assistant.fusion.factory import STRATEGIES, create_fusion
from assistant.intents import IntentModel
from assistant.settings import Settings
from assistant.terminal.plugin_commands import load_plugins
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress
from assistant.types import MODALITIES

__all__ = ["create_model", "evaluate_intents"]

OF_CONTROLS = ("turns", "accuracy", "decided rightly")
TIMED, CONFUSED = 50, 5
"""turns whose decision is timed, and confusions that are named"""


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
    options: tuple[str, ...] | None
    """the conformal set of a turn that has words alone"""

    @property
    def right(self) -> bool:
        """Whether the best intent is the right one."""
        return bool(self.label) and self.best == self.label


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
    intents = intents_of(examples) if examples else load_plugins(settings).intents
    require_known(rows, {intent.name for intent in intents})
    encoders = {encoder.name: encoder for encoder in create_encoders(settings, EncodingCache(0))}
    model = create_model(fusion, encoders, settings)
    turns = encode_turns(rows, encoders, settings, progress)
    runs: list[list[Row]] = []
    first: list[_Outcome] = []
    for seed in range(seeds):
        drawn = intents_of(draw_shots(examples, shots, seed)) if examples and shots else intents
        report = model.fit(drawn)
        decided = {c.name: [_decide(model, turn) for turn in c.turns] for c in _conditions(turns, fusion, seed)}
        first = first or next(iter(decided.values()))
        learned = [Row("intents", report.intents), Row("examples", report.examples)]
        runs.append([*learned, Row("learning with encoding", report.seconds, "s"), *_rows(decided)])
        progress("deciding", seed + 1, seeds)
    times = [milliseconds(partial(model.decide, turn.encodings)) for turn in turns[:TIMED]]
    figures = [*_means(runs), Row("decision, median", statistics.median(times), "ms")]
    wrong = Counter((o.label, o.best) for o in first if o.label and not o.right)
    notes = [f"{label} taken for {best}: {count} times" for (label, best), count in wrong.most_common(CONFUSED)]
    outside = sum(row.label in NOBODY for row in rows)
    return Report("evaluate intents", f"{len(rows)} turns, {outside} out of scope; {fusion}", figures, notes)


def _conditions(turns: Sequence[EncodedTurn], fusion: str, seed: int) -> Iterator[Condition]:
    only = next((modality for modality in MODALITIES if modality == fusion), None)
    if only is None:
        return conditions(turns, fusion, seed)
    return iter([Condition(f"{only} only", tuple(turn.only(only) for turn in turns))])


def _decide(model: IntentModel, turn: EncodedTurn) -> _Outcome:
    decision = model.decide(turn.encodings)
    best = decision.candidates[0] if decision.candidates else None
    inside = 1.0 - decision.out_of_scope
    return _Outcome(
        label="" if turn.row.label in NOBODY else turn.row.label,
        best=best.intent if best else "",
        confidence=min(1.0, best.confidence / max(inside, 1e-9)) if best else 0.0,
        in_scope=inside,
        through=decision.outcome == "answer" or len(decision.options) > 1,
        options=_conformal_set(model, turn) if turn.modalities == ("text",) else None,
    )


def _conformal_set(model: IntentModel, turn: EncodedTurn) -> tuple[str, ...] | None:
    reading = model.read(turn.encodings)
    if reading is None:
        return None
    shares = np.exp(reading.log_probs)
    floor = min(reading.floor, float(shares.max()))
    return tuple(name for name, share in zip(model.intents, shares, strict=True) if share >= floor)


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
    sets = [(outcome.label, outcome.options) for outcome in inside if outcome.options is not None]
    right = np.array([outcome.right for outcome in inside], np.bool_)
    scores = (np.array([o.in_scope for o in group]) for group in (inside, outside))
    refused = [not outcome.through for outcome in outside]
    answered = [outcome.right and outcome.through for outcome in inside]
    confident = np.array([outcome.confidence for outcome in inside])
    return [
        Row("turns", len(outcomes)),
        percent("accuracy", mean(right)),
        percent("decided rightly", mean([*answered, *refused])),
        percent("calibration error", calibration_error(confident, right)),
        percent("out-of-scope AUROC", area_under_roc(*scores)),
        percent("accuracy at the threshold", mean(answered)),
        percent("out-of-scope recall at the threshold", mean(refused)),
        percent("conformal coverage", mean(label in options for label, options in sets)),
        Row("mean set size", mean(len(options) for _, options in sets)),
    ]


def _means(runs: Sequence[Sequence[Row]]) -> Iterator[Row]:
    for column in zip(*runs, strict=True):
        values = [row.value for row in column]
        yield Row(column[0].metric, statistics.fmean(values), column[0].unit)
        if len(runs) > 1 and column[0].metric in ("accuracy", "out-of-scope AUROC"):
            yield Row(f"{column[0].metric}, standard deviation", float(np.std(values, ddof=1)), column[0].unit)
