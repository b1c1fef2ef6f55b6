"""Late fusion: a weighted sum of the modalities' own log-probabilities.

A product of experts: log p(k) ∝ Σ_m w_m · log p_m(k), where w_m is a learned trust times the reliability of
this modality in this turn. Source: Hinton 2002, "Training products of experts by minimizing contrastive
divergence", equation 1, with weights.
"""

from __future__ import annotations

import numpy as np

from assistant.fusion.modality_logits import input_weights, log_softmax, modality_weights, support_of, token_prior
from assistant.fusion.shipped import load_weights
from assistant.fusion.strategy import FusionInput, FusionOutput
from assistant.types import FloatArray

__all__ = ["LateFusion"]


class LateFusion:
    """Weighted sum of the modalities' log-probabilities.

    `trust`, (3,), positive, tells how far each is trusted at full reliability; the trained values by default.
    """

    name = "late"

    def __init__(self, trust: FloatArray | None = None) -> None:
        self.trust = load_weights("late")["trust"] if trust is None else trust

    def fuse(self, inputs: FusionInput) -> FusionOutput:
        """Join. One modality alone is returned as it came; none at all gives equal probabilities."""
        weights = input_weights(inputs, self.trust)
        logits = self.join(inputs, weights)
        winner = int(np.argmax(logits))
        decided = modality_weights(support_of(inputs.logits, weights, winner), weights)
        return FusionOutput(logits, decided, token_prior(inputs, decided, inputs.queries[winner]))

    @staticmethod
    def join(inputs: FusionInput, weights: FloatArray) -> FloatArray:
        """(k,): the joined log-probabilities."""
        usable = np.flatnonzero(weights)
        if len(usable) == 1:
            alone: FloatArray = inputs.logits[usable[0]].astype(np.float32)
            return alone
        return log_softmax(weights @ inputs.logits).astype(np.float32)
