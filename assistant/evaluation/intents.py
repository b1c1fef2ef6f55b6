"""Measures how well turns are decided: accuracy, calibration and out-of-scope detection, with controls."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from assistant.encoders.cache import CachedEncoder, EncodingCache
from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.errors import SettingsError
from assistant.evaluation.encoded_turns import Condition, EncodedTurn, conditions, encode_turns
from assistant.evaluation.labelled import (
    NOBODY,
    LabelledTurn,
    draw_shots,
    intents_of,
    read_examples,
    read_test,
    require_known,
)
from assistant.evaluation.metrics import confusions, milliseconds, reliability
from assistant.evaluation.outcomes import Outcome, decide_turns, figures_of
from assistant.fusion.factory import STRATEGIES, create_fusion
from assistant.intents import IntentModel
from assistant.plugins.api import Intent
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.terminal.plugin_commands import load_plugins
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import MODALITIES, Encoding

__all__ = ["Stopwatch", "create_model", "evaluate_intents", "plugin_intents"]

TIMED_TURNS = 50
"""turns over which the time of a whole turn is measured"""
OF_CONTROLS = ("turns", "accuracy", "macro F1", "decided rightly")
BINS, CONFUSED = 10, 5


class Stopwatch(CachedEncoder):
    """Times an encoder, and keeps nothing."""

    def __init__(self, inner: Encoder) -> None:
        super().__init__(inner, EncodingCache(0))
        self.seconds = 0.0
        """spent in `encode` so far; loading does not count"""

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        """Encodes as the inner encoder does."""
        began = time.perf_counter()
        try:
            return self.inner.encode(inputs)
        finally:
            self.seconds += time.perf_counter() - began


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
    encoders = {e.name: Stopwatch(e) for e in create_encoders(settings, EncodingCache(0))}
    model = create_model(fusion, encoders, settings)
    recognizer = SpeechRecognizer.from_settings(settings)
    turns = encode_turns(rows, encoders, recognizer, settings, progress)
    runs: list[list[Row]] = []
    learned: list[Row] = []
    first: list[Outcome] = []
    for seed in range(seeds):
        if examples and shots is not None:
            intents = intents_of(draw_shots(examples, shots, seed))
        if not seed or (examples and shots is not None):
            learned = _fit(model, intents, encoders)
        decided = [(c.name, decide_turns(model, c.turns)) for c in _conditions(turns, fusion, seed)]
        runs.append([*learned, *_rows(decided)])
        first = first or decided[0][1]
        progress("deciding", seed + 1, seeds)

    def answer(row: LabelledTurn) -> None:
        decide_turns(model, encode_turns([row], encoders, recognizer, settings, lambda step, done, total: None))

    times = [milliseconds(partial(answer, row)) for row in rows[:TIMED_TURNS]]
    found = [*_means(runs), Row("a turn with encoding, median", statistics.median(times), "ms")]
    outside = sum(row.label in NOBODY for row in rows)
    return Report("evaluate intents", f"{len(rows)} turns, {outside} out of scope; {fusion}", found, _notes(first))


def _fit(model: IntentModel, intents: Sequence[Intent], encoders: Mapping[str, Stopwatch]) -> list[Row]:
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
    if only is not None:
        yield Condition(f"{only} only", tuple(turn.only(only) for turn in turns))
    else:
        yield from conditions(turns, fusion, seed)


def _rows(decided: Sequence[tuple[str, list[Outcome]]]) -> Iterator[Row]:
    """All figures of the turns as they are, and some of every control."""
    yield from figures_of(decided[0][1])
    for name, outcomes in decided[1:]:
        for row in figures_of(outcomes):
            if row.metric in OF_CONTROLS:
                yield Row(f"{name}: {row.metric}", row.value, row.unit)


def _means(runs: Sequence[Sequence[Row]]) -> Iterator[Row]:
    for column in zip(*runs, strict=True):
        values = [row.value for row in column]
        yield Row(column[0].metric, statistics.fmean(values), column[0].unit)
        if len(runs) > 1 and column[0].metric in ("accuracy", "out-of-scope AUROC"):
            yield Row(f"{column[0].metric}, standard deviation", float(np.std(values, ddof=1)), column[0].unit)


def _notes(outcomes: Sequence[Outcome]) -> list[str]:
    """A table of reliability, and what was confused most often."""
    inside = [outcome for outcome in outcomes if outcome.label]
    sure = np.array([outcome.confidence for outcome in inside])
    bins = reliability(sure, np.array([outcome.right for outcome in inside], np.bool_), BINS)
    lines = [f"confidence {mean:4.0%}: {right:4.0%} right of {turns} turns" for turns, mean, right in bins]
    wrong = confusions([outcome.label for outcome in inside], [outcome.best for outcome in inside])
    return lines + [f"{label} taken for {best}: {turns} times" for label, best, turns in wrong[:CONFUSED]]
