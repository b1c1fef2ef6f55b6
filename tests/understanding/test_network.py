"""Tests that the torch and numpy networks agree, and that states belong to the words they were read from."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from assistant.training import clause_network
from assistant.training.clause_network import fit_networks, sample
from assistant.types import Encoding
from assistant.understanding.cues import tag
from assistant.understanding.features import pieces_of
from assistant.understanding.linear import packed
from assistant.understanding.network import PREFIX, Networks
from assistant.understanding.states import word_states
from assistant.understanding.tokens import words_of

TEXT = "Hello, can't you turn the lamp off? And cancel A1002."
LABELLED = ("Hello", ",", "can", "'", "t", "you", "turn", "the", "lamp", "off", "?", "And", "cancel", "A1002", ".")
LABELS = [
    {"act": act, "polarity": "positive", "time": "now", "whose": "mine", "scope": "one"}
    for act in ("social", "request", "request")
]


def encoding(name: str, width: int, text: str = TEXT, labels: tuple[str, ...] = ()) -> Encoding:
    labels = labels or (
        "Hello",
        ",",
        "can",
        "'",
        "t",
        "you",
        "turn",
        "the",
        "lamp",
        "off",
        "?",
        "And",
        "cancel",
        "A1002",
        ".",
    )
    tokens = np.arange(len(labels) * width, dtype=np.float32).reshape(len(labels), width)
    return Encoding("text", name, tokens, np.ones(len(labels), np.bool_), tokens[0], text, labels)


def test_numpy_scores_what_torch_scores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functional, "dropout", lambda x, *_: x)
    monkeypatch.setattr(clause_network, "_dropped", lambda x, *_: x)
    words = words_of(TEXT)
    tags = tag([word.text for word in words], "en")
    asked = pieces_of(words_of("Which lamp?"), ["asking", ""], [])[0]
    states = np.random.default_rng(0).normal(size=(len(words), 896)).astype(np.float32)
    begins = [1, 7]
    fitted = clause_network._Networks(2)
    one = sample(words, tags, asked, states, begins, LABELS)
    question = torch.stack([fitted._question(one.asked)], dim=1)
    seen, inside = fitted._words([one], question)
    starts = torch.zeros(1, len(words))
    starts[0, begins] = 1
    expected = fitted._fields(seen, question, inside, torch.from_numpy(one.clause)[None], starts).detach().numpy()
    networks = Networks({name: value.detach().numpy() for name, value in fitted.weights.items()})
    sight = networks.see(words, tags, asked, states)
    assert np.allclose(sight.words, seen[:, 0].detach().numpy(), atol=1e-4)
    assert np.allclose(networks.clauses(sight.words, sight.asked, begins), expected, atol=1e-4)
    assert np.allclose(sight.clauses(begins), expected.mean(axis=0), atol=1e-4)
    assert sight.gaps().shape == (len(words) - 1,)


def test_the_same_seed_gives_the_same_networks_and_each_is_another() -> None:
    words = words_of(TEXT)
    states = np.zeros((len(words), 896), np.float32)
    samples = [sample(words, [""] * len(words), None, states, [1, 7], LABELS)]
    first, second, other = (fit_networks(samples, 2, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert any(not np.array_equal(first[name], other[name]) for name in first)
    assert not np.array_equal(first["fields"][0], first["fields"][1])


def test_packing_keeps_what_the_networks_score() -> None:
    words = words_of(TEXT)
    states = np.random.default_rng(0).normal(size=(len(words), 896)).astype(np.float32)
    weights = fit_networks([sample(words, [""] * len(words), None, states, [1, 7], LABELS)], 2)
    small = [
        packed(PREFIX + name, array) if array.ndim > 2 else {PREFIX + name: array} for name, array in weights.items()
    ]
    unpacked = Networks.from_arrays({name: array for each in small for name, array in each.items()})
    assert unpacked is not None
    exact, close = (each.see(words, [""] * len(words), None, states).gaps() for each in (Networks(weights), unpacked))
    assert np.allclose(exact, close, atol=0.05)
    assert Networks.from_arrays({}) is None


def test_each_word_gets_the_tokens_it_shares_characters_with() -> None:
    words = words_of(TEXT)
    found = word_states(words, TEXT, "en", [encoding("bert", 384), encoding("use", 512)])
    assert found is not None
    assert found.shape == (len(words), 896)
    assert found[0, 0] == 0  # Hello
    assert found[1, 0] == np.mean([2, 3, 4]) * 384  # can't
    assert found[-1, 0] == 13 * 384  # A1002


@pytest.mark.parametrize(
    "encodings",
    [[], [encoding("bert", 384)], [encoding("bert", 384, "another"), encoding("use", 512)], [encoding("use", 384)]],
)
def test_without_an_encoder_there_are_no_states(encodings: list[Encoding]) -> None:
    assert word_states(words_of(TEXT), TEXT, "en", encodings) is None
