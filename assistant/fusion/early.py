"""Early fusion: all tokens and all intents in one row, through a small joint transformer.

Nothing is decided before everything has been joined; the modalities' own logits enter as features of the
intents' tokens. The row has no positions, so the order of tokens and of intents does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assistant.fusion.layers import embed, feed_forward, linear, multi_head, normalise
from assistant.fusion.modality_logits import MODALITY_COUNT, input_weights, log_softmax
from assistant.fusion.shipped import load_weights
from assistant.fusion.strategy import FusionInput, FusionOutput
from assistant.types import FloatArray

__all__ = ["EarlyFusion"]

LAYERS = 2
EVEN_TRUST = np.ones(MODALITY_COUNT, np.float32)


class EarlyFusion:
    """A joint transformer over tokens and intents, with the shipped arrays of `assistant train` by default."""

    name = "early"

    def __init__(self, weights: Mapping[str, FloatArray] | None = None) -> None:
        self.weights = load_weights("early") if weights is None else weights

    def fuse(self, inputs: FusionInput) -> FusionOutput:
        """Join whichever modalities are present."""
        w = self.weights
        count = len(inputs.queries)
        weights = input_weights(inputs, EVEN_TRUST)
        usable = inputs.mask & (weights > 0)[inputs.modalities]
        tokens, intents = embed(w, inputs, weights)
        row = np.concatenate([intents, tokens])
        mask = np.concatenate([np.ones(count, np.bool_), usable])
        flow = np.eye(len(row), dtype=np.float32)
        for layer in range(LAYERS):
            row, attention = multi_head(w, f"layer{layer}.mix", row, row, mask)
            row = feed_forward(w, f"layer{layer}.think", row)
            flow = 0.5 * (attention.mean(axis=0) + np.eye(len(row), dtype=np.float32)) @ flow
        logits = log_softmax(linear(w, "score", normalise(row[:count]))[:, 0]).astype(np.float32)
        return self._explain(inputs, logits, flow[int(np.argmax(logits)), count:] * usable, weights)

    @staticmethod
    def _explain(inputs: FusionInput, logits: FloatArray, by_token: FloatArray, weights: FloatArray) -> FusionOutput:
        """Attention by rollout. Source: Abnar and Zuidema 2020, "Quantifying attention flow", equation 1."""
        total = by_token.sum()
        attention = by_token / total if total > 0 else by_token
        mass = np.bincount(inputs.modalities, weights=attention, minlength=MODALITY_COUNT) + 1e-6 * weights
        mass = np.where(weights > 0, mass, 0.0)
        decided = mass / mass.sum() if mass.sum() > 0 else mass
        return FusionOutput(logits, decided.astype(np.float32), attention.astype(np.float32))
