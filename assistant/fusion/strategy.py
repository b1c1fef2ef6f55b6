"""The contract of a fusion strategy: its input and its output."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = ["FusionInput", "FusionOutput", "FusionStrategy"]


@dataclass(frozen=True, eq=False)
class FusionInput:
    """The input of a fusion strategy for one turn. n tokens, d dimensions, k intents."""

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
    """The joined logits of one turn. n tokens, k intents."""

    logits: FloatArray
    """(k,), float32: log-probabilities over the intents"""
    weights: FloatArray
    """(3,), float32: how much each modality decided, sums to 1 over the present ones"""
    attention: FloatArray
    """(n,), float32: weight of each token in the best intent, sums to 1"""

    @property
    def shares(self) -> FloatArray:
        """Former name of `weights`; will be removed in version 1.0."""
        warnings.warn("FusionOutput.shares is now FusionOutput.weights", DeprecationWarning, stacklevel=2)
        return self.weights


class FusionStrategy(Protocol):
    """Joins the inputs of all modalities, whichever are present."""

    name: str

    def fuse(self, inputs: FusionInput) -> FusionOutput:
        """Joins the modalities. Must work with any non-empty subset of modalities."""
