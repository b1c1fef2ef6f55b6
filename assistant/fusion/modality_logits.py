"""What all strategies share: how much each modality's own opinion counts, and who decided in the end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.strategy import FusionInput
from assistant.types import MODALITIES, FloatArray

__all__ = ["available", "log_softmax", "modality_shares", "support_of", "token_prior", "weights_of"]

MODALITY_COUNT = len(MODALITIES)


def log_softmax(values: FloatArray) -> FloatArray:
    """Log-probabilities along the last axis."""
    shifted = values - values.max(axis=-1, keepdims=True)
    result: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result


def available(evidence: FusionInput) -> NDArray[np.bool_]:
    """(3,): modalities that are present; one whose tokens are all padding counts as absent."""
    has_rows = np.zeros(MODALITY_COUNT, np.bool_)
    has_tokens = np.zeros(MODALITY_COUNT, np.bool_)
    has_rows[evidence.modalities] = True
    has_tokens[evidence.modalities[evidence.mask]] = True
    return evidence.present & (has_tokens | ~has_rows)


def weights_of(evidence: FusionInput, trust: FloatArray) -> FloatArray:
    """(3,): how much each modality's opinion counts: trust times reliability, the largest scaled to 1.

    So a modality on its own is taken exactly at its word, and an unreliable one beside a reliable one
    is hardly heard. Absent modalities weigh 0.
    """
    weight = np.where(available(evidence), trust * np.maximum(evidence.reliability, 1e-3), 0.0)
    top = weight.max(initial=0.0)
    result: FloatArray = (weight / top if top > 0 else weight).astype(np.float32)
    return result


def modality_shares(support: FloatArray, weights: FloatArray) -> FloatArray:
    """(3,): each modality's share of the winning logit; sums to 1 over the modalities that count.

    Args:
        support: (3,), how far each modality lifts the winner above the others; below 0 when it speaks against it.
        weights: (3,), from `weights_of`; decides alone when nobody lifts the winner.
    """
    lift = np.where(weights > 0, np.maximum(support, 0.0) + 1e-3 * weights, 0.0)
    total = lift.sum()
    result: FloatArray = (lift / total if total > 0 else lift).astype(np.float32)
    return result


def support_of(logits: FloatArray, weights: FloatArray, winner: int) -> FloatArray:
    """(3,): weighted margin of the winner over the mean of the other intents, by modality."""
    count = logits.shape[1]
    others = (logits.sum(axis=1) - logits[:, winner]) / max(count - 1, 1)
    margin = logits[:, winner] - (others if count > 1 else 0.0)
    result: FloatArray = (weights * margin).astype(np.float32)
    return result


def token_prior(evidence: FusionInput, shares: FloatArray, query: FloatArray) -> FloatArray:
    """(n,): weight of each token: its modality's share, spread by a softmax of similarity to the winning intent.

    Source: scaled dot-product attention (Vaswani et al. 2017, equation 1) with one query and fixed projections.
    """
    weight = np.zeros(len(evidence.mask), np.float32)
    similarity = evidence.tokens @ query
    for modality in range(MODALITY_COUNT):
        rows = evidence.mask & (evidence.modalities == modality)
        if rows.any():
            score = 8.0 * similarity[rows]
            spread = np.exp(score - score.max())
            weight[rows] = max(float(shares[modality]), 1e-6) * spread / spread.sum()
    total = weight.sum()
    return weight / total if total > 0 else weight
