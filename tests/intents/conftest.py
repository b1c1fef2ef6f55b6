"""A small encoder of our own: sentences that share words are near each other, whatever else they hold."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.plugins.api import Intent
from assistant.types import Encoding, Modality

WIDTHS = {"bert": 384, "use": 512}
_WORD = re.compile(r"[a-z']+|[\u4e00-\u9fff]|\d")


def encode(text: str, encoder: str = "bert", modality: Modality = "text") -> Encoding:
    words = _WORD.findall(text.lower()) or ["?"]
    tokens = np.stack(
        [np.random.default_rng(zlib.crc32(f"{encoder}{word}".encode())).normal(size=WIDTHS[encoder]) for word in words]
    )
    tokens = tokens.astype(np.float32)
    pooled = tokens.mean(axis=0)
    pooled /= np.linalg.norm(pooled)
    return Encoding(modality, encoder, tokens, np.ones(len(words), np.bool_), pooled, text, tuple(words))


class WordEncoder:
    """Keeps the sentences it is asked to read."""

    modality: Modality = "text"

    def __init__(self, name: str) -> None:
        self.name = name
        self.dimension = WIDTHS[name]
        self.asked: list[str] = []

    def load(self) -> None:
        pass

    def encode(self, inputs: Sequence[str]) -> list[Encoding]:
        self.asked += inputs
        return [encode(text, self.name) for text in inputs]


def intent(name: str, *examples: str, looks_like: Sequence[str] = ()) -> Intent:
    return Intent(name, lambda: "", name, examples, tuple(looks_like))


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))


@pytest.fixture
def encoders() -> dict[str, WordEncoder]:
    return {"bert": WordEncoder("bert"), "use": WordEncoder("use")}


@pytest.fixture
def make_intent() -> Callable[..., Intent]:
    return intent


@pytest.fixture
def read() -> Callable[..., list[Encoding]]:
    """Returns a function that encodes one sentence with each encoder."""
    return lambda text, *names, modality="text": [encode(text, name, modality) for name in names or ("bert", "use")]
