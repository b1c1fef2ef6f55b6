"""Compares the intent head with plain logistic regression on development data of several public sets.

Methods are chosen here and nowhere else: the sets' test columns take no part. Every figure is the mean of several
draws; the gain is also given with each set left out in turn, so that no single set can decide.
"""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from assistant.encoders.encoder import Encoder, unit
from assistant.evaluation.encoded_turns import EncodedTurn
from assistant.evaluation.intents import create_model
from assistant.evaluation.labelled import LabelledTurn, draw_shots, examples_of, intents_of, read_rows
from assistant.evaluation.metrics import area_under_roc, calibration_error
from assistant.evaluation.outcomes import Outcome, decide_turns, figures_of
from assistant.intents.logistic import fit_logistic
from assistant.intents.store import SentenceVectors
from assistant.intents.training_set import ENGLISH_ONLY
from assistant.settings import Settings
from assistant.terminal.report import Peer, Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import Encoding, FloatArray, Modality

__all__ = ["RememberedEncoder", "cross_validate"]

JUDGED = 1500
"""most turns of a set that are judged"""
HELD_BACK = 4
"""one in so many intents is not taught, to see whether turns of it are told to be near but not known"""
STRENGTH = 10.0
"""C of the plain logistic regression"""
PLAIN = "logistic regression"

Rows = list[LabelledTurn]
Draw = Callable[[int], tuple[Rows, Rows]]
"""from the number of a draw to examples and the turns to judge"""


class RememberedEncoder:
    """A text encoder whose sentence vectors outlive the process. Its encodings have the sentence as their only token.

    Args:
        inner: the encoder that does the work.
        model: what it is made from, so that another model's vectors are not taken for its own.
    """

    modality: Modality = "text"

    def __init__(self, inner: Encoder, model: str) -> None:
        self.inner = inner
        self.name = inner.name
        self._memory = SentenceVectors(f"evaluation {inner.name} {model}")

    @property
    def dimension(self) -> int:
        """d of its vectors."""
        return self.inner.dimension

    def load(self) -> None:
        """Load the weights now."""
        self.inner.load()

    def encode(self, inputs: Sequence[str]) -> list[Encoding]:
        """Encode each sentence once in a lifetime."""
        missing = [text for text, row in zip(inputs, self._memory.find(inputs), strict=True) if row is None]
        if missing := list(dict.fromkeys(missing)):
            rows = [encoding.pooled for encoding in self.inner.encode(missing)]
            self._memory.add(missing, np.stack(rows).astype(np.float32))
        known = zip(inputs, self._memory.find(inputs), strict=True)
        return [_encoding(self.name, text, row) for text, row in known if row is not None]


def _encoding(name: str, text: str, row: FloatArray) -> Encoding:
    return Encoding("text", name, row[None], np.ones(1, np.bool_), row, text, ("",))


@dataclass(frozen=True, eq=False)
class _Set:
    """A public set: how examples and turns are drawn, what is foreign to it, and which vectors the peer sees."""

    name: str
    draw: Draw
    draws: int
    foreign: Rows
    near: bool = True
    english: bool = True


@dataclass(frozen=True)
class _Figures:
    """One draw: outcomes, and the peer's accuracy in percent."""

    outcomes: list[Outcome]
    peer: float
    near: float


def cross_validate(
    folder: Path, encoders: Mapping[str, Encoder], settings: Settings, progress: StepProgress, draws: int = 3
) -> Report:
    """Measures every set and returns figures with their spread.

    Args:
        folder: of the public sets (``text_banking77`` and so on).
        encoders: those of text, by name.
        draws: of the large sets; small ones are drawn four times as often.

    Raises:
        InputError: a set is missing or damaged.
    """
    sets = list(_sets(folder, draws))
    rows: list[Row] = []
    gains: list[list[float]] = []
    for done, each in enumerate(sets):
        progress("measuring", done, len(sets))
        found = [_measure(each, number, encoders, settings) for number in range(each.draws)]
        gains.append([_accuracy(one.outcomes) - one.peer for one in found])
        rows += _rows(each, found, gains[-1])
    means = [statistics.fmean(each) for each in gains]
    rows.append(Row(f"gain over {PLAIN}, mean of sets", statistics.fmean(means), "points", at_least=1.5))
    left_out = [statistics.fmean(means[:i] + means[i + 1 :]) for i in range(len(means))]
    rows.append(Row("the same, least with one set left out", min(left_out), "points"))
    rows.append(Row("the same, least of a set", min(means), "points", at_least=0.0))
    return Report("evaluate cross-validation", f"development data of {len(sets)} sets, {draws} draws or more", rows)


def _sets(folder: Path, draws: int) -> Iterator[_Set]:
    def read(file: str) -> Rows:
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
    outcomes = _decide(examples, [*turns, *each.foreign], encoders, settings)
    near = float("nan")
    if each.near:
        labels = sorted({row.label for row in examples})
        secret = set(random.Random(number).sample(labels, len(labels) // HELD_BACK))
        asked = [replace(row, label="none") if row.label in secret else row for row in turns]
        near = _auroc(_decide([row for row in examples if row.label not in secret], asked, encoders, settings))
    seen = [encoder for name, encoder in encoders.items() if each.english or name not in ENGLISH_ONLY]
    return _Figures(outcomes, _plain_accuracy(examples, turns, seen), near)


def _decide(examples: Rows, turns: Rows, encoders: Mapping[str, Encoder], settings: Settings) -> list[Outcome]:
    model = create_model("attention", encoders, settings)
    model.fit(intents_of(examples))
    read = [encoder.encode([row.text for row in turns]) for encoder in encoders.values()]
    return decide_turns(model, [EncodedTurn(row, said) for row, *said in zip(turns, *read, strict=True)])  # type: ignore[arg-type]


def _plain_accuracy(examples: Rows, turns: Rows, encoders: Sequence[Encoder]) -> float:
    def vectors(rows: Rows) -> FloatArray:
        texts = [row.text for row in rows]
        return np.hstack([unit(np.stack([each.pooled for each in encoder.encode(texts)])) for encoder in encoders])

    labels = sorted({row.label for row in examples})
    index = np.array([labels.index(row.label) for row in examples])
    weights = fit_logistic(vectors(examples), index, len(labels), STRENGTH, tolerance=1e-5)
    best = (vectors(turns) @ weights[:-1] + weights[-1]).argmax(axis=1)
    return 100.0 * statistics.fmean(labels[place] == row.label for place, row in zip(best, turns, strict=True))


def _rows(each: _Set, found: Sequence[_Figures], gains: Sequence[float]) -> Iterator[Row]:
    accuracies = [_accuracy(one.outcomes) for one in found]
    yield Row(
        f"{each.name}: accuracy",
        statistics.fmean(accuracies),
        "%",
        peer=Peer(PLAIN, statistics.fmean(one.peer for one in found)),
    )
    yield Row(
        f"{each.name}: gain, standard deviation of draws", statistics.stdev(gains) if len(gains) > 1 else 0.0, "points"
    )
    together = [outcome for one in found for outcome in one.outcomes]
    named = {row.metric: row for row in figures_of(together)}
    chosen = {"accuracy at the threshold": "answered rightly", "conformal coverage": "conformal coverage"}
    for metric, title in chosen.items():
        yield replace(named[metric], metric=f"{each.name}: {title}")
    inside = [outcome for outcome in together if outcome.label]
    sure, right = np.array([o.confidence for o in inside]), np.array([o.right for o in inside], np.bool_)
    yield Row(f"{each.name}: calibration error", 100.0 * calibration_error(sure, right), "%", at_most=3.0)
    if each.foreign:
        far = statistics.fmean(_auroc(one.outcomes) for one in found)
        yield Row(f"{each.name}: far from all intents, AUROC", far, "%", at_least=98.0)
    if each.near:
        near = statistics.fmean(one.near for one in found)
        yield Row(f"{each.name}: near but not taught, AUROC", near, "%", at_least=88.0)


def _accuracy(outcomes: Sequence[Outcome]) -> float:
    return 100.0 * statistics.fmean(outcome.right for outcome in outcomes if outcome.label)


def _auroc(outcomes: Sequence[Outcome]) -> float:
    scores: dict[bool, list[float]] = defaultdict(list)
    for outcome in outcomes:
        scores[bool(outcome.label)].append(outcome.in_scope)
    return 100.0 * area_under_roc(np.array(scores[True]), np.array(scores[False]))
