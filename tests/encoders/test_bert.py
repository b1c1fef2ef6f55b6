"""Our BERT gives the numbers of the original one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.encoders.text import BertEncoder
from assistant.errors import ModelUnavailable

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "my", "phone", "screen", "is", "broken", "!", "crack", "##ed", "the"]
WORDS += ["'", "s", "don", "t", "退", "货"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """A random BERT of two layers with a vocabulary of our own, saved by `transformers`."""
    import torch
    import transformers
    from tokenizers import BertWordPieceTokenizer

    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("bert")
    sizes = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40}
    model = transformers.BertModel(
        transformers.BertConfig(**sizes, vocab_size=len(WORDS), max_position_embeddings=64)
    ).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(folder)
    tokenizer: Any = BertWordPieceTokenizer({word: index for index, word in enumerate(WORDS)})
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder, model


def test_numbers_equal_the_original(tiny: tuple[Path, Any]) -> None:
    import torch

    folder, model = tiny
    sentences = [
        "my phone's screen is cracked!",
        "the screen",
        "don't",
        "my my my my my my phone is broken, my phone",
        "退货",
    ]
    encoder = BertEncoder(f"dir:{folder}", threads=1)
    encodings = encoder.encode(sentences)
    assert encoder.dimension == 24
    for sentence, encoding in zip(sentences, encodings, strict=True):
        ids = torch.tensor([_pieces(folder, sentence)])
        with torch.inference_mode():
            states = model(input_ids=ids).last_hidden_state[0].numpy()
        pooled = states.mean(0) / np.linalg.norm(states.mean(0))
        np.testing.assert_allclose(encoding.pooled, pooled, atol=1e-5)
        first = states[1:4].mean(0) if sentence == "don't" else states[1]  # a word is the mean of its pieces
        np.testing.assert_allclose(encoding.tokens[0], first, atol=1e-5)
        assert encoding.text == sentence


def test_an_mpnet_gives_the_numbers_of_the_original(tiny: tuple[Path, Any], tmp_path: Path) -> None:
    import torch
    import transformers

    torch.manual_seed(2)
    sizes = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 40}
    config = transformers.MPNetConfig(**sizes, vocab_size=len(WORDS), max_position_embeddings=66)
    model = transformers.MPNetModel(config).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    model.save_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_bytes((tiny[0] / "tokenizer.json").read_bytes())
    sentences = ["my phone is broken!", "the screen " * 25]  # distances from a piece of its own to one that is shared
    for sentence, encoding in zip(sentences, BertEncoder(f"dir:{tmp_path}").encode(sentences), strict=True):
        with torch.inference_mode():
            states = model(input_ids=torch.tensor([_pieces(tmp_path, sentence)])).last_hidden_state[0].numpy()
        np.testing.assert_allclose(encoding.pooled, states.mean(0) / np.linalg.norm(states.mean(0)), atol=1e-5)


def _pieces(folder: Path, sentence: str) -> list[int]:
    from tokenizers import Tokenizer

    return list(Tokenizer.from_file(str(folder / "tokenizer.json")).encode(sentence).ids)


def test_pieces_are_shown_as_words(tiny: tuple[Path, Any]) -> None:
    encoder = BertEncoder(f"dir:{tiny[0]}", threads=1)
    first, second, third = encoder.encode(["My phone's screen is CRACKED!", "don't 退货", ""])
    assert first.labels == ("My", "phone's", "screen", "is", "CRACKED", "!")
    assert second.labels == ("don't", "退", "货")
    assert third.labels == ("",)
    for encoding in (first, second, third):
        assert encoding.tokens.shape == (len(encoding.labels), 24)
        assert encoding.mask.all()


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\0\0", "\ud800 phone", "🙂" * 50, "my phone " * 20_000, "\u200b", "a" * 300]
)
def test_any_text_is_encoded(text: str, tiny: tuple[Path, Any]) -> None:
    encoding = BertEncoder(f"dir:{tiny[0]}", max_tokens=32, threads=1).encode([text])[0]
    assert 1 <= len(encoding.tokens) == len(encoding.labels) <= 32
    assert np.isfinite(encoding.tokens).all()
    assert np.linalg.norm(encoding.pooled) == pytest.approx(1, abs=1e-5)


def test_nothing_to_encode_gives_nothing(tiny: tuple[Path, Any]) -> None:
    assert BertEncoder(f"dir:{tiny[0]}").encode([]) == []


@pytest.mark.parametrize(
    "damage", ["config.json", "tokenizer.json", "model.safetensors", "other model", "missing tensors"]
)
def test_damaged_model_is_named_in_one_line(damage: str, tiny: tuple[Path, Any], tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    for file in tiny[0].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    if damage == "other model":
        (tmp_path / "config.json").write_text('{"model_type": "gpt2"}')
    elif damage == "missing tensors":
        save_file({"a": np.zeros(1, np.float32)}, tmp_path / "model.safetensors")
    else:
        (tmp_path / damage).write_bytes((tmp_path / damage).read_bytes()[:40])
    with pytest.raises(ModelUnavailable, match=str(tmp_path)) as caught:
        BertEncoder(f"dir:{tmp_path}").load()
    assert "\n" not in str(caught.value)


def test_threads_are_given_back(tiny: tuple[Path, Any]) -> None:
    import torch

    before = torch.get_num_threads()
    BertEncoder(f"dir:{tiny[0]}", threads=before + 1).encode(["my phone " * 15] * 32)
    assert torch.get_num_threads() == before


def test_words_at_full_strength_are_the_sentence_and_a_faded_word_is_felt_by_its_neighbours(
    tiny: tuple[Path, Any],
) -> None:
    encoder = BertEncoder(f"dir:{tiny[0]}")
    (plain,) = encoder.encode(["my phone's screen is cracked!"])
    gains = np.ones((3, len(plain.labels)), np.float32)
    gains[1, 0] = 0.0
    gains[2] = 0.0
    whole, without, nothing = encoder.fade(plain.text, gains)
    np.testing.assert_allclose(whole.pooled, plain.pooled, atol=1e-5)
    np.testing.assert_allclose(whole.tokens, plain.tokens, atol=1e-4)
    assert np.abs(without.tokens[1:] - plain.tokens[1:]).max() > 1e-3
    assert np.abs(nothing.pooled - without.pooled).max() > 1e-3
