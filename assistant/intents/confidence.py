"""How far a decision can be trusted: temperature, conformal sets, and whether it is ours to answer at all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.intents.logistic import log_softmax
from assistant.messages import FloatArray

__all__ = ["Scope", "conformal_floor", "expected_calibration_error", "fit_temperature", "scope_features"]

PRIOR_WEIGHT = 8.0
"""examples that what was measured on the shipped plugins counts for; decides when there are few examples"""
PRIOR_MEAN = np.array([-0.1, 0.6, 0.25, 2.8], np.float32)
PRIOR_SPREAD = np.array([0.15, 0.12, 0.15, 2.0], np.float32)
PRIOR_THRESHOLD = -1.25


def fit_temperature(logits: FloatArray, labels: NDArray[np.int64]) -> float:
    """The temperature that makes held-out logits most likely (Guo et al. 2017, https://arxiv.org/abs/1706.04599).

    Args:
        logits: (n, k), of examples the model has not seen.
        labels: (n,).

    Returns:
        0.02 to 20; probabilities are softmax(logits / temperature).
    """
    if len(labels) == 0 or logits.shape[1] < 2:
        return 1.0
    rows = np.arange(len(labels))

    def loss(log_temperature: float) -> float:
        return -float(log_softmax(logits / np.float32(math.exp(log_temperature)))[rows, labels].mean())

    low, high = math.log(0.02), math.log(20.0)
    ratio = (math.sqrt(5.0) - 1.0) / 2.0  # golden section: the loss has one minimum
    while high - low > 1e-3:
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return math.exp((low + high) / 2.0)


def conformal_floor(probabilities: FloatArray, coverage: float) -> float:
    """The least probability an intent needs to be among the options.

    Split conformal prediction (Sadinle et al. 2019, https://arxiv.org/abs/1609.00451): with it, the right
    intent of a new turn is among the options with probability `coverage`.

    Args:
        probabilities: (n,), of the right intents of held-out examples.
        coverage: 0 to 1.
    """
    n = len(probabilities)
    if n == 0:
        return 0.1
    rank = math.floor((n + 1) * (1.0 - coverage))
    return float(np.sort(probabilities)[rank - 1]) if rank >= 1 else 0.0


def expected_calibration_error(confidences: FloatArray, correct: NDArray[np.bool_], bins: int = 15) -> float:
    """Mean gap between confidence and accuracy over equally wide bins, weighted by size, 0 to 1."""
    index = np.minimum((confidences * bins).astype(np.int64), bins - 1)
    size = np.bincount(index, minlength=bins)
    gap = np.abs(np.bincount(index, confidences - correct, minlength=bins))
    return float(gap.sum() / max(size.sum(), 1))


def scope_features(logits: FloatArray, nearest: FloatArray, foreign: FloatArray, direct: FloatArray) -> FloatArray:
    """What tells our business from everything else; each is larger for our business.

    Args:
        logits: (n, k), calibrated.
        nearest: (n,), cosine similarity to the most similar example.
        foreign: (n,), cosine similarity to the most similar sentence of the shipped foreign ones.
        direct: (n,), log-odds of a classifier of examples against foreign sentences.

    Returns:
        (n, 4), float32: negative entropy, nearest, nearest - foreign, direct.
    """
    logs = log_softmax(logits)
    certainty = (np.exp(logs) * logs).sum(axis=1) / max(math.log(logits.shape[1]), 1.0)
    return np.stack([certainty, nearest, nearest - foreign, np.clip(direct, -8.0, 8.0)], axis=1).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Scope:
    """Whether a turn is our business: the sum of z-scored features against a threshold."""

    mean: FloatArray
    """(f,), of held-out examples"""
    spread: FloatArray
    """(f,), of held-out examples"""
    threshold: float
    """scores below it are somebody else's business"""
    slope: float
    """of the probability at the threshold"""

    @classmethod
    def fit(cls, ours: FloatArray, foreign: FloatArray, retention: float) -> Scope:
        """Fit to held-out examples (n, f) and foreign sentences (m, f).

        Args:
            ours: features of examples by models that had not seen them.
            foreign: the same of foreign sentences.
            retention: share of examples to let through.
        """
        prior = PRIOR_WEIGHT / (PRIOR_WEIGHT + len(ours))
        mean = (1 - prior) * ours.mean(axis=0) + prior * PRIOR_MEAN if len(ours) else PRIOR_MEAN
        spread = (1 - prior) * ours.std(axis=0) + prior * PRIOR_SPREAD if len(ours) else PRIOR_SPREAD
        inside = ((ours - mean) / spread).mean(axis=1)
        outside = ((foreign - mean) / spread).mean(axis=1)
        measured = float(np.quantile(inside, 1.0 - retention)) if len(ours) else 0.0
        threshold = (1 - prior) * measured + prior * PRIOR_THRESHOLD
        return cls(mean, spread, threshold, _slope(inside - threshold, outside - threshold))

    def score(self, features: FloatArray) -> FloatArray:
        """(n, f) → (n,): larger is more surely ours."""
        scores: FloatArray = ((features - self.mean) / self.spread).mean(axis=1)
        return scores

    def probability(self, features: FloatArray) -> FloatArray:
        """(n, f) → (n,): probability of being ours, one half at the threshold."""
        odds = np.clip(self.slope * (self.score(features) - self.threshold), -30.0, 30.0)
        result: FloatArray = 1.0 / (1.0 + np.exp(-odds))
        return result


def _slope(inside: FloatArray, outside: FloatArray) -> float:
    """The slope of the logistic curve through (0, 1/2) that fits both groups best, each weighing the same."""
    best, lowest = 1.0, math.inf
    for slope in np.geomspace(0.5, 20.0, 40):
        losses = (np.logaddexp(0.0, -slope * inside), np.logaddexp(0.0, slope * outside))
        cost = sum(float(loss.mean()) for loss in losses if len(loss))
        if cost < lowest:
            best, lowest = float(slope), cost
    return best
