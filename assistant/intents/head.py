"""The few-shot text head: from a sentence's vectors to calibrated opinions about every intent.

Trained from the plugins' examples alone: logistic regression on the joined views of frozen encoders. What
is said of its confidence comes from cross-validation, that is from examples it had not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.intents.confidence import Scope, conformal_floor, fit_temperature, scope_features
from assistant.intents.logistic import fit_logistic, log_softmax
from assistant.messages import FloatArray

__all__ = ["Reading", "TextHead", "fit_text_head"]

LOGISTIC_LIMIT = 60_000_000
"""weights × examples up to which logistic regression is quick; beyond, class means do"""
FOLDS = 5
MOST_HELD_OUT = 3000
"""held-out examples that are enough for calibration"""
MOST_NEIGHBOURS = 20_000
"""stored examples a sentence is compared with"""


@dataclass(frozen=True, eq=False)
class Reading:
    """What a sentence says."""

    log_probs: FloatArray
    """(k,), calibrated"""
    in_scope: float
    """probability that it is about any of the intents, given that it says anything, 0 to 1"""
    deictic: float
    """probability that it only points ("look at this") and says nothing by itself, 0 to 1"""


@dataclass(frozen=True, eq=False)
class TextHead:
    """Linear opinions on one set of views, with what is known about their confidence."""

    weights: FloatArray
    """(d + 1, k)"""
    kinds: FloatArray
    """(d + 1, 3): ours, foreign, deictic"""
    neighbours: FloatArray
    """(n, d), unit length: the examples"""
    foreign: FloatArray
    """(m, d), unit length"""
    scope: Scope
    temperature: float
    floor: float
    """least probability of an option, see `conformal_floor`"""
    accuracy: float
    """cross-validated, 0 to 1; nan when unknown"""

    def read(self, vectors: FloatArray) -> list[Reading]:
        """Read sentences: (n, d), unit length."""
        logits = _apply(self.weights, vectors) / self.temperature
        kinds = log_softmax(_apply(self.kinds, vectors))
        features = _features(logits, vectors @ self.neighbours.T, vectors @ self.foreign.T, kinds)
        ours = self.scope.probability(features)
        logs = log_softmax(logits)
        return [Reading(logs[i], float(ours[i]), float(np.exp(kinds[i, 2]))) for i in range(len(vectors))]


def fit_text_head(
    x: FloatArray,
    y: NDArray[np.int64],
    classes: int,
    foreign: FloatArray,
    deictic: FloatArray,
    *,
    coverage: float,
    retention: float,
) -> TextHead:
    """Fit a head.

    Args:
        x: (n, d), unit length: the examples, at least one.
        y: (n,): their intents.
        classes: k, at least 1.
        foreign: (m, d), unit length: sentences that are nobody's business.
        deictic: (p, d), unit length: sentences that only point.
        coverage: of the conformal options.
        retention: share of real requests that the out-of-scope threshold lets through.
    """
    foreign = _unlike(foreign, x)
    deictic = _unlike(deictic, x)
    held = _cross_validate(x, y, classes, foreign, deictic)
    known = held.seen
    temperature = fit_temperature(held.logits[known], held.labels[known]) if known.any() else 0.25
    logs = log_softmax(held.logits / np.float32(temperature))
    ours = _features(held.logits / temperature, held.nearest[:, None], held.foreign[:, None], held.kinds)
    theirs = _features(
        held.away_logits / temperature, held.away_nearest[:, None], held.away_foreign[:, None], held.away_kinds
    )
    right = np.exp(logs[np.arange(len(logs)), held.labels])
    return TextHead(
        weights=_fit_linear(x, y, classes),
        kinds=_fit_kinds(x, foreign, deictic),
        neighbours=_spread(x, y, classes),
        foreign=foreign,
        scope=Scope.fit(ours, theirs, retention),
        temperature=temperature,
        floor=conformal_floor(right[known], coverage),
        accuracy=float((logs.argmax(axis=1) == held.labels)[known].mean()) if known.any() else float("nan"),
    )


@dataclass(frozen=True, eq=False)
class _HeldOut:
    """What models said of sentences they had not seen."""

    logits: FloatArray
    labels: NDArray[np.int64]
    seen: NDArray[np.bool_]
    """whether the right intent had any example left to learn from"""
    nearest: FloatArray
    foreign: FloatArray
    kinds: FloatArray
    away_logits: FloatArray
    away_nearest: FloatArray
    away_foreign: FloatArray
    away_kinds: FloatArray


def _cross_validate(
    x: FloatArray, y: NDArray[np.int64], classes: int, foreign: FloatArray, deictic: FloatArray
) -> _HeldOut:
    folds = _folds(y)
    many = len(x) > 2 * MOST_HELD_OUT
    parts: list[tuple[FloatArray, ...]] = []
    away_fold, deictic_fold = np.arange(len(foreign)) % FOLDS, np.arange(len(deictic)) % FOLDS
    for fold in range(1 if many else FOLDS):
        test = np.flatnonzero(folds == fold)[:MOST_HELD_OUT]
        train = np.setdiff1d(np.arange(len(x)), test)
        if len(train) == 0 or len(test) == 0:
            continue
        away, away_rest = foreign[away_fold == fold], foreign[away_fold != fold]
        weights = _fit_linear(x[train], y[train], classes)
        kinds = _fit_kinds(x[train], away_rest, deictic[deictic_fold != fold])
        base = _spread(x[train], y[train], classes).T
        row: list[FloatArray] = [np.isin(y[test], y[train]).astype(np.float32), test.astype(np.float32)]
        for rows in (x[test], away):
            row += [
                _apply(weights, rows),
                (rows @ base).max(axis=1),
                (rows @ away_rest.T).max(axis=1, initial=0.0),
                log_softmax(_apply(kinds, rows)),
            ]
        parts.append(tuple(row))
    if not parts:  # a single example: itself is all there is
        return _single(x, classes, foreign, deictic)
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    labels = y[joined[1].astype(np.int64)]
    return _HeldOut(joined[2], labels, joined[0] > 0, *joined[3:6], *joined[6:])


def _single(x: FloatArray, classes: int, foreign: FloatArray, deictic: FloatArray) -> _HeldOut:
    weights, kinds = _fit_linear(x, np.zeros(len(x), np.int64), classes), _fit_kinds(x, foreign, deictic)
    among = foreign @ foreign.T - 2.0 * np.eye(len(foreign), dtype=np.float32)
    none = np.zeros((0, classes), np.float32), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    nothing = np.zeros(0, np.float32)
    return _HeldOut(
        *none,
        nearest=nothing,
        foreign=nothing,
        kinds=np.zeros((0, 3), np.float32),
        away_logits=_apply(weights, foreign),
        away_nearest=(foreign @ x.T).max(axis=1),
        away_foreign=among.max(axis=1, initial=-1.0),
        away_kinds=log_softmax(_apply(kinds, foreign)),
    )


def _features(logits: FloatArray, nearest: FloatArray, foreign: FloatArray, kinds: FloatArray) -> FloatArray:
    return scope_features(logits, nearest.max(axis=1), foreign.max(axis=1, initial=-1.0), kinds[:, 0] - kinds[:, 1])


def _folds(y: NDArray[np.int64]) -> NDArray[np.int64]:
    """A fold per row, such that the examples of one intent are spread over all folds."""
    order = np.argsort(y, kind="stable")
    sorted_labels = y[order]
    starts = np.searchsorted(sorted_labels, sorted_labels)
    folds = np.empty(len(y), np.int64)
    folds[order] = (np.arange(len(y)) - starts + sorted_labels) % FOLDS
    return folds


def _fit_linear(x: FloatArray, y: NDArray[np.int64], classes: int) -> FloatArray:
    if classes == 1:
        return np.zeros((x.shape[1] + 1, 1), np.float32)
    if x.size * classes <= LOGISTIC_LIMIT * 40:
        return fit_logistic(x, y, classes)
    means = _means(x, y, classes)
    return np.vstack([20.0 * means, np.zeros((1, classes), np.float32)]).astype(np.float32)


def _fit_kinds(x: FloatArray, foreign: FloatArray, deictic: FloatArray) -> FloatArray:
    x = x[:: max(1, len(x) // 2000)]
    groups = (x, foreign, deictic)
    labels = np.repeat(np.arange(3), [len(group) for group in groups])
    share = np.array([len(labels) / (3.0 * max(len(group), 1)) for group in groups], np.float32)
    return fit_logistic(np.concatenate(groups), labels, 3, 10.0, row_weights=share[labels])


def _means(x: FloatArray, y: NDArray[np.int64], classes: int) -> FloatArray:
    sums = np.zeros((classes, x.shape[1]), np.float32)
    np.add.at(sums, y, x)
    unit: FloatArray = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return unit


def _spread(x: FloatArray, y: NDArray[np.int64], classes: int) -> FloatArray:
    """The sentences to compare with: all examples, or the intents' means when there are too many."""
    return x if len(x) <= MOST_NEIGHBOURS else _means(x, y, classes)


def _unlike(sentences: FloatArray, x: FloatArray, limit: float = 0.75) -> FloatArray:
    """Those sentences that no example comes close to: a plugin may well want what is foreign to others."""
    kept: FloatArray = sentences[(sentences @ x.T).max(axis=1, initial=-1.0) < limit]
    return kept


def _apply(weights: FloatArray, x: FloatArray) -> FloatArray:
    result: FloatArray = x @ weights[:-1] + weights[-1]
    return result
