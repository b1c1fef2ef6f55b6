"""The contract of a fusion strategy: what it gets and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = ["FusionInput", "FusionOutput", "FusionStrategy"]


@dataclass(frozen=True, eq=False)
class FusionInput:
    """What is known about one turn, ready to be joined. n tokens, d dimensions, k intents."""

    tokens: FloatArray
    """(n, d), float32: tokens of all present modalities in the shared space, unit length"""
    modalities: NDArray[np.int64]
    """(n,): index into `MODALITIES` of each token"""
    mask: NDArray[np.bool_]
    """(n,): False where a row is padding"""
    queries: FloatArray
    """(k, d), float32: the intents in the shared space, unit length"""
    logits: FloatArray
    """(3, k), float32: each modality's own calibrated log-probabilities; rows of absent modalities are 0"""
    present: NDArray[np.bool_]
    """(3,): which modalities the turn holds, in the order of `MODALITIES`"""
    reliability: FloatArray
    """(3,), float32, 0 to 1: how likely each modality says anything about any intent at all"""


@dataclass(frozen=True, eq=False)
class FusionOutput:
    """One joined opinion."""

    logits: FloatArray
    """(k,), float32: log-probabilities over the intents"""
    shares: FloatArray
    """(3,), float32: share of each modality, sums to 1 over the present ones"""
    attention: FloatArray
    """(n,), float32: weight of each token in the best intent, sums to 1"""


class FusionStrategy(Protocol):
    """Joins the evidence of all modalities, whichever are present."""

    name: str

    def fuse(self, evidence: FusionInput) -> FusionOutput:
        """Join. Must work with any non-empty subset of modalities."""
        ...
