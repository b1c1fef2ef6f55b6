"""Encoders work side by side, and each reads what it can make sense of."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from assistant.encoders import models as models_module
from assistant.encoders.models import Models
from assistant.errors import ModelUnavailable
from assistant.fusion.projection import SharedSpace
from assistant.types import Encoding, Modality


class Reader:
    """A text encoder that notes what it read, and waits until the other one reads too."""

    modality: Modality = "text"
    dimension = 2

    def __init__(self, name: str, *, english_only: bool = False, both: threading.Barrier | None = None) -> None:
        self.name, self.english_only, self._both = name, english_only, both
        self.read: list[str] = []

    def load(self) -> None:
        pass

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        if self._both is not None:
            self._both.wait()
        self.read += inputs
        return [Encoding("text", self.name, np.ones((1, 2)), np.ones(1, bool), np.ones(2), text) for text in inputs]


class Missing(Reader):
    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        raise ModelUnavailable("no weights")


def models_of(*readers: Reader, threads: int = 1) -> Models:
    return Models(readers, None, None, SharedSpace, threads)  # type: ignore[arg-type]


def test_two_encoders_read_at_the_same_time_and_come_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_module, "processors", lambda: 2)
    both = threading.Barrier(2, timeout=10)
    models = models_of(Reader("bert", both=both), Reader("use", both=both), threads=2)
    assert [each.encoder for each in models.encode_words("hello")] == ["bert", "use"]


@pytest.mark.parametrize("text", ["我的订单在哪里", "wo ist meine Bestellung"])
def test_what_stands_alone_and_is_not_english_is_kept_from_an_encoder_of_english(text: str) -> None:
    bert, use = Reader("bert", english_only=True), Reader("use")
    models = models_of(bert, use)
    assert [each.encoder for each in models.encode_words(text, alone=True)] == ["use"]
    assert bert.read == []
    assert [each.encoder for each in models.encode_words(text)] == ["bert", "use"]  # beside a picture


@pytest.mark.parametrize("text", ["where is it", "A1002", "12:30", "ok", ""])
def test_what_may_be_english_is_read_by_both(text: str) -> None:
    models = models_of(Reader("bert", english_only=True), Reader("use"))
    assert [each.encoder for each in models.encode_words(text, alone=True)] == ["bert", "use"]


def test_one_encoder_may_be_missing_but_not_all() -> None:
    assert [each.encoder for each in models_of(Missing("bert"), Reader("use")).encode_words("hi")] == ["use"]
    assert [each.encoder for each in models_of(Reader("bert"), Missing("use"), threads=2).encode_words("hi")] == [
        "bert"
    ]
    with pytest.raises(ModelUnavailable, match="no weights"):
        models_of(Missing("bert"), Missing("use"), threads=2).encode_words("hi")
    # An encoder of English is better than none.
    alone = models_of(Reader("bert", english_only=True)).encode_words("你好吗朋友", alone=True)
    assert [each.encoder for each in alone] == ["bert"]
