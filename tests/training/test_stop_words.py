"""The spotter of stop words learns from little sound, and its weights say the same in numpy as in torch."""

from collections.abc import Callable

import numpy as np
import pytest

from assistant.speech.stop_words import StopWords, network, normalized
from assistant.training import stop_words
from assistant.training.stop_word_voices import Material, stretched, trimmed
from assistant.types import AudioClip

Say = Callable[[str], AudioClip]


@pytest.fixture
def material(say: Say) -> Material:
    words = [trimmed(say(word).samples) for word in ("Stop.", "Enough.")]
    said = [(number, stretched(word, factor)) for number, word in enumerate(words, 1) for factor in (0.9, 1.0, 1.1)]
    sentence = say("A plant takes in water through its roots, and the light does the rest.").samples
    return Material(said, [trimmed(say("Top.").samples)], [sentence], [sentence], [])


@pytest.mark.slow
def test_it_learns_and_keeps_what_it_learned(
    material: Material, say: Say, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stop_words, "EPOCHS", 6)
    monkeypatch.setattr(stop_words, "AGAIN", 2)
    path = tmp_path_factory.mktemp("weights") / "stop.safetensors"
    weights = stop_words.fit_stop_words(material, lambda step, done, total: None, examples=1024)
    stop_words.save_stop_words(weights, path)
    draw = stop_words._Examples(material, 5)
    rows, labels = draw.some(200, lambda step, done, total: None)
    found = network(StopWords(path)._weights, rows)
    assert found[labels > 0].mean() > found[labels == 0].mean() + 0.3


def test_the_exported_weights_say_what_the_trained_network_says() -> None:
    import torch

    model = stop_words._Network(4).eval()
    rows = normalized(np.random.default_rng(0).standard_normal((3, 64, 40)).astype(np.float32))
    with torch.no_grad():
        wanted = 1 - model(torch.from_numpy(rows)).softmax(-1)[:, 0].numpy()
    assert np.allclose(network(model.exported(), rows), wanted, atol=1e-5)


def test_a_word_is_trimmed_to_its_sound() -> None:
    word = np.concatenate([np.zeros(8000), 0.3 * np.ones(4096), np.zeros(8000)]).astype(np.float32)
    assert 4096 <= len(trimmed(word)) <= 4608
