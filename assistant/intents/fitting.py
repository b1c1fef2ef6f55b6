"""Fitting the text head: logistic regression on frozen vectors, and cross-validation for all that is said of it.

Nothing is tuned on sentences the model has seen: the weight of the lexical view, the temperature, the conformal
floor and the out-of-scope threshold all come from held-out examples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.modality_logits import log_softmax
from assistant.intents.confidence import (
    USUAL_TEMPERATURE,
    Scope,
    conformal_floor,
    fit_temperature,
    scope_features,
)
from assistant.intents.density import Density, fit_density, principal_axes, whitening
from assistant.intents.head import TextHead, apply, join, languages_of, mix, nearness, unit
from assistant.intents.lexical import Grams, Lexicon, fit_lexicon, grams_of, peak
from assistant.intents.logistic import fit_logistic
from assistant.types import FloatArray

__all__ = ["Corpus", "fit_text_head"]

FOLDS = 5
MOST_WORK = 3_000_000_000
"""examples × dimensions × intents up to which logistic regression takes seconds; beyond, class means do"""
MOST_HELD_OUT = 3000
"""held-out examples that are enough for calibration"""
MOST_CELLS = 250_000
"""held-out examples × intents that are enough for a temperature"""
AXES, MOST_AXES, EXAMPLES_PER_AXIS = 256, 512, 8
"""principal axes of a few and of many examples; they tell held-out examples apart as well as all dimensions do, in less
time"""
MOST_KINDS = 500
"""examples that are enough to tell requests from everything else"""
ITERATIONS = 60
FOLD_ITERATIONS, WHITE_ITERATIONS = 12, 15
"""most steps of L-BFGS; more change neither accuracy nor likelihood"""
TOLERANCE, KINDS_TOLERANCE = 1e-4, 1e-3
"""relative gain of a step from which on more change neither"""
TOO_ALIKE = 0.75
"""cosine similarity to an example from which a shipped sentence is not foreign or deictic to this set of plugins"""
MOST_NAMES = 0.5
"""share of the intents' names that must lie nearest to their own examples for names to be examples too"""
WHITENED = 1.0 / 3.0
"""share of the regression on whitened vectors in the logits, beside the plain one; see README.md"""
UNLIKE = np.float32(2.0)
"""how much what means no intent counts, beside an intent with as many examples"""
LEXICAL_WEIGHT, MOST_LEXICAL, FEW = 0.15, 0.3, 20
"""of the lexical logits beside the dense ones, both of unit spread: up to `FEW` examples an intent, and from twice as
many on, since words are learned from many examples. Cross-validation within a set chose it worse"""


@dataclass(frozen=True, eq=False)
class Corpus:
    """Training data of a head. A view holds (n, d_v) vectors; rows it cannot read are 0."""

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
    foreign_texts: tuple[str, ...]
    deictic: tuple[FloatArray, ...]
    unlike: tuple[FloatArray, ...]
    """of sentences near the intents that mean none of them"""


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
    logs = log_softmax(mix(held.ours.logits, held.ours.lexical, lexical, temperature))
    ours, foreign = (group.features(lexical, temperature) for group in (held.ours, held.foreign))
    known = held.known
    right = np.exp(logs[np.arange(len(logs)), held.labels])[known]
    hits = (logs.argmax(axis=1) == held.labels)[known]
    weights = fitter.linear(everything, ITERATIONS, unlike=True)
    return TextHead(
        weights=weights[:, : corpus.classes],
        unlike=weights[:, corpus.classes :],
        lexicon=fitter.lexicon(everything),
        lexical=lexical,
        kinds=fitter.kinds(everything, -1),
        density=fitter.density(everything),
        prototypes=fitter.prototypes(everything),
        scope=Scope.fit(ours, foreign, corpus.classes, retention),
        temperature=temperature,
        floor=conformal_floor(right, coverage),
        accuracy=float(hits.mean()) if len(hits) else float("nan"),
        languages=languages_of(corpus.texts),
    )


@dataclass(frozen=True, eq=False)
class _Opinions:
    """Logits of n held-out sentences."""

    logits: FloatArray
    """(n, k), of the vectors"""
    lexical: FloatArray
    """(n, k), of the words"""
    direct: FloatArray
    closeness: FloatArray
    likeness: FloatArray

    def features(self, lexical: float, temperature: float) -> FloatArray:
        """See `scope_features`."""
        logits = mix(self.logits, self.lexical, lexical, temperature)
        return scope_features(logits, self.direct, self.closeness, peak(self.lexical), self.likeness)

    @classmethod
    def join(cls, rounds: Sequence[_Opinions]) -> _Opinions:
        return cls(*(np.concatenate([getattr(part, field.name) for part in rounds]) for field in fields(cls)))


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """Held-out examples and foreign sentences."""

    labels: NDArray[np.int64]
    known: NDArray[np.bool_]
    """whether the right intent had another example to learn from"""
    ours: _Opinions
    foreign: _Opinions


def _weigh(held: _HeldOut) -> tuple[float, float]:
    """The lexical weight, and the temperature that makes the held-out examples most likely."""
    some = np.flatnonzero(held.known)
    some = some[:: max(1, len(some) * held.ours.logits.shape[1] // MOST_CELLS)]
    logits, lexical, labels = held.ours.logits[some], held.ours.lexical[some], held.labels[some]
    if not len(labels) or logits.shape[1] < 2:
        return 0.0, USUAL_TEMPERATURE
    share = min(MOST_LEXICAL, LEXICAL_WEIGHT * max(1.0, len(held.labels) / logits.shape[1] / FEW))
    weight = share * _spread(logits) / max(_spread(lexical), 1e-9) if lexical.any() else 0.0
    return weight, fit_temperature(mix(logits, lexical, weight, 1.0), labels)


def _spread(logits: FloatArray) -> float:
    return float((logits - logits.mean(axis=1, keepdims=True)).std())


class _Fitter:
    """Fits the parts of a head to any subset of the examples; the intents' names always take part."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus = _without_strange_names(corpus)
        self._x = join(corpus.views)
        self._hints = join(corpus.hints)
        both = np.vstack([self._x, self._hints])
        self._centre: FloatArray = both.mean(axis=0)
        self._axes = principal_axes(both - self._centre, min(MOST_AXES, max(AXES, len(both) // EXAMPLES_PER_AXIS)))
        self._whole = _whole(corpus.views)
        self._grams: list[Grams] = [grams_of(text) for text in corpus.texts]
        self._hint_grams: list[Grams] = [grams_of(text) for text in corpus.hint_texts]
        foreign = np.flatnonzero(_whole(corpus.foreign) & _unlike(corpus.foreign, self._x))
        self._foreign = tuple(view[foreign] for view in corpus.foreign)
        self._foreign_grams = [grams_of(corpus.foreign_texts[row]) for row in foreign]
        self._unlike = join(corpus.unlike)
        self._pointing = join(corpus.deictic)[_unlike(corpus.deictic, self._x)]

    def linear(self, rows: NDArray[np.int64], iterations: int, *, unlike: bool = False) -> FloatArray:
        """(d + 1, k): two logistic regressions along the principal axes, averaged; a last column for `unlike`.

        One sees the vectors as they are, the other whitened, which counts what examples of one intent share for more.
        """
        x, more = self._along_axes(rows), self._unlike if unlike else self._unlike[:0]
        apart = ((more - self._centre) @ self._axes).astype(np.float32)
        white = whitening(x, self._labels(rows), self._corpus.classes)
        white *= np.linalg.norm(x) / max(float(np.linalg.norm(x @ white)), 1e-9)
        short = self._regress(x, rows, iterations, apart)
        turned = self._regress(x @ white, rows, min(iterations, WHITE_ITERATIONS), apart @ white)
        alike = _spread(apply(short, x)) / max(_spread(apply(turned, x @ white)), 1e-9)
        turned = np.vstack([white @ turned[:-1], turned[-1:]]) * np.float32(WHITENED * alike)
        short = np.float32(1.0 - WHITENED) * short + turned
        weights = self._axes @ short[:-1]
        return np.vstack([weights, short[-1:] - self._centre @ weights]).astype(np.float32)

    def _regress(self, x: FloatArray, rows: NDArray[np.int64], iterations: int, unlike: FloatArray) -> FloatArray:
        """(r + 1, k): logistic regression, or class means where that would take minutes; a column more for `unlike`."""
        classes, labels = self._corpus.classes, self._labels(rows)
        if classes == 1:
            return np.zeros((x.shape[1] + 1, 1), np.float32)
        if x.size * classes > MOST_WORK:
            means = _means(x, labels, classes)
            return np.vstack([10.0 * means.T, np.zeros((1, classes), np.float32)]).astype(np.float32)
        # Between what is given and what may be asked: five hundred examples of one intent must not drown three.
        share = np.bincount(labels, minlength=classes)[labels].astype(np.float32) ** -0.5
        if len(unlike):
            x, labels = np.vstack([x, unlike]), np.concatenate([labels, np.full(len(unlike), classes)])
            share = np.concatenate([share, np.full(len(unlike), UNLIKE * len(unlike) ** -0.5, np.float32)])
            classes += 1
        share *= len(share) / share.sum()
        return fit_logistic(x, labels, classes, row_weights=share, iterations=iterations, tolerance=TOLERANCE)

    def lexicon(self, rows: NDArray[np.int64]) -> Lexicon | None:
        """Counts of the n-grams."""
        grams = [self._grams[row] for row in rows] + self._hint_grams
        return fit_lexicon(grams, self._labels(rows), self._corpus.classes)

    def kinds(self, rows: NDArray[np.int64], without: int) -> FloatArray:
        """(d + 1, 3): ours, foreign, deictic, each weighing the same; one fold of the shipped ones may be left out."""
        foreign = join(self._foreign)
        groups = (
            self._x[rows[:: max(1, len(rows) // MOST_KINDS)]],
            foreign[np.arange(len(foreign)) % FOLDS != without],
            self._pointing[np.arange(len(self._pointing)) % FOLDS != without],
        )
        labels = np.repeat(np.arange(3), [len(group) for group in groups])
        share = np.array([len(labels) / (3.0 * max(len(group), 1)) for group in groups], np.float32)
        x, weights = np.concatenate(groups), share[labels]
        return fit_logistic(x, labels, 3, row_weights=weights, iterations=ITERATIONS, tolerance=KINDS_TOLERANCE)

    def density(self, rows: NDArray[np.int64]) -> Density:
        """Gaussians along the principal axes."""
        short, labels = self._along_axes(rows), self._labels(rows)
        return fit_density(self._centre, self._axes, short, labels, self._corpus.classes)

    def prototypes(self, rows: NDArray[np.int64]) -> tuple[FloatArray, ...]:
        """Per view the intents' means, unit length."""
        views, labels = zip(self._corpus.views, self._corpus.hints, strict=True), self._labels(rows)
        return tuple(
            _means(unit(np.vstack([view[rows], hints])), labels, self._corpus.classes) for view, hints in views
        )

    def hold_out(self) -> _HeldOut:
        """Five folds; for large sets one of them, since that is enough."""
        labels = self._corpus.labels
        folds = _folds(labels)
        large = len(labels) > 2 * MOST_HELD_OUT or len(labels) * self._corpus.classes > 4 * MOST_CELLS
        rounds = []
        for fold in range(1 if large else FOLDS):
            test = np.flatnonzero((folds == fold) & self._whole)[:MOST_HELD_OUT]
            train = np.setdiff1d(np.arange(len(labels)), test)
            if len(test) and len(train):
                rounds.append(self._round(train, test, fold))
        if not rounds:  # a single example: nothing is left to hold out, priors decide
            only = np.arange(len(labels))
            rounds = [self._round(only, only[:0], 0)]
        return _HeldOut(
            labels=np.concatenate([part.labels for part in rounds]),
            known=np.concatenate([part.known for part in rounds]),
            ours=_Opinions.join([part.ours for part in rounds]),
            foreign=_Opinions.join([part.foreign for part in rounds]),
        )

    def _round(self, train: NDArray[np.int64], test: NDArray[np.int64], fold: int) -> _HeldOut:
        corpus = self._corpus
        weights, kinds, lexicon = self.linear(train, FOLD_ITERATIONS), self.kinds(train, fold), self.lexicon(train)
        density, prototypes = self.density(train), self.prototypes(train)

        def ask(views: Sequence[FloatArray], grams: list[Grams]) -> _Opinions:
            x = join(views)
            logs = log_softmax(apply(kinds, x))
            lexical = lexicon.logits(grams) if lexicon else np.zeros((len(x), corpus.classes), np.float32)
            direct, closeness = logs[:, 0] - logs[:, 1], density.closeness(x)
            return _Opinions(
                apply(weights, x), lexical, direct, closeness, nearness(views, prototypes).max(axis=2, initial=-1.0).T
            )

        away = np.flatnonzero(np.arange(len(self._foreign_grams)) % FOLDS == fold)
        return _HeldOut(
            labels=corpus.labels[test],
            known=np.isin(corpus.labels[test], corpus.labels[train]),
            ours=ask([view[test] for view in corpus.views], [self._grams[row] for row in test]),
            foreign=ask([view[away] for view in self._foreign], [self._foreign_grams[row] for row in away]),
        )

    def _along_axes(self, rows: NDArray[np.int64]) -> FloatArray:
        short: FloatArray = ((np.vstack([self._x[rows], self._hints]) - self._centre) @ self._axes).astype(np.float32)
        return short

    def _labels(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([self._corpus.labels[rows], self._corpus.hint_labels])


def _without_strange_names(corpus: Corpus) -> Corpus:
    """The names teach only where most lie nearest to their own intent's examples: "12" or "misc" says nothing."""
    names, nearest = corpus.hint_labels, np.zeros((len(corpus.hint_labels), corpus.classes), np.float32)
    for view, hints in zip(corpus.views, corpus.hints, strict=True):
        nearest += unit(hints) @ _means(unit(view), corpus.labels, corpus.classes).T
    if not len(names) or (nearest.argmax(axis=1) == names).mean() >= MOST_NAMES:
        return corpus
    nothing = tuple(hints[:0] for hints in corpus.hints)
    return replace(corpus, hints=nothing, hint_texts=(), hint_labels=names[:0])


def _folds(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """A fold per row, such that the examples of one intent are spread over all folds."""
    order = np.argsort(labels, kind="stable")
    ordered = labels[order]
    folds = np.empty(len(labels), np.int64)
    folds[order] = (np.arange(len(labels)) - np.searchsorted(ordered, ordered) + ordered) % FOLDS
    return folds


def _whole(views: Sequence[FloatArray]) -> NDArray[np.bool_]:
    """Returns the rows that every view can read, as the sentences of this head will be; all rows if there are none."""
    whole = np.all([np.any(view != 0, axis=1) for view in views], axis=0)
    result: NDArray[np.bool_] = whole if whole.any() else np.ones(len(whole), np.bool_)
    return result


def _means(x: FloatArray, labels: NDArray[np.int64], classes: int) -> FloatArray:
    """(k, d), unit length; 0 for an intent without rows."""
    sums = np.zeros((classes, x.shape[1]), np.float32)
    np.add.at(sums, labels, x)
    return unit(sums)


def _unlike(views: Sequence[FloatArray], x: FloatArray) -> NDArray[np.bool_]:
    """Returns the sentences that no example comes close to: another plugin's negatives may belong to this one."""
    nearest = (unit(join(views)) @ unit(x).T).max(axis=1, initial=-1.0)
    far: NDArray[np.bool_] = nearest < TOO_ALIKE
    return far
