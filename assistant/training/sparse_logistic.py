"""Fits a multinomial logistic regression over named features, for `assistant.understanding.linear.Linear`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.understanding.linear import FloatArray, Linear, hashed

__all__ = ["fit_linear"]

ITERATIONS = 80
SEEN = 2
"""examples that must show a feature, else it is left out"""


def fit_linear(
    features: Sequence[Sequence[str]],
    targets: Sequence[tuple[NDArray[np.int64], int]],
    strength: float,
    *,
    states: FloatArray | None = None,
    state_strength: float = 1.0,
) -> Linear:
    """Fit one table of weights with the columns of several fields side by side.

    Args:
        features: n times the names of what is there.
        targets: for each field the class of each example (n,), and the number of classes.
        strength: C, the inverse of the L2 penalty.
        states: (n, d), the encoder's states of each example.
        state_strength: C of their weights.

    Returns:
        The weights, in float32; the same input gives the same weights.
    """
    rows = [sorted({hashed(name) for name in names}) for names in features]
    counts = Counter(value for row in rows for value in row)
    known = np.array(sorted(value for value, count in counts.items() if count >= SEEN), np.uint32)
    index = {value: at for at, value in enumerate(known.tolist())}
    places = [[index[value] for value in row if value in index] for row in rows]
    parts = [_fit(places, len(known), y, k, strength, states, state_strength) for y, k in targets]
    weights, bias, dense = (np.concatenate(part, axis=-1).astype(np.float32) for part in zip(*parts, strict=True))
    return Linear(known, weights, bias, dense)


def _fit(
    places: Sequence[Sequence[int]],
    size: int,
    y: NDArray[np.int64],
    classes: int,
    strength: float,
    states: FloatArray | None,
    state_strength: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weights (size, classes), bias (classes,) and state weights (d, classes) of one field."""
    import torch
    from torch.nn import functional

    lengths = torch.tensor([len(row) for row in places])
    flat = torch.tensor([at for row in places for at in row], dtype=torch.int64)
    offsets = torch.cumsum(lengths, 0) - lengths
    shares = torch.repeat_interleave(1.0 / lengths.double().clamp(min=1).sqrt(), lengths)
    dense = torch.from_numpy(np.zeros((len(places), 0)) if states is None else states.astype(np.float64))
    labels = torch.from_numpy(y)
    weights = torch.zeros(size, classes, dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
    inner = torch.zeros(dense.shape[1], classes, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, bias, inner], max_iter=ITERATIONS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        logits = functional.embedding_bag(flat, weights, offsets, mode="sum", per_sample_weights=shares)
        logits = logits + bias + dense @ inner
        penalty = weights.square().sum() / strength + inner.square().sum() / state_strength
        total = functional.cross_entropy(logits, labels, reduction="sum") + 0.5 * penalty
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weights.detach().numpy(), bias.detach().numpy(), inner.detach().numpy()
