"""Encodings are kept by content, within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from assistant.encoders.cache import CachedClassifier, CachedEncoder, EncodingCache
from assistant.encoders.encoder import Encoder
from assistant.types import Encoding, FloatArray, Modality, Picture


class _Counting:
    """Encodes each input as its length, and remembers what it was asked."""

    modality: Modality = "text"
    dimension = 1

    def __init__(self, name: str = "counting", width: int = 1) -> None:
        self.name = name
        self.asked: list[Any] = []
        self._width = width

    def load(self) -> None:
        self.asked.append("load")

    def encode(self, inputs: Sequence[Any]) -> list[Encoding]:
        self.asked += inputs
        rows = [np.full((1, self._width), len(str(item)), np.float32) for item in inputs]
        return [Encoding("text", self.name, row, np.ones(1, np.bool_), row[0]) for row in rows]

    def classify(self, picture: Picture | Encoding, top: int = 5) -> list[tuple[str, float]]:
        assert isinstance(picture, Encoding)
        return [("thing", float(picture.pooled[0]))][:top]

    def locate(self, picture: Picture | Encoding, names: Sequence[str]) -> FloatArray:
        assert isinstance(picture, Encoding)
        return np.full((1, 1), len(names), np.float32)


def test_same_words_are_encoded_once_and_order_is_kept() -> None:
    inner, cache = _Counting(), EncodingCache(10)
    encoder = CachedEncoder(inner, cache)
    first = encoder.encode(["aa", "b", "aa"])
    second = encoder.encode(["b", "ccc", "aa"])
    assert inner.asked == ["aa", "b", "ccc"]
    assert [e.pooled[0] for e in first + second] == [2, 1, 2, 1, 3, 2]
    assert (cache.hits, cache.misses) == (3, 3)
    assert isinstance(encoder, Encoder)


def test_encoders_of_other_names_do_not_share_results() -> None:
    cache, one, other = EncodingCache(10), _Counting("one"), _Counting("other")
    for inner in (one, other):
        assert CachedEncoder(inner, cache).encode(["same"])[0].encoder == inner.name


def test_least_recently_used_goes_first() -> None:
    inner = _Counting()
    encoder = CachedEncoder(inner, EncodingCache(2))
    for text in ("a", "b", "a", "c", "a", "b"):
        encoder.encode([text])
    assert inner.asked == ["a", "b", "c", "b"]


def test_memory_is_bounded_too() -> None:
    cache = EncodingCache(1000, max_bytes=10_000)
    CachedEncoder(_Counting(width=500), cache).encode([str(number) for number in range(20)])
    assert 0 < cache.bytes <= 10_000
    assert 0 < len(cache) < 5


def test_zero_entries_keep_nothing_and_still_encode() -> None:
    inner = _Counting()
    encoder = CachedEncoder(inner, EncodingCache(0))
    assert [encoder.encode(["x"])[0].pooled[0] for _ in range(2)] == [1, 1]
    assert inner.asked == ["x", "x"]


def test_pictures_are_known_by_their_pixels_and_not_looked_at_twice() -> None:
    inner = _Counting()
    encoder = CachedClassifier(inner, EncodingCache(10))
    red, again, blue = (Picture(Image.new("RGB", (4, 4), colour), colour) for colour in ("red", "#ff0000", "blue"))
    encoder.encode([red, again, blue])
    assert inner.asked == [red, blue]
    assert encoder.classify(again)[0][0] == "thing"
    assert encoder.locate(again, ["thing"]).tolist() == [[1.0]]
    assert inner.asked == [red, blue]
