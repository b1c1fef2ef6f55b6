"""Figures of merit of a classifier that knows its limits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["area_under_roc", "calibration_error", "macro_f1", "recall_at_retention"]

Floats = NDArray[np.floating]


def macro_f1(truth: Sequence[str], predicted: Sequence[str]) -> float:
    """Mean over the true classes of the harmonic mean of precision and recall, 0 to 1."""
    scores = []
    for label in sorted(set(truth)):
        hits = sum(t == p == label for t, p in zip(truth, predicted, strict=True))
        scores.append(2.0 * hits / (sum(t == label for t in truth) + sum(p == label for p in predicted)))
    return float(np.mean(scores)) if scores else float("nan")


def calibration_error(confidences: Floats, correct: NDArray[np.bool_], bins: int = 15) -> float:
    """Expected calibration error: mean gap of confidence and accuracy over equally wide bins, by size, 0 to 1.

    Source: Guo et al. 2017, https://arxiv.org/abs/1706.04599, equation 3.
    """
    if not len(confidences):
        return float("nan")
    index = np.minimum((confidences * bins).astype(np.int64), bins - 1)
    gaps = np.abs(np.bincount(index, confidences - correct, minlength=bins))
    return float(gaps.sum() / len(confidences))


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
