"""Multinomial logistic regression by L-BFGS, in a fraction of a second."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = [
    "fit_logistic",
]

REMEMBERED = 10
"""steps from which the curvature is estimated"""
DECREASE = 1e-4
"""share of the promised decrease that a step must keep (Armijo's rule)"""
SHORTER = 0.4
SHORTEST = 1e-6


def fit_logistic(
    x: FloatArray,
    y: NDArray[np.int64],
    classes: int,
    strength: float = 10.0,
    *,
    row_weights: FloatArray | None = None,
    iterations: int = 100,
    tolerance: float = 1e-7,
) -> FloatArray:
    """Fit and return the weights; the objective is scikit-learn's, so that C means the same.

    Args:
        x: (n, d), float32.
        y: (n,), class of each row.
        classes: k; classes without a row get low logits.
        strength: C, the inverse of the L2 penalty on all but the bias.
        row_weights: (n,), how much each row counts, 1 on average; all the same by default.
        iterations: most steps of L-BFGS.
        tolerance: relative decrease of the objective in a step from which on nothing more is gained.

    Returns:
        (d + 1, k), float32; the last row is the bias.
    """
    n, d = x.shape
    rows = np.hstack([x, np.ones((n, 1), np.float32)])
    chosen = np.arange(n), y
    share = np.ones((n, 1), np.float32) if row_weights is None else row_weights[:, None].astype(np.float32)
    penalty = np.full((d + 1, 1), 1.0 / strength, np.float32)
    penalty[-1] = 0.0

    def objective(weights: FloatArray) -> tuple[float, FloatArray]:
        logs = rows @ weights
        logs -= logs.max(axis=1, keepdims=True)
        probabilities = np.exp(logs)
        totals = probabilities.sum(axis=1, keepdims=True)
        decay = penalty * weights
        fit = ((np.log(totals[:, 0]) - logs[chosen]) * share[:, 0]).sum()
        loss = float(fit + 0.5 * (decay * weights).sum())
        probabilities /= totals
        probabilities[chosen] -= 1.0
        probabilities *= share
        return loss, rows.T @ probabilities + decay

    return _minimise(objective, np.zeros((d + 1, classes), np.float32), iterations, tolerance)


def _minimise(
    objective: Callable[[FloatArray], tuple[float, FloatArray]], at: FloatArray, iterations: int, tolerance: float
) -> FloatArray:
    """L-BFGS with backtracking (Nocedal and Wright 2006, algorithms 7.4 and 3.1).

    Others start with a step of almost nothing, which on these problems costs six of the first steps; a full step down
    the gradient is right at once for rows of unit length.
    """
    loss, gradient = objective(at)
    steps: list[tuple[FloatArray, FloatArray, float]] = []
    for _ in range(iterations):
        direction = _direction(gradient, steps)
        slope = float((gradient * direction).sum())
        length, ahead, lower, next_gradient = 1.0, at, loss, gradient
        while length > SHORTEST:
            ahead = at + length * direction
            lower, next_gradient = objective(ahead)
            if lower <= loss + DECREASE * length * slope:
                break
            length *= SHORTER
        else:
            return at
        step, change = ahead - at, next_gradient - gradient
        if (curvature := float((step * change).sum())) > 0.0:
            steps = [*steps[1 - REMEMBERED :], (step, change, curvature)]
        done = loss - lower <= tolerance * abs(loss)
        at, loss, gradient = ahead, lower, next_gradient
        if done:
            break
    return at


def _direction(gradient: FloatArray, steps: list[tuple[FloatArray, FloatArray, float]]) -> FloatArray:
    """The quasi-Newton direction of descent, from the steps so far: the two-loop recursion."""
    direction = -gradient
    shares = []
    for step, change, curvature in reversed(steps):
        share = float((step * direction).sum()) / curvature
        direction -= share * change
        shares.append(share)
    if steps:
        _, change, curvature = steps[-1]
        direction *= curvature / float((change * change).sum())
    for (step, change, curvature), share in zip(steps, reversed(shares), strict=True):
        direction += step * (share - float((change * direction).sum()) / curvature)
    return direction
