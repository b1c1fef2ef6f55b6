"""Fits a multinomial logistic regression over named features, for `assistant.understanding.linear.Linear`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from assistant.understanding.linear import Linear, hashed

__all__ = ["fit_linear"]

ITERATIONS = 120
SEEN = 2
"""examples that must show a feature, else it is left out"""


def fit_linear(
    features: Sequence[Sequence[str]], targets: Sequence[tuple[NDArray[np.int64], int]], strength: float
) -> Linear:
    """Fit one table of weights with the columns of several fields side by side.

    Args:
        features: n times the names of what is there.
        targets: for each field the class of each example (n,), and the number of classes.
        strength: C, the inverse of the L2 penalty.

    Returns:
        The weights, in float32; the same input gives the same weights.
    """
    rows = [sorted({hashed(name) for name in names}) for names in features]
    counts = Counter(value for row in rows for value in row)
    known = np.array(sorted(value for value, count in counts.items() if count >= SEEN), np.uint32)
    index = {value: at for at, value in enumerate(known.tolist())}
    places = [[index[value] for value in row if value in index] for row in rows]
    weights, bias = _fit(places, len(known), targets, strength)
    return Linear(known, weights, bias)


def _fit(
    places: Sequence[Sequence[int]], size: int, targets: Sequence[tuple[NDArray[np.int64], int]], strength: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (size, classes) and bias (classes,) of all fields; their losses are added up."""
    shown = _matrix(places, size)
    turned = shown.t().coalesce()
    widths = [classes for _, classes in targets]
    wanted = torch.cat([torch.nn.functional.one_hot(torch.from_numpy(y), k).float() for y, k in targets], dim=1)
    weights = torch.zeros(size, sum(widths), requires_grad=True)
    bias = torch.zeros(sum(widths), requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [weights, bias], max_iter=ITERATIONS, max_eval=2 * ITERATIONS, history_size=10, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        with torch.no_grad():
            logs = [part.log_softmax(1) for part in torch.split(shown @ weights + bias, widths, 1)]
            shares = torch.cat(logs, dim=1)
            wrong = shares.exp() - wanted
            weights.grad, bias.grad = turned @ wrong + weights / strength, wrong.sum(0)
            return 0.5 * weights.square().sum() / strength - (shares * wanted).sum()

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weights.detach().numpy(), bias.detach().numpy()


def _matrix(places: Sequence[Sequence[int]], size: int) -> Tensor:
    """(n, size), sparse: each row has unit length."""
    lengths = np.array([len(row) for row in places])
    rows = np.repeat(np.arange(len(places)), lengths)
    columns = np.array([at for row in places for at in row], np.int64)
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    where = torch.from_numpy(np.stack([rows, columns]))
    matrix = torch.sparse_coo_tensor(where, torch.from_numpy(values), (len(places), size), check_invariants=True)
    return matrix.coalesce()
