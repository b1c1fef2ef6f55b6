"""Trains the maps into the shared space: ridge regression, then InfoNCE; and synthesises photographs.

No photographs may be shipped or learnt from here, yet detectors must know what everyday photographs are like.
The picture encoder knows it: its last batch normalisation holds the mean and spread of every channel over the
photographs it was trained on, and the rows of its classifier point to each of a thousand objects. From there,
gradient steps within the channels' covariance lead to vectors that the classifier calls by a chosen name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erf, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.projection import unit
from assistant.terminal.report import Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.types import FloatArray

__all__ = ["Classifier", "contrast", "place_classes", "recall_at", "recall_rows", "ridge", "synthesize"]

STEPS = 60
STRIDE = 3.0
BATCH = 256
RANK = 256
"""width of the classifier's two factors: half the size, and half a point of R@10"""
TEMPERATURE = 3.0
"""of the classifier where it places pictures; at 1 it is too sure of its best class to say what else is there"""
EVENNESS = 0.5
"""power of the singular values of the classes' vectors: at 1 they are as they were, at 0 all directions count alike"""


def ridge(rows: FloatArray, targets: FloatArray, penalty: float) -> tuple[FloatArray, FloatArray]:
    """Least squares with an L2 penalty on all but the bias.

    Args:
        rows: (n, i).
        targets: (n, o).
        penalty: of the squared weights, against the sum of squared errors.

    Returns:
        W (o, i) and b (o,), with targets ≈ rows Wᵀ + b.
    """
    middle, aim = rows.mean(axis=0), targets.mean(axis=0)
    centred = (rows - middle).astype(np.float64)
    gram = centred.T @ centred + penalty * np.eye(rows.shape[1])
    weight = np.linalg.solve(gram, centred.T @ (targets - aim)).T
    return weight.astype(np.float32), (aim - middle @ weight.T).astype(np.float32)


def contrast(
    start: tuple[FloatArray, FloatArray],
    rows: FloatArray,
    targets: FloatArray,
    groups: NDArray[np.int64],
    *,
    epochs: int,
    seed: int,
    progress: StepProgress,
) -> tuple[FloatArray, FloatArray]:
    """Goes on from a map with symmetric InfoNCE and a learned temperature.

    Source: van den Oord et al. 2018, equation 4; Radford et al. 2021, figure 3.

    Args:
        start: W (o, i) and b (o,); the result is kept near it by weight decay.
        rows: (n, i), what is mapped.
        targets: (n, o), unit length: where row j belongs.
        groups: (n,), rows of one group share their target and are no negatives of each other.
    """
    import torch
    from torch.nn.functional import normalize

    torch.manual_seed(seed)
    first = torch.from_numpy(start[0])
    weight, bias = first.clone().requires_grad_(), torch.from_numpy(start[1]).clone().requires_grad_()
    scale = torch.tensor(3.0, requires_grad=True)
    optimizer = torch.optim.Adam([{"params": [weight, bias], "lr": 3e-4}, {"params": [scale], "lr": 1e-2}])
    x, t, g = torch.from_numpy(rows), torch.from_numpy(targets), torch.from_numpy(groups)
    for _ in tracked(progress, "aligning pictures with words", range(epochs)):
        for batch in torch.split(torch.randperm(len(x)), BATCH):
            seen = normalize(x[batch] @ weight.T + bias, dim=1)
            logits = scale.exp() * seen @ t[batch].T
            same = g[batch][:, None] == g[batch][None, :]
            logits = logits.masked_fill(same & ~torch.eye(len(batch), dtype=torch.bool), -1e4)
            own = torch.arange(len(batch))
            loss = torch.nn.functional.cross_entropy(logits, own) + torch.nn.functional.cross_entropy(logits.T, own)
            loss = 0.5 * loss + 1e-3 * (weight - first).pow(2).sum()
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return weight.detach().numpy(), bias.detach().numpy()


def place_classes(classifier: Classifier, captions: FloatArray) -> dict[str, FloatArray]:
    """The arrays of `assistant.fusion.class_space.ClassSpace`, in closed form: no picture is needed.

    Names are crowded around what all of them share; the mean is taken off, and the strong directions that are
    left are damped, which makes hubs rarer (centring and whitening: Su et al. 2021, "Whitening sentence
    representations", section 3).

    Args:
        captions: (k, 384), where the captions of each class lie.
    """
    scale = np.sqrt(classifier.mean + 1e-3)  # error counts by how strong a channel is in photographs
    centred = classifier.weight - classifier.weight.mean(axis=0)
    left, strength, right = np.linalg.svd(centred * scale, full_matrices=False)
    crowd, spread, axes = np.linalg.svd(captions - captions.mean(axis=0), full_matrices=False)
    return {
        "classes.reduce": right[:RANK] / scale,
        "classes.expand": left[:, :RANK] * strength[:RANK],
        "classes.bias": classifier.bias - classifier.bias.mean(),
        "classes.vectors": (crowd * spread**EVENNESS) @ axes,
        "classes.temperature": np.array([TEMPERATURE], np.float32),
    }


def recall_at(
    queries: FloatArray, items: FloatArray, ranks: tuple[int, ...] = (1, 10), own: Sequence[int] | None = None
) -> list[float]:
    """Shares of queries (n, d) whose own item (m, d), by default that of the same row, is among the first `ranks`."""
    places = np.arange(len(queries)) if own is None else np.asarray(own)
    similarity = unit(queries) @ unit(items).T
    ahead = (similarity > similarity[np.arange(len(places)), places][:, None]).sum(axis=1)
    return [float((ahead < rank).mean()) for rank in ranks]


def recall_rows(name: str, queries: FloatArray, items: FloatArray, own: Sequence[int] | None = None) -> list[Row]:
    """The rows of a report for `recall_at`, at 1 and 10."""
    first, tenth = recall_at(queries, items, own=own)
    return [percent(f"{name}, R@1", first), percent(f"{name}, R@10", tenth)]


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
        below = np.array([0.5 * (1.0 + erf(value / sqrt(2.0))) for value in ratio], np.float32)
        mean = offset * below + spread * density
        return cls(weights["_fc.weight"], weights["_fc.bias"], mean.astype(np.float32))


def synthesize(
    classifier: Classifier, covariance: FloatArray, per_class: int, rng: np.random.Generator
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Synthesise pooled picture vectors of every class.

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
