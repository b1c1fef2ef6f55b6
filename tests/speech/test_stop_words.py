"""Stop words spotted in a stream, also under the assistant's own voice."""

from collections.abc import Callable

import numpy as np
import pytest

from assistant.speech.stop_words import BANDS, FRAMES, WEIGHTS, StopWords, log_mel, normalized
from assistant.types import AudioClip, FloatArray

RATE, CHUNK = 16_000, 512
Say = Callable[[str], AudioClip]


def spotted(samples: FloatArray, own: FloatArray | None = None) -> list[float]:
    """Seconds at which a stop word was spotted."""
    spotter = StopWords()
    stretches = [slice(at, at + CHUNK) for at in range(0, len(samples) - CHUNK + 1, CHUNK)]
    return [
        stretch.stop / RATE
        for stretch in stretches
        if spotter.process(samples[stretch], None if own is None else own[stretch])
    ]


def quiet(seconds: float) -> FloatArray:
    return 1e-3 * np.random.default_rng(0).standard_normal(round(seconds * RATE)).astype(np.float32)


@pytest.mark.parametrize("word", ["Stop.", "Be quiet.", "Enough.", "Silence!"])
def test_a_stop_word_is_spotted_within_a_third_of_a_second_of_its_end(say: Say, word: str) -> None:
    samples = say(word).samples
    loud = np.flatnonzero(np.abs(samples) > 0.03)
    end = 1.5 + loud[-1] / RATE
    found = spotted(np.concatenate([quiet(1.5), samples, quiet(1.0)]))
    assert len(found) == 1
    assert found[0] - end < 0.33


def test_loudness_does_not_matter(say: Say) -> None:
    samples = np.concatenate([quiet(1.5), say("Stop.").samples, quiet(1.0)])
    assert len(spotted(samples * np.float32(0.1))) == 1


def test_sentences_are_not(say: Say) -> None:
    text = (
        "The shop at the top of the street opens at nine, and the quarter past ten train stays in the station. "
        "A plant takes in water through its roots, and the light does the rest. We start at the second step."
    )
    assert spotted(say(text).samples) == []


def test_what_the_assistant_says_itself_is_not(say: Say) -> None:
    own = np.concatenate([quiet(1.0), say("Then you say: stop.").samples, quiet(1.0)])
    assert spotted(own * np.float32(0.5), own) == []


def test_what_still_rings_of_a_reply_that_was_cut_hides_no_word(say: Say) -> None:
    spotter, word = StopWords(), say("Stop.").samples
    word = word[np.flatnonzero(np.abs(word) > 0.03)[0] :][: RATE // 2]
    chunks = [word[at : at + CHUNK] for at in range(0, len(word) - CHUNK + 1, CHUNK)]
    pause = [quiet(0.032)] * 40
    assert not any(spotter.process(chunk) for chunk in pause)
    spotter.forget_own()
    assert any([spotter.process(chunk, chunk) for chunk in chunks] + [spotter.process(chunk) for chunk in pause])
    assert not any(spotter.process(chunk, chunk) for chunk in chunks + pause), "the next reply is its own again"


def test_a_clear_word_is_spotted_though_no_other_voice_was_noticed(say: Say) -> None:
    word = np.concatenate([quiet(1.0), say("Stop.").samples, quiet(0.5)])
    chunks = [word[at : at + CHUNK] for at in range(0, len(word) - CHUNK + 1, CHUNK)]
    spotter = StopWords()
    assert sum([spotter.process(chunk, another=False) for chunk in chunks]) == 1
    spotter.reset()
    assert not any(spotter.process(chunk, chunk, another=False) for chunk in chunks), "it says the word itself"


def test_silence_and_noise_are_not() -> None:
    assert spotted(np.zeros(RATE * 3, np.float32)) == []
    assert spotted(0.1 * np.random.default_rng(0).standard_normal(RATE * 5).astype(np.float32)) == []


def test_a_spectrogram_is_as_long_as_its_sound_and_has_no_loudness() -> None:
    samples = np.random.default_rng(0).standard_normal(FRAMES * 256 + 256).astype(np.float32)
    spectrogram = log_mel(samples)
    assert spectrogram.shape == (FRAMES, BANDS)
    assert np.allclose(normalized(spectrogram), normalized(log_mel(10 * samples)), atol=1e-3)


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 5_000_000
