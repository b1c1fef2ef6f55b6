"""Late fusion: each modality decides for itself, and the opinions are added up.

A product of experts: log p(k) ∝ Σ_m w_m · log p_m(k), where w_m is a learned trust times the reliability of
this modality in this turn. Source: Hinton 2002, "Training products of experts by minimizing contrastive
divergence", equation 1, with weights.
"""

from __future__ import annotations

import numpy as np

from assistant.fusion.modality_logits import log_softmax, modality_shares, support_of, token_prior, weights_of
from assistant.fusion.shipped import load_weights
from assistant.fusion.strategy import FusionInput, FusionOutput
from assistant.types import FloatArray

__all__ = ["LateFusion"]


class LateFusion:
    """Weighted sum of the modalities' log-probabilities.

    Args:
        trust: (3,), how far each modality is trusted at full reliability, positive; the trained values by default.
    """

    name = "late"

    def __init__(self, trust: FloatArray | None = None) -> None:
        self.trust = load_weights("late")["trust"] if trust is None else trust

    def fuse(self, evidence: FusionInput) -> FusionOutput:
        """Join. One modality alone is returned as it came; none at all gives equal probabilities."""
        weights = weights_of(evidence, self.trust)
        logits = self.join(evidence, weights)
        winner = int(np.argmax(logits))
        shares = modality_shares(support_of(evidence.logits, weights, winner), weights)
        return FusionOutput(logits, shares, token_prior(evidence, shares, evidence.queries[winner]))

    @staticmethod
    def join(evidence: FusionInput, weights: FloatArray) -> FloatArray:
        """(k,): the joined log-probabilities."""
        heard = np.flatnonzero(weights)
        if len(heard) == 1:
            alone: FloatArray = evidence.logits[heard[0]].astype(np.float32)
            return alone
        return log_softmax(weights @ evidence.logits).astype(np.float32)
