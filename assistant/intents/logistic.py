"""Multinomial logistic regression by L-BFGS, in a fraction of a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

__all__ = ["few_threads", "fit_logistic", "log_softmax"]

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
    import torch

    n, d = x.shape
    rows = torch.from_numpy(np.hstack([x, np.ones((n, 1), np.float32)]))
    targets = torch.zeros(n, classes)
    targets[torch.arange(n), torch.from_numpy(y)] = 1.0
    share = torch.full((n, 1), 1.0) if row_weights is None else torch.from_numpy(row_weights)[:, None]
    penalty = torch.full((d + 1, 1), 1.0 / strength)
    penalty[-1] = 0.0

    def objective(weights: Tensor) -> tuple[float, Tensor]:
        logs = (rows @ weights).log_softmax(dim=1)
        decay = penalty * weights
        loss = float(-(logs * targets * share).sum() + 0.5 * (decay * weights).sum())
        return loss, rows.T @ ((logs.exp_() - targets) * share) + decay

    with few_threads(x.size * classes), torch.inference_mode():
        fitted: FloatArray = _minimise(objective, torch.zeros(d + 1, classes), iterations, tolerance).numpy()
    return fitted


def _minimise(
    objective: Callable[[Tensor], tuple[float, Tensor]], at: Tensor, iterations: int, tolerance: float
) -> Tensor:
    """L-BFGS with backtracking (Nocedal and Wright 2006, algorithms 7.4 and 3.1).

    torch's own starts with a step of almost nothing, which on these problems costs six of the first steps;
    a full step down the gradient is right at once for rows of unit length.
    """
    loss, gradient = objective(at)
    steps: list[tuple[Tensor, Tensor, float]] = []
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


def _direction(gradient: Tensor, steps: list[tuple[Tensor, Tensor, float]]) -> Tensor:
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


@contextmanager
def few_threads(work: int) -> Iterator[None]:
    """One thread for small work: handing it around takes longer than doing it, on a busy machine a hundred times."""
    import torch

    before = torch.get_num_threads()
    if work < 50_000_000:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def log_softmax(logits: FloatArray) -> FloatArray:
    """Log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
