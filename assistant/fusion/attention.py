"""Attention fusion: late fusion, corrected by what the intents find among the tokens of all modalities.

The tokens of every present modality pass through a few bottleneck tokens (Nagrani et al. 2021, "Attention
bottlenecks for multimodal fusion", section 3.3); each intent then asks the bottleneck (multi-head scaled
dot-product attention) and receives a correction of its logit. The correction enters through a gate that starts
at zero (as in Alayrac et al. 2022, section 2.2) and is closed when only one modality is there.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assistant.fusion.late import LateFusion
from assistant.fusion.layers import embed, feed_forward, linear, multi_head, normalise
from assistant.fusion.modality_logits import (
    MODALITY_COUNT,
    input_weights,
    log_softmax,
    modality_weights,
    support_of,
    token_prior,
)
from assistant.fusion.shipped import load_weights
from assistant.fusion.strategy import FusionInput, FusionOutput
from assistant.types import FloatArray

__all__ = ["AttentionFusion"]


class AttentionFusion:
    """Late fusion plus a gated correction by attention.

    `weights` are the arrays that `assistant train` writes, the shipped ones by default; `trust` as in `LateFusion`.
    """

    name = "attention"

    def __init__(self, weights: Mapping[str, FloatArray] | None = None, trust: FloatArray | None = None) -> None:
        self.weights = load_weights("attention") if weights is None else weights
        self.late = LateFusion(trust)

    @property
    def gate(self) -> float:
        """Weight of the correction, -1 to 1; at 0 this is late fusion."""
        return float(np.tanh(self.weights["gate"][0]))

    def fuse(self, inputs: FusionInput) -> FusionOutput:
        """Join. One modality alone is returned as it came."""
        weights = input_weights(inputs, self.late.trust)
        usable = inputs.mask & (weights > 0)[inputs.modalities]
        if np.count_nonzero(weights) < 2 or not usable.any():
            return self.late.fuse(inputs)
        correction, attention = self._correct(inputs, weights, usable)
        logits = log_softmax(self.late.join(inputs, weights) + self.gate * correction).astype(np.float32)
        winner = int(np.argmax(logits))
        by_token = attention[winner]
        margin = correction[winner] - (correction.sum() - correction[winner]) / max(len(correction) - 1, 1)
        mass = np.bincount(inputs.modalities, weights=by_token, minlength=MODALITY_COUNT)
        support = support_of(inputs.logits, weights, winner) + self.gate * margin * mass.astype(np.float32)
        decided = modality_weights(support, weights)
        prior = token_prior(inputs, decided, inputs.queries[winner])
        blend = prior + abs(self.gate) * by_token
        return FusionOutput(logits, decided, (blend / blend.sum()).astype(np.float32))

    def _correct(self, inputs: FusionInput, weights: FloatArray, usable: np.ndarray) -> tuple[FloatArray, FloatArray]:
        """The correction (k,) and each intent's attention over tokens (k, n)."""
        w = self.weights
        tokens, intents = embed(w, inputs, weights)
        neck, inward = multi_head(w, "gather", w["bottleneck"], tokens, usable)
        neck = feed_forward(w, "think", neck)
        informed, outward = multi_head(w, "ask", intents, neck, np.ones(len(neck), np.bool_))
        seen = normalise(np.concatenate([informed, informed * intents], axis=1))
        score = linear(w, "score.down", np.maximum(linear(w, "score.up", seen), 0.0))[:, 0]
        rollout = outward.mean(axis=0) @ inward.mean(axis=0)
        return score, rollout
