"""Each word weighs what it added to the log-odds, whatever the model is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.explanation.words import attribute_words, without, word_pieces

Make = Callable[..., Any]


def test_a_word_weighs_the_integral_of_gradient_times_embedding(decide: Make, reader: Any) -> None:
    def gradient(encodings: Any) -> Any:  # a model that is not linear: the square of "broken", with "not" against it
        row = sum(e.pooled for e in encodings)
        return decide({"broken": 1.0})([SimpleNamespace(pooled=np.eye(6)[4] * (row[4] ** 2 * 2 - row[5]))])

    text = "screen is broken not"
    encodings = reader.encode([text])
    found = attribute_words(gradient, encodings, "text", {"bert": reader}, "shop.damage")
    assert found is not None
    steps, step = np.linspace(0.005, 0.995, 100), 1e-2
    for index, word in enumerate(found.words):
        gains = np.ones((200, 4), np.float32)
        gains[:100, index], gains[100:, index] = steps + step / 2, steps - step / 2
        odds = [_log_odds(gradient([row])) for row in reader.fade(text, gains)]
        integral = float(np.mean((np.array(odds[:100]) - np.array(odds[100:])) / step))
        assert word.weight == pytest.approx(integral, abs=2e-3)
    weights = {word.text: word.weight for word in found.words}
    assert weights["broken"] == pytest.approx(2.0, abs=1e-3)
    assert weights["not"] == pytest.approx(-1.0, abs=1e-3)


def _log_odds(decision: Any) -> float:
    return float(np.log(decision.candidates[0].confidence / decision.candidates[1].confidence))


def test_an_encoder_that_cannot_fade_reads_the_sentence_without_the_word(decide: Make, reader: Any) -> None:
    plain = SimpleNamespace(name="bert", modality="text", encode=reader.encode)
    encodings = reader.encode(["my screen is broken"])
    found = attribute_words(decide({"broken": 2.0, "is": -0.5}), encodings, "text", {"bert": plain}, "shop.damage")
    assert found is not None
    assert [round(word.weight, 2) for word in found.words] == [0.0, 0.0, -0.5, 2.0]


def test_a_word_that_two_encoders_read_is_one_word(decide: Make, reader: Any) -> None:
    other = type(reader)()
    other.name = "use"
    encodings = [*reader.encode(["screen broken"]), replace(reader.encode(["screen broken"])[0], encoder="use")]
    encoders = {"bert": reader, "use": other}
    found = attribute_words(decide({"broken": 1.0}), encodings, "text", encoders, "shop.damage")
    assert found is not None
    assert [(word.text, round(word.weight, 2)) for word in found.words] == [("screen", 0.0), ("broken", 2.0)]


def test_words_that_encoders_split_differently_are_joined() -> None:
    text = "don't 退货吗"
    spans, owners = word_pieces(text, [("don't", "退", "货", "吗"), ("don", "'t", "退货", "吗")])
    assert spans == [(0, 5), (6, 8), (8, 9)]
    assert owners == [[0, 1, 1, 2], [0, 0, 1, 2]]


def test_what_a_tokenizer_changed_beyond_recognition_keeps_every_place_inside_the_text() -> None:
    text = "ﬁne İ ½"
    assert all(0 <= start < end <= len(text) for start, end in word_pieces(text, [("fine", "i̇", "1/2")])[0])


def test_neighbours_of_a_long_text_are_weighed_together(decide: Make, reader: Any) -> None:
    text = " ".join(["my", "phone"] * 200)
    found = attribute_words(decide({"my": 0.01}), reader.encode([text]), "text", {"bert": reader}, "shop.damage")
    assert found is not None
    assert len(found.words) <= 64
    assert found.words[-1].end == len(text)
    assert sum(word.weight for word in found.words) == pytest.approx(2.0, abs=0.05)


def test_stretches_are_cut_out_with_their_space() -> None:
    assert without("my phone is broken", [(3, 8), (12, 18)]) == "my is"


def test_no_words_have_no_weights(decide: Make, reader: Any) -> None:
    assert attribute_words(decide({}), [], "text", {"bert": reader}, "shop.damage") is None
