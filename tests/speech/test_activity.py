from collections.abc import Callable

import numpy as np
import pytest

from assistant.speech.activity import CHUNK, VoiceActivity, speech_probabilities, speech_segments
from assistant.speech.endpointing import AdaptiveEndpointing, EndOfSpeech
from assistant.types import AudioClip

Say = Callable[[str], AudioClip]


def chunks(clip: AudioClip) -> list[np.ndarray]:
    return [clip.samples[at : at + CHUNK] for at in range(0, len(clip.samples), CHUNK)]


def padded(clip: AudioClip, before: float, after: float) -> AudioClip:
    return AudioClip(np.pad(clip.samples, (int(before * 16_000), int(after * 16_000))))


def test_chunk_by_chunk_gives_the_probabilities_of_the_whole(say: Say) -> None:
    clip = say("Where is my order?")
    activity = VoiceActivity()
    streamed = np.array([activity.probability(chunk) for chunk in chunks(clip)])
    assert np.allclose(streamed, speech_probabilities(clip), atol=1e-4)
    activity.reset()
    assert activity.probability(chunks(clip)[0]) == pytest.approx(streamed[0], abs=1e-5)


def test_speech_is_found_where_it_is(say: Say) -> None:
    clip = padded(say("Where is my order?"), 2.0, 3.0)
    [(start, end)] = speech_segments(clip)
    assert start == pytest.approx(2.0, abs=0.3)
    assert end == pytest.approx(clip.duration - 3.0, abs=0.4)


@pytest.mark.parametrize("kind", ["silence", "hiss", "hum", "clicks", "nothing"])
def test_nobody_speaks_in_noise(kind: str) -> None:
    random, n = np.random.default_rng(0), 48_000
    samples = {
        "silence": np.zeros(n),
        "hiss": random.normal(0, 0.1, n),
        "hum": 0.3 * np.sin(2 * np.pi * 50 * np.arange(n) / 16_000),
        "clicks": np.where(np.arange(n) % 4_000 < 20, 0.8, 0.0),
        "nothing": np.zeros(0),
    }[kind]
    assert speech_segments(AudioClip(samples.astype(np.float32))) == []


def ended_at(end: EndOfSpeech, clip: AudioClip) -> tuple[str | None, float]:
    """Why and at which second an utterance in a clip ends."""
    activity = VoiceActivity()
    for number, chunk in enumerate(chunks(clip)):
        if reason := end.process(activity.probability(chunk), CHUNK / 16_000):
            return reason, number * CHUNK / 16_000
    return None, clip.duration


def test_an_utterance_ends_with_the_pause_after_speech(say: Say) -> None:
    clip = padded(say("Turn on the lights in the kitchen."), 1.0, 3.0)
    reason, second = ended_at(EndOfSpeech(AdaptiveEndpointing(0.7), patience=8.0), clip)
    assert reason == "silence"
    assert clip.duration - 3.0 + 0.2 < second < clip.duration - 3.0 + 1.2


def test_an_utterance_ends_when_nobody_begins() -> None:
    silence = AudioClip(np.zeros(40 * CHUNK, np.float32))
    assert ended_at(EndOfSpeech(AdaptiveEndpointing(0.7), patience=1.0), silence) == (
        "nothing said",
        31 * CHUNK / 16_000,
    )
