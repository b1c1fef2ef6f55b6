"""Compares the intent head with plain logistic regression: its time, and how it decides several public sets.

Methods are chosen here on development data, and nowhere else: the sets' test columns take no part. Every figure is the
mean of several draws; the gain is also given with each set left out in turn, so that no single set can decide.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.cache import CachedEncoder, EncodingCache
from assistant.encoders.encoder import Encoder, unit
from assistant.encoders.factory import create_encoders
from assistant.errors import InputError
from assistant.evaluation.intents import create_model
from assistant.evaluation.labelled import (
    NOBODY,
    LabelledTurn,
    draw_shots,
    examples_of,
    intents_of,
    read_examples,
    read_rows,
    read_test,
    require_known,
)
from assistant.evaluation.metrics import area_under_roc, calibration_error, milliseconds, need
from assistant.intents.store import SentenceVectors
from assistant.intents.training_set import ENGLISH_ONLY, vectors_of
from assistant.settings import Settings
from assistant.terminal.report import Peer, Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import data_folder
from assistant.types import Encoding, FloatArray

__all__ = ["bench_intents", "cross_validate"]

TIMED_TURNS = 50
STRENGTH = 10.0
"""C of the peer's logistic regression; scikit-learn's default of 1 is too weak for vectors of unit length"""
PEER = "logistic regression"
Rows = Sequence[LabelledTurn]
FIGURES = {"accuracy": "%", "out-of-scope AUROC": "%", "learning, encoding included": "s", "a turn, median": "ms"}

Answer = tuple[str, float]
"""the best intent, and how surely the turn is any intent's"""
Recognise = Callable[[Sequence[str]], list[Answer]]
JUDGED = 1500
"""most turns of a set that are judged"""
HELD_BACK = 4
"""one in so many intents is not taught, to see whether turns of it are told to be near but not known"""
PARTS = ("right", "sure", "covered", "through")

Draw = Callable[[int], tuple[Rows, Rows]]
"""from the number of a draw to examples and the turns to judge"""


class _Remembered(CachedEncoder):
    """A text encoder whose sentence vectors outlive the process. Its encodings have the sentence as their only token.

    `model` is what it is made from, so that another model's vectors are not taken for its own.
    """

    def __init__(self, inner: Encoder, model: str) -> None:
        super().__init__(inner, EncodingCache(0))
        self._memory = SentenceVectors(f"evaluation {inner.name} {model}")

    def encode(self, inputs: Sequence[str]) -> list[Encoding]:
        """Encode each sentence once in a lifetime."""
        rows = vectors_of(self.inner, inputs, self._memory)
        whole = np.ones(1, np.bool_)
        return [Encoding("text", self.name, rows[text][None], whole, rows[text], text, ("",)) for text in inputs]


@dataclass(frozen=True, eq=False)
class _Set:
    """A public set: how examples, turns and out-of-scope turns are drawn, and the peer's vectors."""

    name: str
    draw: Draw
    draws: int
    foreign: Rows
    near: bool = True
    english: bool = True


@dataclass(frozen=True, eq=False)
class _Read:
    """A head's decisions on n turns."""

    inside: NDArray[np.bool_]
    """(n,): whether the turn belongs to an intent that was taught"""
    right: NDArray[np.bool_]
    sure: FloatArray
    """(n,): probability of the best intent, given that it is any"""
    covered: NDArray[np.bool_]
    """(n,): whether the right intent is among the conformal options"""
    through: FloatArray
    """(n,): probability of being in scope; from one half on it is answered"""

    @property
    def accuracy(self) -> float:
        """Percent."""
        return 100.0 * float(self.right[self.inside].mean())

    @property
    def auroc(self) -> float:
        """Percent."""
        return 100.0 * area_under_roc(self.through[self.inside], self.through[~self.inside])


@dataclass(frozen=True)
class _Figures:
    """One draw: our decisions, the peer's accuracy, and ours of near turns, in percent."""

    read: _Read
    peer: float
    near: float


def cross_validate(settings: Settings, progress: StepProgress, draws: int, only: str) -> Report:
    """Measures every set and returns figures with their spread.

    Args:
        draws: of the large sets; small ones are drawn four times as often.
        only: part of the names of the sets to measure; "" is all.

    Raises:
        InputError: a set is missing or damaged, or none has such a name.
    """
    known = list(_sets(draws))
    sets = [each for each in known if only.casefold() in each.name.casefold()]
    if not sets:
        raise InputError(f"No set is called {only!r}; there are {', '.join(each.name for each in known)}")
    texts = [each for each in create_encoders(settings) if each.modality == "text"]
    encoders = {each.name: _Remembered(getattr(each, "inner", each), settings.text.model) for each in texts}
    rows: list[Row] = []
    means: list[float] = []
    for each in tracked(progress, "measuring", sets):
        found = [_measure(each, number, encoders, settings) for number in range(each.draws)]
        gains = [one.read.accuracy - one.peer for one in found]
        means.append(statistics.fmean(gains))
        rows += _rows(each, found, gains)
    rows.append(Row(f"gain over {PEER}, mean of sets", statistics.fmean(means), "points", at_least=1.5))
    left_out = [statistics.fmean(means[:i] + means[i + 1 :] or means) for i in range(len(means))]
    rows.append(Row("the same, least with one set left out", min(left_out), "points"))
    rows.append(Row("the same, least of a set", min(means), "points", at_least=0.0))
    return Report("evaluate cross-validation", f"development data of {len(sets)} sets, {draws} draws or more", rows)


def _sets(draws: int) -> Iterator[_Set]:
    folder = data_folder("text_clinc150").parent

    def read(file: str) -> list[LabelledTurn]:
        return read_rows(folder / file)

    foreign = [
        replace(row, label="none") for row in read("text_clinc150/oos_train.csv") + read("text_clinc150/oos_val.csv")
    ]
    banking, clinc = (examples_of(read(f"text_{name}/train.csv"))[0] for name in ("banking77", "clinc150"))
    for shots in (5, 10):
        yield _Set(f"BANKING77, {shots} examples", partial(_few, banking, [], shots), draws, foreign)
        yield _Set(
            f"CLINC150, {shots} examples", partial(_few, clinc, read("text_clinc150/val.csv"), shots), draws, foreign
        )
    for title, name in (("SNIPS", "snips"), ("StackOverflow", "stackoverflow")):
        given = examples_of(read(f"text_{name}/train_10.csv"))[0]
        yield _Set(f"{title}, 5 examples", partial(_few, given, [], 5), 4 * draws, foreign)
    english = examples_of(read("text_xsid/train_en.csv"))[0]
    yield _Set("xSID, English", partial(_resampled, english, None), draws, foreign, near=False)
    for language in ("nl", "ar"):
        turns = partial(_resampled, english, read(f"text_xsid/test_{language}.csv"))
        yield _Set(f"xSID, {language} from English", turns, draws, [], near=False, english=False)


def _few(pool: Rows, judged: Rows, shots: int, number: int) -> tuple[Rows, Rows]:
    """So many examples of each intent, and the rest of the pool to judge, unless there are turns for that."""
    taken = draw_shots(pool, shots, number)
    keys = {row.key for row in taken}
    rest = judged or [row for row in pool if row.key not in keys]
    return taken, random.Random(number).sample(rest, min(JUDGED, len(rest)))


def _resampled(pool: Rows, judged: Rows | None, number: int) -> tuple[Rows, Rows]:
    """As many examples as there are, drawn with replacement, one of each intent at least; the rest is judged."""
    rng = random.Random(number)
    taken = {row.key: row for row in rng.choices(pool, k=len(pool))}
    for row in pool:
        if row.label not in {each.label for each in taken.values()}:
            taken[row.key] = row
    labels = {row.label for row in taken.values()}
    rest = [row for row in pool if row.key not in taken] if judged is None else judged
    return list(taken.values()), [row for row in rest if row.label in labels]


def _measure(each: _Set, number: int, encoders: Mapping[str, Encoder], settings: Settings) -> _Figures:
    examples, turns = each.draw(number)
    read = _taught(examples, [*turns, *each.foreign], encoders, settings)
    near = float("nan")
    if each.near:
        labels = sorted({row.label for row in examples})
        secret = set(random.Random(number).sample(labels, len(labels) // HELD_BACK))
        asked = [replace(row, label="none") if row.label in secret else row for row in turns]
        near = _taught([row for row in examples if row.label not in secret], asked, encoders, settings).auroc
    seen = [encoder for name, encoder in encoders.items() if each.english or name not in ENGLISH_ONLY]
    best = _learn_peer(examples, seen)([row.text for row in turns])
    right = [answer == row.label for row, (answer, _) in zip(turns, best, strict=True)]
    return _Figures(read, 100.0 * statistics.fmean(right), near)


def _taught(examples: Rows, turns: Rows, encoders: Mapping[str, Encoder], settings: Settings) -> _Read:
    """Teaches a model and lets it read the words of all turns."""
    model = create_model("attention", encoders, settings)
    model.fit(intents_of(examples))
    texts = [row.text for row in turns]
    index = {name: place for place, name in enumerate(model.intents)}
    truth = np.array([index.get(row.label, -1) for row in turns])
    shares, floors, through = [], [], []
    for encodings in zip(*(encoder.encode(texts) for encoder in encoders.values()), strict=True):
        reading = model.read(encodings)
        assert reading is not None  # every set has examples that every encoder reads
        shares.append(np.exp(reading.log_probs))
        floors.append(min(reading.floor, float(shares[-1].max())))
        through.append(reading.reliability)
    rows, inside = np.stack(shares), truth >= 0
    right = inside & (rows.argmax(axis=1) == truth)
    covered = inside & (rows[np.arange(len(truth)), truth] >= np.array(floors))
    return _Read(inside, right, rows.max(axis=1), covered, np.array(through, np.float32))


def _rows(each: _Set, found: Sequence[_Figures], gains: Sequence[float]) -> Iterator[Row]:
    peer = Peer(PEER, statistics.fmean(one.peer for one in found))
    yield Row(f"{each.name}: accuracy", statistics.fmean(one.read.accuracy for one in found), "%", peer=peer)
    spread = statistics.stdev(gains) if len(gains) > 1 else 0.0
    yield Row(f"{each.name}: gain, standard deviation of draws", spread, "points")
    right, sure, covered, through = (
        np.concatenate([getattr(one.read, name)[one.read.inside] for one in found]) for name in PARTS
    )
    yield percent(f"{each.name}: answered rightly", float((right & (through >= 0.5)).mean()))
    yield percent(f"{each.name}: calibration error", calibration_error(sure, right), at_most=3.0)
    yield percent(f"{each.name}: conformal coverage", float(covered.mean()))
    if each.foreign:
        far = statistics.fmean(one.read.auroc for one in found)
        yield Row(f"{each.name}: far from all intents, AUROC", far, "%", at_least=98.0)
    if each.near:
        near = statistics.fmean(one.near for one in found)
        yield Row(f"{each.name}: near but not taught, AUROC", near, "%", at_least=88.0)


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
        lambda: _learn_peer(examples, list(encoders.values())),
    ]
    found = []
    for learn in tracked(progress, "learning and answering", ways):
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


def _learn_peer(examples: Rows, encoders: Sequence[Encoder]) -> Recognise:
    def vectors(texts: Sequence[str]) -> FloatArray:
        return np.hstack([unit(np.stack([each.pooled for each in encoder.encode(texts)])) for encoder in encoders])

    model = need("sklearn.linear_model").LogisticRegression(C=STRENGTH, max_iter=1000)
    model.fit(vectors([row.text for row in examples]), [row.label for row in examples])

    def recognise(texts: Sequence[str]) -> list[Answer]:
        shares = model.predict_proba(vectors(texts))
        return [(str(model.classes_[row.argmax()]), float(row.max())) for row in shares]

    return recognise
