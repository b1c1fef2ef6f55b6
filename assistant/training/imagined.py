"""Synthetic photographs: feature vectors of everyday objects, made from the classifier's own weights.

No photographs may be shipped or learnt from here, yet detectors must know what everyday photographs are like.
The picture encoder knows it: its last batch normalisation holds the mean and spread of every channel over the
photographs it was trained on, and the rows of its classifier point to each of a thousand objects. From there,
gradient steps within the channels' covariance lead to vectors that the classifier calls by a chosen name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import erf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = ["Classifier", "imagine"]

STEPS = 60
STRIDE = 3.0


@dataclass(frozen=True, eq=False)
class Classifier:
    """The last layers of the picture encoder."""

    weight: FloatArray
    """(1000, 1280)"""
    bias: FloatArray
    """(1000,)"""
    mean: FloatArray
    """(1280,): each channel's mean over photographs, after its ReLU"""

    @classmethod
    def from_weights(cls, weights: Mapping[str, FloatArray]) -> Classifier:
        """Read the arrays of EfficientNet-Lite0.

        The mean after the ReLU is that of a rectified normal distribution with the batch normalisation's
        bias as its mean and its gain as its spread.
        """
        spread: FloatArray = np.abs(weights["_bn1.weight"])
        offset = weights["_bn1.bias"]
        ratio: FloatArray = offset / spread
        density = np.exp(-0.5 * np.square(ratio)) / sqrt(2 * pi)
        mean = offset * _normal_cdf(ratio) + spread * density
        return cls(weights["_fc.weight"], weights["_fc.bias"], mean.astype(np.float32))


def imagine(
    classifier: Classifier, covariance: FloatArray, per_class: int, rng: np.random.Generator
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Imagine pooled picture vectors of every class.

    Args:
        covariance: (1280, 1280), of the channels, from any pictures.

    Returns:
        (1000 · per_class, 1280) float32, not negative, and the class of each.
    """
    labels = np.repeat(np.arange(len(classifier.weight)), per_class)
    root = np.linalg.cholesky(covariance + 1e-4 * np.eye(len(covariance)))
    rows = classifier.mean + 0.5 * rng.standard_normal((len(labels), len(covariance))) @ root.T
    rows = rows.astype(np.float32)
    pull = (classifier.weight @ covariance).astype(np.float32)
    goal = rng.uniform(0.5, 0.99, len(labels))
    for _ in range(STEPS):
        logits = np.maximum(rows, 0.0) @ classifier.weight.T + classifier.bias
        probabilities = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        unsure = probabilities[np.arange(len(labels)), labels] < goal
        if not unsure.any():
            break
        rows[unsure] += STRIDE * (pull[labels[unsure]] - probabilities[unsure] @ pull)
    return np.maximum(rows, 0.0), labels


def _normal_cdf(x: FloatArray) -> FloatArray:
    return np.array([0.5 * (1.0 + erf(value / sqrt(2.0))) for value in x], np.float32)
