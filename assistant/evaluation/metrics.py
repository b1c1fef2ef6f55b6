"""Figures of merit of a classifier that knows its limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Bin",
    "area_under_roc",
    "calibration_error",
    "confusions",
    "macro_f1",
    "recall_at_retention",
    "reliability",
    "risk_coverage",
]

Floats = NDArray[np.floating]


def macro_f1(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Mean over the true classes of the harmonic mean of precision and recall, 0 to 1."""
    true, guessed, hits = (
        Counter(truth),
        Counter(predicted),
        Counter(t for t, p in zip(truth, predicted, strict=True) if t == p),
    )
    scores = [2.0 * hits[label] / (true[label] + guessed[label]) for label in true]
    return float(np.mean(scores)) if scores else float("nan")


def calibration_error(confidences: Floats, correct: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over equally wide bins, by size, 0 to 1.

    Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation 3.
    """
    if not len(confidences):
        return float("nan")
    filled = reliability(confidences, correct, bins)
    return sum(each.count * abs(each.confidence - each.accuracy) for each in filled) / len(confidences)


@dataclass(frozen=True)
class Bin:
    """Predictions of like confidence."""

    low: float
    high: float
    """the confidences it holds, 0 to 1"""
    count: int
    confidence: float
    """mean, 0 to 1"""
    accuracy: float
    """0 to 1"""


def reliability(confidences: Floats, correct: NDArray[np.bool_], bins: int = 15) -> list[Bin]:
    """The bins that hold anything, lowest confidence first."""
    index = np.minimum((confidences * bins).astype(np.int64), bins - 1)
    filled = []
    for number in np.unique(index):
        chosen = index == number
        sure, right = float(confidences[chosen].mean()), float(correct[chosen].mean())
        filled.append(Bin(number / bins, (number + 1) / bins, int(chosen.sum()), sure, right))
    return filled


def risk_coverage(confidences: Floats, correct: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Coverage (n,) and risk (n,), both 0 to 1: the share of errors among the surest, and how many those are.

    Source: El-Yaniv and Wiener 2010, https://jmlr.org/papers/v11/el-yaniv10a.html.
    """
    order = np.argsort(-confidences, kind="stable")
    number = np.arange(1, len(order) + 1)
    return number / max(len(order), 1), np.cumsum(~correct[order]) / number


def confusions(truth: Sequence[str], predicted: Sequence[str]) -> list[tuple[str, str, int]]:
    """Right label, wrong prediction and how often, most often first; equally frequent ones by name."""
    wrong = Counter((t, p) for t, p in zip(truth, predicted, strict=True) if t != p)
    return [(t, p, count) for (t, p), count in sorted(wrong.items(), key=lambda item: (-item[1], item[0]))]


def area_under_roc(inside: Floats, outside: Floats) -> float:
    """Chance that a random one inside scores higher than a random one outside; ties count half. 0 to 1."""
    if not len(inside) or not len(outside):
        return float("nan")
    order = np.sort(outside)
    below = np.searchsorted(order, inside, side="left") + np.searchsorted(order, inside, side="right")
    return float(below.sum() / (2.0 * len(inside) * len(outside)))


def recall_at_retention(inside: Floats, outside: Floats, retention: float = 0.95) -> float:
    """Share of those outside that score below the threshold which keeps `retention` of those inside, 0 to 1."""
    if not len(inside) or not len(outside):
        return float("nan")
    return float((outside < np.quantile(inside, 1.0 - retention)).mean())
