"""A model whose reasons are known, because they are written here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from assistant.types import Candidate, Decision, Encoding, FloatArray, Modality

VOCABULARY = ("my", "phone", "screen", "is", "broken", "not")
Decide = Callable[[Sequence[Encoding]], Decision]


class LinearReader:
    """Words to the sum of their one-hot vectors, each word scaled by its gain."""

    name = "bert"
    modality: Modality = "text"
    dimension = len(VOCABULARY)

    def load(self) -> None:
        pass

    def encode(self, inputs: Sequence[str]) -> list[Encoding]:
        return [self.fade(text, np.ones((1, len(text.split())), np.float32))[0] for text in inputs]

    def fade(self, text: str, gains: FloatArray) -> list[Encoding]:
        words = text.split()
        rows = np.array([[float(word == known) for known in VOCABULARY] for word in words], np.float32)
        tokens = gains[:, :, None] * rows.reshape(1, len(words), len(VOCABULARY))
        mask = np.ones(len(words), np.bool_)
        return [Encoding("text", self.name, row, mask, row.sum(axis=0), text, tuple(words)) for row in tokens]


@pytest.fixture
def reader() -> LinearReader:
    return LinearReader()


@pytest.fixture
def decide() -> Callable[[Mapping[str, float]], Decide]:
    """A decision for "shop.damage" whose log-odds are a sum over words."""

    def make(worth: Mapping[str, float]) -> Decide:
        weights = np.array([worth.get(word, 0.0) for word in VOCABULARY])

        def decide(encodings: Sequence[Encoding]) -> Decision:
            odds = sum(float(encoding.pooled @ weights) for encoding in encodings)
            sure = 1.0 / (1.0 + np.exp(-odds))
            pair = (Candidate("shop.damage", sure), Candidate("shop.order", 1.0 - sure))
            return Decision("shop.damage", sure, "answer", pair, contributions={"text": 1.0})

        return decide

    return make
