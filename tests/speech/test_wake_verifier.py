import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from assistant.inputs.audio_file import read_audio
from assistant.speech import SpeechRecognizer
from assistant.speech.wake import WakeHit
from assistant.speech.wake_verifier import FAINT, WakeVerifier, half_of, said_whole, wholeness
from assistant.types import AudioClip

Say = Callable[[str], AudioClip]


class Table:
    """Likelihoods by heart."""

    def __init__(self, **likelihoods: float) -> None:
        self.likelihoods_of = likelihoods

    def likelihoods(self, clip: AudioClip, texts: list[str], language: str) -> list[float]:
        return [self.likelihoods_of[text.replace(", ", "_and_").replace(" ", "_")] for text in texts]


NOTHING = AudioClip(np.zeros(16_000, np.float32))


def test_the_likelier_way_of_writing_the_whole_counts() -> None:
    comma = Table(Hey_Jarvis=-20.0, Hey_and_Jarvis=-1.0, Jarvis=-9.0)
    assert wholeness(comma, NOTHING, "hey jarvis") == pytest.approx(8.0, abs=0.01)
    assert said_whole(comma, NOTHING, "hey jarvis")
    assert not said_whole(Table(Hey_Jarvis=-13.0, Hey_and_Jarvis=-13.0, Jarvis=-0.2), NOTHING, "hey jarvis")


def test_one_word_has_no_half_and_nobody_is_asked() -> None:
    assert half_of("alexa") == ""
    assert said_whole(Table(), NOTHING, "alexa")


@pytest.mark.models
@pytest.mark.parametrize("word", ["hey jarvis", "hey mycroft", "okay nabu"])
def test_the_whole_and_its_half_are_told_apart(recognizer: SpeechRecognizer, say: Say, word: str) -> None:
    assert said_whole(recognizer, say(f"{word.title()}."), word)
    assert not said_whole(recognizer, say(f"{half_of(word).title()}."), word)


@pytest.mark.models
def test_what_is_said_after_it_does_not_count(recognizer: SpeechRecognizer, say: Say) -> None:
    assert said_whole(recognizer, say("Hey Jarvis, what time is it?"), "hey jarvis")


@pytest.mark.data
@pytest.mark.models
@pytest.mark.skipif(not os.environ.get("ASSISTANT_DATA"), reason="ASSISTANT_DATA is not set")
def test_people_who_say_jarvis_alone_do_not_say_hey(recognizer: SpeechRecognizer) -> None:
    paths = sorted(Path(os.environ["ASSISTANT_DATA"]).glob("wakeword_picovoice/jarvis/*.flac"))
    assert len(paths) > 20
    assert [path.name for path in paths if said_whole(recognizer, read_audio(path), "hey jarvis")] == []


@pytest.mark.parametrize(("likely", "reason"), [(-2.0, ""), (-12.0, FAINT)])
def test_a_faint_word_must_be_likely(likely: float, reason: str) -> None:
    hit = WakeHit("alexa", 0.5, 1.0, faint=True)
    assert WakeVerifier(Table(Alexa=likely))(NOTHING, hit) == reason
    assert WakeVerifier(None)(NOTHING, hit) == FAINT
    assert WakeVerifier(None)(NOTHING, WakeHit("alexa", 0.9, 1.0)) == ""
