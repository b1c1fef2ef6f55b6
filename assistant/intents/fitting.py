"""Fitting the text head: logistic regression on frozen vectors, and cross-validation for all that is said of it.

Nothing is tuned on sentences the model has seen: the weight of the lexical view, the temperature, the conformal
floor and the out-of-scope threshold all come from held-out examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.intents.confidence import Scope, conformal_floor, fit_temperature, scope_features, surprise
from assistant.intents.head import TextHead, apply, join, likeness, unit
from assistant.intents.lexical import Grams, Lexicon, fit_lexicon, grams_of
from assistant.intents.logistic import fit_logistic, log_softmax
from assistant.messages import FloatArray

__all__ = ["Corpus", "fit_text_head"]

FOLDS = 5
MOST_WORK = 3_000_000_000
"""examples × dimensions × intents up to which logistic regression takes seconds; beyond, class means do"""
MOST_HELD_OUT = 3000
"""held-out examples that are enough for calibration"""
MOST_CELLS = 600_000
"""held-out examples × intents that are enough for a temperature"""
MOST_NEIGHBOURS = 20_000
"""stored examples a sentence is compared with; beyond, with the intents' means only"""
ITERATIONS = 25
FOLD_ITERATIONS = 12
"""steps of L-BFGS; more change neither accuracy nor likelihood"""
TOO_ALIKE = 0.75
"""cosine similarity to an example from which a shipped sentence is not foreign or deictic to this set of plugins"""
LEXICAL_WEIGHTS = (0.0, 0.1, 0.2, 0.3)
"""of the lexical logits beside the dense ones, both of unit spread"""


@dataclass(frozen=True, eq=False)
class Corpus:
    """What a head is fitted to. A view holds (n, d_v) vectors; rows it cannot read are 0."""

    views: tuple[FloatArray, ...]
    """of the examples"""
    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: int
    hints: tuple[FloatArray, ...]
    """of the intents' names, one row each for `hint_labels`"""
    hint_texts: tuple[str, ...]
    hint_labels: NDArray[np.int64]
    foreign: tuple[FloatArray, ...]
    deictic: tuple[FloatArray, ...]


def fit_text_head(corpus: Corpus, *, coverage: float, retention: float) -> TextHead:
    """Fit a head to at least one example of at least one intent.

    Args:
        corpus: examples and shipped sentences.
        coverage: of the conformal options, 0 to 1.
        retention: share of real requests that the out-of-scope threshold lets through, 0 to 1.
    """
    fitter = _Fitter(corpus)
    everything = np.arange(len(corpus.labels))
    held = fitter.hold_out()
    lexical, temperature = _weigh(held)
    logits = ((held.logits + lexical * held.lexical) / temperature).astype(np.float32)
    away = ((held.away_logits + lexical * held.away_lexical) / temperature).astype(np.float32)
    ours = scope_features(logits, held.direct, held.likeness)
    theirs = scope_features(away, held.away_direct, held.away_likeness)
    logs = log_softmax(logits)
    known = held.known
    right = np.exp(logs[np.arange(len(logs)), held.labels])[known]
    hits = (logs.argmax(axis=1) == held.labels)[known]
    neighbours, prototypes = fitter.neighbours(everything)
    return TextHead(
        weights=fitter.linear(everything, ITERATIONS),
        lexicon=fitter.lexicon(everything) if lexical else None,
        lexical=lexical,
        kinds=fitter.kinds(everything, -1),
        neighbours=neighbours,
        prototypes=prototypes,
        scope=Scope.fit(ours, theirs, corpus.classes, retention),
        temperature=temperature,
        floor=conformal_floor(right, coverage),
        accuracy=float(hits.mean()) if len(hits) else float("nan"),
    )


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """What models said of n examples and m foreign sentences they had not seen."""

    labels: NDArray[np.int64]
    known: NDArray[np.bool_]
    """whether the right intent had another example to learn from"""
    logits: FloatArray
    lexical: FloatArray
    direct: FloatArray
    likeness: FloatArray
    away_logits: FloatArray
    away_lexical: FloatArray
    away_direct: FloatArray
    away_likeness: FloatArray


def _weigh(held: _HeldOut) -> tuple[float, float]:
    """The lexical weight and temperature that make the held-out examples most likely."""
    some = np.flatnonzero(held.known)
    some = some[:: max(1, len(some) * held.logits.shape[1] // MOST_CELLS)]
    logits, lexical, labels = held.logits[some], held.lexical[some], held.labels[some]
    if not len(labels) or logits.shape[1] < 2:
        return 0.0, 0.4
    ratio = _spread(logits) / max(_spread(lexical), 1e-9)
    best, lowest, chosen = 0.0, np.inf, 1.0
    for weight in LEXICAL_WEIGHTS if lexical.any() else (0.0,):
        mixed: FloatArray = logits + np.float32(weight * ratio) * lexical
        temperature = fit_temperature(mixed, labels)
        if (cost := surprise((mixed / np.float32(temperature)).astype(np.float32), labels)) < lowest:
            best, lowest, chosen = float(weight * ratio), cost, temperature
    return best, chosen


def _spread(logits: FloatArray) -> float:
    return float((logits - logits.mean(axis=1, keepdims=True)).std())


class _Fitter:
    """Fits the parts of a head to any subset of the examples."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._x = join(corpus.views)
        self._hints = join(corpus.hints)
        self._whole = _whole(corpus.views)
        whole = _whole(corpus.foreign)
        self._away = _unlike([view[whole] for view in corpus.foreign], self._x)
        self._pointing = join(_unlike(corpus.deictic, self._x))
        self._grams: list[Grams] = [grams_of(text) for text in corpus.texts]
        self._hint_grams: list[Grams] = [grams_of(text) for text in corpus.hint_texts]

    def linear(self, rows: NDArray[np.int64], iterations: int) -> FloatArray:
        """(d + 1, k): logistic regression, or class means where that would take minutes."""
        corpus = self._corpus
        x = np.vstack([self._x[rows], self._hints])
        labels = np.concatenate([corpus.labels[rows], corpus.hint_labels])
        if corpus.classes == 1:
            return np.zeros((x.shape[1] + 1, 1), np.float32)
        if x.size * corpus.classes <= MOST_WORK:
            return fit_logistic(x, labels, corpus.classes, iterations=iterations)
        means = _means(x, labels, corpus.classes)
        return np.vstack([10.0 * means.T, np.zeros((1, corpus.classes), np.float32)]).astype(np.float32)

    def lexicon(self, rows: NDArray[np.int64]) -> Lexicon | None:
        """Counted over the rows and the intents' names."""
        corpus = self._corpus
        grams = [self._grams[row] for row in rows] + self._hint_grams
        return fit_lexicon(grams, np.concatenate([corpus.labels[rows], corpus.hint_labels]), corpus.classes)

    def kinds(self, rows: NDArray[np.int64], without: int) -> FloatArray:
        """(d + 1, 3): ours, foreign, deictic, each weighing the same; one fold of the shipped ones may be left out."""
        away = join(self._away)
        groups = (
            self._x[rows[:: max(1, len(rows) // 2000)]],
            away[np.arange(len(away)) % FOLDS != without],
            self._pointing[np.arange(len(self._pointing)) % FOLDS != without],
        )
        labels = np.repeat(np.arange(3), [len(group) for group in groups])
        share = np.array([len(labels) / (3.0 * max(len(group), 1)) for group in groups], np.float32)
        return fit_logistic(np.concatenate(groups), labels, 3, row_weights=share[labels], iterations=ITERATIONS)

    def neighbours(self, rows: NDArray[np.int64]) -> tuple[tuple[FloatArray, ...], tuple[FloatArray, ...]]:
        """Per view the examples and the intents' means, unit length."""
        labels, classes = self._corpus.labels[rows], self._corpus.classes
        chosen = [unit(view[rows]) for view in self._corpus.views]
        means = tuple(_means(view, labels, classes) for view in chosen)
        return (tuple(chosen) if len(rows) <= MOST_NEIGHBOURS else means), means

    def hold_out(self) -> _HeldOut:
        """Five folds; for large sets one of them, since that is enough."""
        labels = self._corpus.labels
        folds = _folds(labels)
        large = len(labels) > 2 * MOST_HELD_OUT or len(labels) * self._corpus.classes > 2 * MOST_CELLS
        rounds = []
        for fold in range(1 if large else FOLDS):
            test = np.flatnonzero((folds == fold) & self._whole)[:MOST_HELD_OUT]
            train = np.setdiff1d(np.arange(len(labels)), test)
            if len(test) and len(train):
                rounds.append(self._round(train, test, fold))
        if not rounds:  # a single example: nothing is left to hold out, priors decide
            only = np.arange(len(labels))
            rounds = [self._round(only, only[:0], 0)]
        return _HeldOut(*(np.concatenate(column) for column in zip(*rounds, strict=True)))

    def _round(self, train: NDArray[np.int64], test: NDArray[np.int64], fold: int) -> tuple[NDArray[np.generic], ...]:
        corpus = self._corpus
        weights, kinds, lexicon = self.linear(train, FOLD_ITERATIONS), self.kinds(train, fold), self.lexicon(train)
        neighbours, prototypes = self.neighbours(train)
        away = np.arange(len(self._away[0])) % FOLDS == fold
        parts: list[NDArray[np.generic]] = [corpus.labels[test], np.isin(corpus.labels[test], corpus.labels[train])]
        grams: tuple[list[Grams], list[Grams]] = ([self._grams[row] for row in test], [])
        subsets = ([view[test] for view in corpus.views], [view[away] for view in self._away])
        for views, read in zip(subsets, grams, strict=True):
            x = join(views)
            logs = log_softmax(apply(kinds, x))
            lexical = lexicon.logits(read) if lexicon and read else np.zeros((len(x), corpus.classes), np.float32)
            parts += [apply(weights, x), lexical, logs[:, 0] - logs[:, 1], likeness(views, neighbours, prototypes)]
        return tuple(parts)


def _folds(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """A fold per row, such that the examples of one intent are spread over all folds."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    folds = np.empty(len(labels), np.int64)
    folds[order] = (np.arange(len(labels)) - np.searchsorted(ordered, ordered) + ordered) % FOLDS
    return folds


def _whole(views: Sequence[FloatArray]) -> NDArray[np.bool_]:
    """Which rows every view can read: only they are like the sentences this head will read. All, when none is."""
    whole = np.all([np.any(view != 0, axis=1) for view in views], axis=0)
    result: NDArray[np.bool_] = whole if whole.any() else np.ones(len(whole), np.bool_)
    return result


def _means(x: FloatArray, labels: NDArray[np.int64], classes: int) -> FloatArray:
    """(k, d), unit length; 0 for an intent without rows."""
    sums = np.zeros((classes, x.shape[1]), np.float32)
    np.add.at(sums, labels, x)
    return unit(sums)


def _unlike(views: Sequence[FloatArray], x: FloatArray) -> tuple[FloatArray, ...]:
    """Without the sentences that an example comes close to: a plugin may well want what is foreign to others."""
    nearest = (unit(join(views)) @ unit(x).T).max(axis=1, initial=-1.0)
    return tuple(view[nearest < TOO_ALIKE] for view in views)
