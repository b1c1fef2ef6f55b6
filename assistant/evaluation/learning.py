"""Measures learning and recognising intents, beside a logistic regression on the same sentence vectors."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from assistant.encoders.cache import EncodingCache
from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.evaluation.intents import create_model
from assistant.evaluation.labelled import NOBODY, LabelledTurn, intents_of, read_examples, read_test, require_known
from assistant.evaluation.metrics import area_under_roc, milliseconds, need
from assistant.settings import Settings
from assistant.terminal.report import Peer, Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import FloatArray

__all__ = ["bench_intents"]

TIMED_TURNS = 50
STRENGTH = 10.0
"""C of the peer's logistic regression; scikit-learn's default of 1 is too weak for vectors of unit length"""
PEER = "logistic regression"
FIGURES = {"accuracy": "%", "out-of-scope AUROC": "%", "learning, encoding included": "s", "a turn, median": "ms"}

Answer = tuple[str, float]
"""the best intent, and how surely the turn is any intent's"""
Recognise = Callable[[Sequence[str]], list[Answer]]


def bench_intents(settings: Settings, progress: StepProgress, train: Path, test: Path, oos: Path | None) -> Report:
    """Lets our model and the peer learn and answer."""
    turns = [row for row in read_test(test, oos) if row.text]
    examples = read_examples(train, turns)
    require_known(turns, {row.label for row in examples})
    encoders = {e.name: e for e in create_encoders(settings, EncodingCache(0)) if e.modality == "text"}
    for encoder in encoders.values():
        encoder.encode(["warm up"])
    ways: list[Callable[[], Recognise]] = [
        lambda: _learn_ours(examples, encoders, settings),
        lambda: _learn_peer(examples, encoders),
    ]
    found = []
    for done, learn in enumerate(ways):
        progress("learning and answering", done, len(ways))
        began = time.perf_counter()
        recognise = learn()
        found.append(_measured(recognise, turns, time.perf_counter() - began))
    ours, theirs = found
    rows = [Row(name, ours[name], unit, peer=Peer(PEER, theirs[name])) for name, unit in FIGURES.items()]
    return Report("bench intents", f"{len(examples)} examples, {len(turns)} turns", rows)


def _measured(recognise: Recognise, test: Sequence[LabelledTurn], seconds: float) -> dict[str, float]:
    times = [milliseconds(partial(recognise, [row.text])) for row in test[:TIMED_TURNS]]
    answers = [answer for start in range(0, len(test), 64) for answer in recognise([r.text for r in test[start:][:64]])]
    own = np.array([row.label not in NOBODY for row in test])
    right = np.array([row.label == best for row, (best, _) in zip(test, answers, strict=True)])
    sure = np.array([score for _, score in answers])
    accuracy, auroc = 100 * float(right[own].mean()), 100 * area_under_roc(sure[own], sure[~own])
    return dict(zip(FIGURES, (accuracy, auroc, seconds, statistics.median(times)), strict=True))


def _learn_ours(examples: Sequence[LabelledTurn], encoders: dict[str, Encoder], settings: Settings) -> Recognise:
    model = create_model("attention", encoders, settings)
    model.fit(intents_of(examples))

    def recognise(texts: Sequence[str]) -> list[Answer]:
        turns = zip(*(encoder.encode(texts) for encoder in encoders.values()), strict=True)
        decisions = [model.decide(turn) for turn in turns]
        return [(d.candidates[0].intent if d.candidates else "", 1.0 - d.out_of_scope) for d in decisions]

    return recognise


def _learn_peer(examples: Sequence[LabelledTurn], encoders: dict[str, Encoder]) -> Recognise:
    def vectors(texts: Sequence[str]) -> FloatArray:
        parts = [np.stack([each.pooled for each in encoder.encode(texts)]) for encoder in encoders.values()]
        return np.hstack([part / np.linalg.norm(part, axis=1, keepdims=True) for part in parts])

    model = need("sklearn.linear_model").LogisticRegression(C=STRENGTH, max_iter=1000)
    model.fit(vectors([row.text for row in examples]), [row.label for row in examples])

    def recognise(texts: Sequence[str]) -> list[Answer]:
        shares = model.predict_proba(vectors(texts))
        return [(str(model.classes_[row.argmax()]), float(row.max())) for row in shares]

    return recognise
