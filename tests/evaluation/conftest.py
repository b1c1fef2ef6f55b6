"""Encoders of our own that read in microseconds: sentences that share words are near each other."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.types import Encoding, Modality, Picture

WIDTHS = {"bert": 384, "use": 512, "efficientnet-lite0": 1280}


class SmallEncoder:
    """A vector per word, or per colour of a picture."""

    def __init__(self, name: str, modality: Modality) -> None:
        self.name = name
        self.modality: Modality = modality
        self.dimension = WIDTHS[name]

    def load(self) -> None:
        pass

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        return [self._one(item) for item in inputs]

    def _one(self, item: str | Picture) -> Encoding:
        text = item if isinstance(item, str) else ""
        words = re.findall(r"\w+", item.lower()) or ["?"] if isinstance(item, str) else [item.digest]
        tokens = np.stack([self._vector(word) for word in words])
        pooled = tokens.mean(axis=0)
        pooled /= np.linalg.norm(pooled)
        return Encoding(self.modality, self.name, tokens, np.ones(len(words), np.bool_), pooled, text, tuple(words))

    def _vector(self, word: str) -> Any:
        seed = zlib.crc32(f"{self.name}{word}".encode())
        return np.random.default_rng(seed).normal(size=self.dimension).astype(np.float32)


@pytest.fixture
def small_encoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluations read with small encoders, in a home of their own."""
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))

    def create(settings: Any, cache: Any = None) -> list[SmallEncoder]:
        return [
            SmallEncoder("bert", "text"),
            SmallEncoder("use", "text"),
            SmallEncoder("efficientnet-lite0", "image"),
        ]

    for module in ("assistant.evaluation.intents", "assistant.encoders.factory"):  # commands take it from there
        monkeypatch.setattr(f"{module}.create_encoders", create)
