"""Relative Mahalanobis distance: how much likelier a sentence is near one intent than among all of them.

The relative Mahalanobis distance (Ren et al. 2021, https://arxiv.org/abs/2106.09022): every intent is a Gaussian
around its mean, all with the same spread; the background is one Gaussian around all of them. It is counted along
the principal axes of the examples only, where there is something to be counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = ["Density", "fit_density", "principal_axes", "whitening"]

SHRINKAGE = 0.3
"""share of the even spread in a covariance of few examples"""
LEAST_SPREAD = 1e-4
LEAST_INNER = 0.2
"""least spread around an intent's mean, as a share of the background's: a single example has none"""
NOWHERE = 1e9
"""squared distance to an intent without examples"""


@dataclass(frozen=True, eq=False)
class Density:
    """Gaussians along r axes, in the form that costs one small product each."""

    centre: FloatArray
    """(d,), the examples' mean"""
    axes: FloatArray
    """(d, r), orthonormal"""
    quadratic: FloatArray
    """(r, r): the background's precision less the intents'"""
    linear: FloatArray
    """(r + 1, k): the intents' means in their precision, and half their squared lengths, negative"""

    def closeness(self, x: FloatArray) -> FloatArray:
        """(n, d) → (n,): squared distance to the background less that to the nearest intent."""
        rows = (x - self.centre) @ self.axes
        nearest = (rows @ self.linear[:-1] + self.linear[-1]).max(axis=1)
        closer: FloatArray = ((rows @ self.quadratic) * rows).sum(axis=1) + 2.0 * nearest
        return closer


def fit_density(
    centre: FloatArray, axes: FloatArray, rows: FloatArray, labels: NDArray[np.int64], classes: int
) -> Density:
    """Fit to rows (n, r), centred and along the axes, and their intents (n,)."""
    counts = np.bincount(labels, minlength=classes)
    around, even = _precision(rows, len(rows), LEAST_SPREAD)
    means, inner = _within(rows, labels, counts, even)
    linear = (means @ inner).T
    lengths = np.where(counts > 0, -0.5 * (means.T * linear).sum(axis=0), -NOWHERE)
    return Density(centre, axes, around - inner, np.vstack([linear, lengths]).astype(np.float32))


def whitening(rows: FloatArray, labels: NDArray[np.int64], classes: int) -> FloatArray:
    """(r, r): a matrix behind which rows (n, r), centred, spread evenly around the mean of their intent (n,)."""
    even = max(float(np.square(rows).mean()), LEAST_SPREAD)
    inner = _within(rows, labels, np.bincount(labels, minlength=classes), even)[1]
    root: FloatArray = np.linalg.cholesky(inner)
    return root


def principal_axes(rows: FloatArray, most: int) -> FloatArray:
    """(n, d), centred → (d, r): orthonormal, the axes along which the rows spread most; r is n, d or `most`.

    Found among random mixtures of the rows (Halko et al. 2011, https://arxiv.org/abs/0909.4061, algorithm 4.3 with
    one power iteration), which takes a tenth of the time of all eigenvectors.
    """
    mixture = np.random.default_rng(0).standard_normal((rows.shape[1], min(*rows.shape, most)), np.float32)
    for _ in range(2):
        mixture = rows.T @ (rows @ mixture)
    axes: FloatArray = np.linalg.qr(mixture)[0]
    return axes


def _within(
    rows: FloatArray, labels: NDArray[np.int64], counts: NDArray[np.int64], even: float
) -> tuple[FloatArray, FloatArray]:
    """The intents' means (k, r) and the precision (r, r) around them; `even` is the rows' mean spread along an axis."""
    sums = np.zeros((len(counts), rows.shape[1]), np.float32)
    np.add.at(sums, labels, rows)
    means: FloatArray = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
    inner, _ = _precision(rows - means[labels], len(rows) - int((counts > 0).sum()), LEAST_INNER * even)
    return means, inner


def _precision(rows: FloatArray, freedom: int, least: float) -> tuple[FloatArray, float]:
    """The inverse of the shrunken covariance, and the mean spread along an axis."""
    covariance = rows.T @ rows / np.float32(max(freedom, 1))
    even = max(float(np.trace(covariance)) / len(covariance), least)
    shrunken = (1.0 - SHRINKAGE) * covariance + SHRINKAGE * even * np.eye(len(covariance), dtype=np.float32)
    precision = np.asarray(np.linalg.inv(shrunken.astype(np.float32)), np.float32)
    return precision, even
