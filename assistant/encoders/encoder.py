"""The contract of an encoder of one modality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from assistant.types import Encoding, FloatArray, Modality

__all__ = ["Encoder", "unit"]


@runtime_checkable
class Encoder(Protocol):
    """Turns one kind of input into an `Encoding`. Not called from two threads at once."""

    name: str
    """also the name of its embedding space"""
    modality: Modality

    @property
    def dimension(self) -> int:
        """d of its pooled vectors."""
        ...

    def load(self) -> None:
        """Load the weights now instead of at the first `encode`; may take seconds. Idempotent."""
        ...

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        """Encode `str`, `Picture` or `AudioClip`, by modality; one encoding each, in order."""
        ...


def unit(rows: FloatArray) -> FloatArray:
    """Scales rows to length 1; zero rows stay zero."""
    scaled: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
    return scaled
