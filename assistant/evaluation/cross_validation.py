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
from numpy.typing import NDArray

from assistant.encoders.encoder import Encoder, unit
from assistant.errors import InputError
from assistant.evaluation.labelled import LabelledTurn, draw_shots, examples_of, intents_of, read_rows
from assistant.evaluation.metrics import area_under_roc, calibration_error
from assistant.intents.examples import collect
from assistant.intents.head import Reading
from assistant.intents.logistic import fit_logistic
from assistant.intents.store import SentenceVectors
from assistant.intents.training_set import ENGLISH_ONLY, TrainingSet, language_read, reads
from assistant.settings import Settings
from assistant.terminal.report import Peer, Report, Row, percent
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
PARTS = ("right", "sure", "covered", "through")

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
        self.memory = SentenceVectors(f"evaluation {inner.name} {model}")

    @property
    def dimension(self) -> int:
        """d of its vectors."""
        return self.inner.dimension

    def load(self) -> None:
        """Load the weights now."""
        self.inner.load()

    def encode(self, inputs: Sequence[str]) -> list[Encoding]:
        """Encode each sentence once in a lifetime."""
        missing = [text for text, row in zip(inputs, self.memory.find(inputs), strict=True) if row is None]
        if missing := list(dict.fromkeys(missing)):
            rows = [encoding.pooled for encoding in self.inner.encode(missing)]
            self.memory.add(missing, np.stack(rows).astype(np.float32))
        known = zip(inputs, self.memory.find(inputs), strict=True)
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


@dataclass(frozen=True, eq=False)
class _Read:
    """What a head made of n turns."""

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
    """One draw: what was read, and the peer's accuracy and ours of near turns in percent."""

    read: _Read
    peer: float
    near: float


def cross_validate(
    folder: Path,
    encoders: Mapping[str, RememberedEncoder],
    settings: Settings,
    progress: StepProgress,
    draws: int = 3,
    only: str = "",
) -> Report:
    """Measures every set and returns figures with their spread.

    Args:
        folder: of the public sets (``text_banking77`` and so on).
        encoders: those of text, by name.
        draws: of the large sets; small ones are drawn four times as often.
        only: part of the names of the sets to measure; "" is all.

    Raises:
        InputError: a set is missing or damaged, or none has such a name.
    """
    sets = [each for each in _sets(folder, draws) if only.casefold() in each.name.casefold()]
    if not sets:
        names = ", ".join(each.name for each in _sets(folder, draws))
        raise InputError(f"No set is called {only!r}; there are {names}")
    rows: list[Row] = []
    gains: list[list[float]] = []
    for done, each in enumerate(sets):
        progress("measuring", done, len(sets))
        found = [_measure(each, number, encoders, settings) for number in range(each.draws)]
        gains.append([one.read.accuracy - one.peer for one in found])
        rows += _rows(each, found, gains[-1])
    means = [statistics.fmean(each) for each in gains]
    rows.append(Row(f"gain over {PLAIN}, mean of sets", statistics.fmean(means), "points", at_least=1.5))
    left_out = [statistics.fmean(means[:i] + means[i + 1 :] or means) for i in range(len(means))]
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


def _measure(each: _Set, number: int, encoders: Mapping[str, RememberedEncoder], settings: Settings) -> _Figures:
    examples, turns = each.draw(number)
    read = _taught(examples, [*turns, *each.foreign], encoders, settings)
    near = float("nan")
    if each.near:
        labels = sorted({row.label for row in examples})
        secret = set(random.Random(number).sample(labels, len(labels) // HELD_BACK))
        asked = [replace(row, label="none") if row.label in secret else row for row in turns]
        near = _taught([row for row in examples if row.label not in secret], asked, encoders, settings).auroc
    seen = [encoder for name, encoder in encoders.items() if each.english or name not in ENGLISH_ONLY]
    return _Figures(read, _plain_accuracy(examples, turns, seen), near)


def _taught(examples: Rows, turns: Rows, encoders: Mapping[str, RememberedEncoder], settings: Settings) -> _Read:
    """Teaches a head and lets it read all turns, those of a language together, as the intent model would."""
    intents = intents_of(examples)
    memory = {name: encoder.memory for name, encoder in encoders.items()}
    known = TrainingSet.read(intents, collect(intents), encoders, memory)
    knows = next((encoder.inner.knows for encoder in encoders.values() if hasattr(encoder.inner, "knows")), None)
    languages = [language_read(row.text, knows) for row in turns]
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, language in enumerate(languages):
        groups[tuple(name for name in known.views if reads(name, language))].append(place)
    readings: dict[int, tuple[Reading, float]] = {}
    for views, places in groups.items():
        found = known.head(views, settings, keep=False)
        assert found is not None  # every set has examples that every encoder reads
        texts = [turns[place].text for place in places]
        rows = [np.stack([each.pooled for each in encoders[view].encode(texts)]) for view in views]
        said = found[0].read(rows, texts, [languages[place] for place in places])
        readings |= {place: (reading, found[0].floor) for place, reading in zip(places, said, strict=True)}
    index = {name: place for place, name in enumerate(known.names)}
    truth = np.array([index.get(row.label, -1) for row in turns])
    shares = np.exp(np.stack([readings[place][0].log_probs for place in range(len(turns))]))
    sure = shares.max(axis=1)
    floors = np.minimum([readings[place][1] for place in range(len(turns))], sure)
    through = np.array([readings[place][0].reliability for place in range(len(turns))], np.float32)
    inside, own = truth >= 0, shares[np.arange(len(truth)), truth]
    return _Read(inside, inside & (shares.argmax(axis=1) == truth), sure, inside & (own >= floors), through)


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
    peer = Peer(PLAIN, statistics.fmean(one.peer for one in found))
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
