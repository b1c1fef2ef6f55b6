"""Multinomial logistic regression by L-BFGS, in a fraction of a second."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from assistant.messages import FloatArray

__all__ = ["fit_logistic", "log_softmax"]


def fit_logistic(
    x: FloatArray,
    y: NDArray[np.int64],
    classes: int,
    strength: float = 10.0,
    *,
    row_weights: FloatArray | None = None,
    iterations: int = 100,
) -> FloatArray:
    """Fit and return the weights; the objective is scikit-learn's, so that C means the same.

    Args:
        x: (n, d), float32.
        y: (n,), class of each row.
        classes: k; classes without a row get low logits.
        strength: C, the inverse of the L2 penalty on all but the bias.
        row_weights: (n,), how much each row counts, 1 on average; all the same by default.
        iterations: most steps of L-BFGS.

    Returns:
        (d + 1, k), float32; the last row is the bias.
    """
    import torch

    n, d = x.shape
    rows = torch.from_numpy(np.hstack([x, np.ones((n, 1), np.float32)]))
    targets = torch.zeros(n, classes)
    targets[torch.arange(n), torch.from_numpy(y)] = 1.0
    weights = torch.zeros(d + 1, classes, requires_grad=True)
    share = torch.full((n, 1), 1.0 / n) if row_weights is None else torch.from_numpy(row_weights)[:, None] / n
    penalty = torch.full((d + 1, 1), 1.0 / (strength * n))
    penalty[-1] = 0.0
    optimizer = torch.optim.LBFGS(
        [weights],
        max_iter=iterations,
        history_size=10,
        tolerance_grad=1e-4 / n,
        tolerance_change=1e-9,
        line_search_fn="strong_wolfe",
    )

    def step() -> float:
        with torch.no_grad():  # the gradient is known in closed form
            logs = (rows @ weights).log_softmax(dim=1)
            decay = penalty * weights
            weights.grad = rows.T @ ((logs.exp() - targets) * share) + decay
            return float(-(logs * targets * share).sum() + 0.5 * (decay * weights).sum())

    with _few_threads(x.size * classes):
        optimizer.step(step)  # type: ignore[no-untyped-call]
    fitted: FloatArray = weights.detach().numpy()
    return fitted


@contextmanager
def _few_threads(work: int) -> Iterator[None]:
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
