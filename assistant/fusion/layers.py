"""The few layers that early and attention fusion are made of, in numpy: one turn takes well under a millisecond."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.strategy import FusionInput
from assistant.types import FloatArray

__all__ = ["HEADS", "embed", "feed_forward", "linear", "multi_head", "normalise"]

HEADS = 4
Weights = Mapping[str, FloatArray]


def linear(weights: Weights, name: str, x: FloatArray) -> FloatArray:
    """x (…, i) through ``NAME.weight`` (o, i) and ``NAME.bias`` (o): (…, o)."""
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def normalise(x: FloatArray) -> FloatArray:
    """Rows scaled to a root mean square of 1. Source: Zhang and Sennrich 2019, equation 4, without gain."""
    y: FloatArray = x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-5)
    return y


def feed_forward(weights: Weights, name: str, x: FloatArray) -> FloatArray:
    """``NAME.up``, ReLU, ``NAME.down``, added to x."""
    return x + linear(weights, f"{name}.down", np.maximum(linear(weights, f"{name}.up", normalise(x)), 0.0))


def multi_head(
    weights: Weights, name: str, x: FloatArray, context: FloatArray, mask: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Scaled dot-product attention of x (q, d) over context (n, d), in `HEADS` heads, added to x.

    Source: Vaswani et al. 2017, equation 1: softmax(Q Kᵀ / √d_head) V.

    Args:
        name: holds ``query``, ``key``, ``value`` and ``out``.
        context: (n, d), the rows that are attended to.
        mask: (n,), False where a row takes no part; at least one True.

    Returns:
        (q, d), and the attention (HEADS, q, n), whose rows sum to 1 over the unmasked.
    """
    rows, context_rows = normalise(x), normalise(context)
    query = _split(linear(weights, f"{name}.query", rows))
    key = _split(linear(weights, f"{name}.key", context_rows))
    value = _split(linear(weights, f"{name}.value", context_rows))
    scores = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
    scores = np.where(mask, scores, -np.inf)
    attention = np.exp(scores - scores.max(axis=-1, keepdims=True))
    attention /= attention.sum(axis=-1, keepdims=True)
    joined = (attention @ value).transpose(1, 0, 2).reshape(len(x), -1)
    return x + linear(weights, f"{name}.out", joined), attention


def embed(weights: Weights, inputs: FusionInput, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The tokens (n, d) and the intents (k, d), which know the modalities' logits; `counts` are `input_weights`."""
    tokens = linear(weights, "tokens", inputs.tokens) + weights["modality"][inputs.modalities]
    intents = linear(weights, "intents", inputs.queries)
    return tokens, intents + linear(weights, "opinions", _logit_features(inputs.logits, counts))


def _logit_features(logits: FloatArray, weights: FloatArray) -> FloatArray:
    """(k, 9): for each intent and modality the log-probability (clipped to 10 nats, over 5), probability and weight.

    `logits` (3, k) are log-probabilities; `weights` (3,) are `input_weights`, of which 0 silences a modality.
    """
    clipped = np.maximum(logits, -10.0) / 5.0
    counts = np.broadcast_to(weights[:, None], logits.shape)
    usable = counts > 0
    stacked = np.stack([clipped * usable, np.exp(np.minimum(logits, 0.0)) * usable, counts])
    return stacked.reshape(9, -1).T.astype(np.float32)


def _split(rows: FloatArray) -> FloatArray:
    return rows.reshape(len(rows), HEADS, -1).transpose(1, 0, 2)
