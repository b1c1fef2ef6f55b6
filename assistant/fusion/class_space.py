"""Places a whole picture in the shared space: a convex combination of the names that its encoder gives it.

ConSE (Norouzi et al. 2014, https://arxiv.org/abs/1312.5650, equation 2): f(x) = Σ_k p(k | x) s(k), here over all
thousand classes at a raised temperature, so that a picture of something that is not a class lies between its
neighbours. It beats a linear map of the same features because a class that the picture does not show adds nothing.
The classifier is kept as a product of two narrow matrices.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assistant.types import FloatArray

__all__ = ["ClassSpace"]


class ClassSpace:
    """Maps pooled picture vectors by way of classes.

    Args:
        weights: ``classes.reduce`` (r, d), ``classes.expand`` (k, r), ``classes.bias`` (k,): the classifier;
            ``classes.vectors`` (k, 384): where each class lies; ``classes.temperature`` (1,).
    """

    def __init__(self, weights: Mapping[str, FloatArray]) -> None:
        self._weights = weights

    def __call__(self, pooled: FloatArray) -> FloatArray:
        """Vectors (n, d) of the picture encoder as (n, 384), float32, not of unit length."""
        temperature = float(self._weights["classes.temperature"][0])
        placed: FloatArray = self.probabilities(pooled, temperature) @ self._weights["classes.vectors"]
        return placed.astype(np.float32)

    @property
    def vectors(self) -> FloatArray:
        """(k, 384): where each class lies, not of unit length."""
        return self._weights["classes.vectors"]

    def logits(self, rows: FloatArray) -> FloatArray:
        """(n, k): the classifier's logits of pictures, or of parts of one, (n, d)."""
        w = self._weights
        logits: FloatArray = np.asarray((rows @ w["classes.reduce"].T) @ w["classes.expand"].T + w["classes.bias"])
        return logits

    def probabilities(self, pooled: FloatArray, temperature: float = 1.0) -> FloatArray:
        """(n, k), 0 to 1, each row 1 in all: how probable the classifier finds each class in pictures (n, d)."""
        logits = self.logits(pooled)
        exponents = np.exp((logits - logits.max(axis=1, keepdims=True)) / temperature)
        divided: FloatArray = exponents / exponents.sum(axis=1, keepdims=True)
        return divided
