"""The contract of an encoder of one modality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from assistant.types import Encoding, FloatArray, Modality, Picture

__all__ = ["Classifier", "Encoder", "unit"]


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


@runtime_checkable
class Classifier(Encoder, Protocol):
    """An image encoder that also knows everyday objects by name; it may be given its own encoding of a picture."""

    def classify(self, picture: Picture | Encoding, top: int = 5) -> list[tuple[str, float]]:
        """Names and probabilities 0 to 1, best first."""
        ...

    def locate(self, picture: Picture | Encoding, names: Sequence[str]) -> FloatArray:
        """Probability in each cell (rows, columns), 0 to 1, that it shows one of some objects."""
        ...


def unit(rows: FloatArray) -> FloatArray:
    """Scales rows to length 1; zero rows stay zero."""
    scaled: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
    return scaled
