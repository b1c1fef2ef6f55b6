"""Calibrates decisions: temperature, conformal sets, and out-of-scope detection."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.modality_logits import log_softmax
from assistant.types import FloatArray

__all__ = ["LEXICAL", "USUAL_TEMPERATURE", "Scope", "conformal_floor", "fit_temperature", "scope_features", "surprise"]

GOLDEN = (math.sqrt(5.0) - 1.0) / 2.0
USUAL_TEMPERATURE, TEMPERATURE_WEIGHT = 0.5, 100.0
"""the temperature on every public set lies near it; examples that this counts for beside those held out"""
SOFTER = np.float32(2.0)
"""how much softer than calibrated the probabilities are whose entropy tells our business"""
CERTAINTY, DIRECT, CLOSENESS, LEXICAL = range(4)
"""columns of the scope features; the similarities follow"""
WEIGHTS, LIKENESS_WEIGHT = (2.0, 0.4, 1.0, 0.5), 1.0
"""of the features; of all similarities together. Chosen by cross-validation, see README.md"""
CLOSENESS_KNOWN = 300.0
"""examples from which on closeness has half its weight"""
PRIOR_WEIGHT = 8.0
"""examples that what was measured on the shipped plugins counts for; it decides where there are few examples"""
PRIOR_GENERAL = ((-0.4, 0.2), (3.5, 2.0), (-45.0, 30.0), (40.0, 25.0))
"""mean and spread of the scope features before the similarities"""
PRIOR_LIKENESS = (0.56, 0.13)
"""mean and spread of the similarities"""
LEAST_SPREAD = 0.5
"""of the features, as a share of what was measured on the shipped plugins"""
PRIOR_THRESHOLD, HIGHEST_THRESHOLD = -1.15, -0.6


def fit_temperature(logits: FloatArray, labels: NDArray[np.int64]) -> float:
    """The temperature that makes held-out logits most likely (Guo et al. 2017, https://arxiv.org/abs/1706.04599).

    Args:
        logits: (n, k), of examples the model has not seen.
        labels: (n,).

    Returns:
        0.02 to 20; probabilities are softmax(logits / temperature). A few dozen examples that are all told rightly
        know of no doubt at all: they are held near `USUAL_TEMPERATURE`.
    """
    if len(labels) == 0 or logits.shape[1] < 2:
        return USUAL_TEMPERATURE

    def cost(log_temperature: float) -> float:
        return surprise(_soften(logits, log_temperature), labels)

    low, high = math.log(0.02), math.log(20.0)
    # Golden section: the loss has one minimum, and one of the two inner points stays when an end moves in.
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = cost(left), cost(right)
    while high - low > 0.01:
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = cost(right)
    share = TEMPERATURE_WEIGHT / (TEMPERATURE_WEIGHT + len(labels))
    return math.exp((1.0 - share) * (low + high) / 2.0 + share * math.log(USUAL_TEMPERATURE))


def _soften(logits: FloatArray, log_temperature: float) -> FloatArray:
    softened: FloatArray = logits / np.float32(math.exp(log_temperature))
    return softened


def surprise(logits: FloatArray, labels: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood of (n,) labels under (n, k) logits, nats."""
    return -float(log_softmax(logits)[np.arange(len(labels)), labels].mean())


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


def scope_features(
    logits: FloatArray, direct: FloatArray, closeness: FloatArray, lexical: FloatArray, likeness: FloatArray
) -> FloatArray:
    """Features of scope; each is larger for turns in scope.

    Args:
        logits: (n, k), calibrated.
        direct: (n,), log-odds of a classifier of examples against foreign sentences.
        closeness: (n,), relative Mahalanobis distance, see `Density`.
        lexical: (n,), how far the words' best intent stands out.
        likeness: (n, s), cosine similarity to the nearest intent's mean, by view.

    Returns:
        (n, 4 + s), float32: negative entropy at twice the temperature, as a share of the most there can
        be, then the others. Entropy at the temperature itself is too sure of far-off sentences.
    """
    logs = log_softmax(logits / SOFTER)
    certainty = (np.exp(logs) * logs).sum(axis=1) / max(math.log(logits.shape[1]), 1.0)
    return np.column_stack([certainty, np.clip(direct, -8.0, 8.0), closeness, lexical, likeness]).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Scope:
    """Scores whether a sentence is in scope: the weighted mean of z-scored features against a threshold."""

    mean: FloatArray
    """(f,), of held-out examples"""
    spread: FloatArray
    """(f,), of held-out examples"""
    weights: FloatArray
    """(f,), sums to 1"""
    threshold: float
    """scores below it belong to no intent"""
    slope: float
    """of the probability at the threshold"""

    @classmethod
    def fit(cls, ours: FloatArray, foreign: FloatArray, intents: int, retention: float) -> Scope:
        """Fit to held-out examples (n, f) and foreign sentences (m, f).

        Args:
            ours: features of examples by models that had not seen them.
            foreign: the same of foreign sentences.
            intents: their number.
            retention: share of examples to let through.
        """
        prior = PRIOR_WEIGHT / (PRIOR_WEIGHT + len(ours))
        general, similar = np.array(PRIOR_GENERAL, np.float32), np.array(PRIOR_LIKENESS, np.float32)
        expected = np.vstack([general, np.tile(similar, (ours.shape[1] - len(general), 1))])
        mean: FloatArray = expected[:, 0]
        spread: FloatArray = expected[:, 1]
        if len(ours):
            mean = ((1 - prior) * ours.mean(axis=0) + prior * mean).astype(np.float32)
            # Examples after one pattern are all alike, and what people say is not.
            spread = np.maximum((1 - prior) * ours.std(axis=0) + prior * spread, LEAST_SPREAD * spread)
            spread = spread.astype(np.float32)
        similarities = len(mean) - len(WEIGHTS)
        # Where few examples lie is hardly known, and a model that has seen one more of them puts the rest elsewhere.
        weights: FloatArray = np.array([*WEIGHTS, *[LIKENESS_WEIGHT / max(similarities, 1)] * similarities], np.float32)
        weights[CLOSENESS] *= len(ours) / (len(ours) + CLOSENESS_KNOWN)
        if intents == 1:  # there is nothing to hesitate between
            weights[[CERTAINTY, LEXICAL]] = 0.0
        scope = cls(mean, spread, (weights / weights.sum()).astype(np.float32), 0.0, 1.0)
        inside, outside = scope.score(ours), scope.score(foreign)
        measured = float(np.quantile(inside, 1.0 - retention)) if len(ours) else 0.0
        threshold = min((1 - prior) * measured + prior * PRIOR_THRESHOLD, HIGHEST_THRESHOLD)
        return cls(mean, spread, scope.weights, threshold, _slope(inside - threshold, outside - threshold))

    def score(self, features: FloatArray) -> FloatArray:
        """(n, f) → (n,): larger is more surely ours."""
        scores: FloatArray = (((features - self.mean) / self.spread) @ self.weights).astype(np.float32)
        return scores

    def probability(self, features: FloatArray, lenience: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
        """(n, f) → (n,): probability of being ours, one half at the threshold, which is lower by (n,) `lenience`."""
        scores = self.score(features).astype(np.float64) + lenience
        odds = np.clip(self.slope * (scores - self.threshold), -30.0, 30.0)
        result: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-odds))
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
