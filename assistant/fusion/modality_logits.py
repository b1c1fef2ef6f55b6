"""Weights of the modalities, shared by all strategies: how much each counts, and how much each decided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.strategy import FusionInput
from assistant.types import MODALITIES, FloatArray

__all__ = ["available", "input_weights", "log_softmax", "modality_weights", "support_of", "token_prior"]

MODALITY_COUNT = len(MODALITIES)


def log_softmax(values: FloatArray) -> FloatArray:
    """Log-probabilities along the last axis."""
    shifted = values - values.max(axis=-1, keepdims=True)
    result: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def available(inputs: FusionInput) -> NDArray[np.bool_]:
    """(3,): modalities that are present; one whose tokens are all padding counts as absent."""
    has_rows = np.zeros(MODALITY_COUNT, np.bool_)
    has_tokens = np.zeros(MODALITY_COUNT, np.bool_)
    has_rows[inputs.modalities] = True
    has_tokens[inputs.modalities[inputs.mask]] = True
    return inputs.present & (has_tokens | ~has_rows)


def input_weights(inputs: FusionInput, trust: FloatArray) -> FloatArray:
    """(3,): how much each modality's logits count: trust times reliability, the largest scaled to 1.

    So the logits of a modality on its own stay as they are, and an unreliable one beside a reliable one
    hardly counts. Absent modalities weigh 0.
    """
    weight = np.where(available(inputs), trust * np.maximum(inputs.reliability, 1e-3), 0.0)
    top = weight.max(initial=0.0)
    return (weight / top if top > 0 else weight).astype(np.float32)


def modality_weights(support: FloatArray, weights: FloatArray) -> FloatArray:
    """(3,): how much of the winning logit each modality gave; sums to 1 over the modalities that count.

    Args:
        support: (3,), how far each modality lifts the winner above the others; below 0 when it speaks against it.
        weights: (3,), from `input_weights`; decides alone when no modality lifts the winner.
    """
    lift = np.where(weights > 0, np.maximum(support, 0.0) + 1e-3 * weights, 0.0)
    total = lift.sum()
    return (lift / total if total > 0 else lift).astype(np.float32)


def support_of(logits: FloatArray, weights: FloatArray, winner: int) -> FloatArray:
    """(3,): weighted margin of the winner over the mean of the other intents, by modality."""
    count = logits.shape[1]
    others = (logits.sum(axis=1) - logits[:, winner]) / max(count - 1, 1)
    margin = logits[:, winner] - (others if count > 1 else 0.0)
    return (weights * margin).astype(np.float32)


def token_prior(inputs: FusionInput, decided: FloatArray, query: FloatArray) -> FloatArray:
    """(n,): weight of each token: its modality's weight, spread by a softmax of similarity to the winning intent.

    Source: scaled dot-product attention (Vaswani et al. 2017, equation 1) with one query and fixed projections.
    """
    weight = np.zeros(len(inputs.mask), np.float32)
    similarity = inputs.tokens @ query
    for modality in range(MODALITY_COUNT):
        rows = inputs.mask & (inputs.modalities == modality)
        if rows.any():
            score = 8.0 * similarity[rows]
            spread = np.exp(score - score.max())
            weight[rows] = max(float(decided[modality]), 1e-6) * spread / spread.sum()
    total = weight.sum()
    return weight / total if total > 0 else weight
