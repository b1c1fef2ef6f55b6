"""The two sides of a call: each is heard, also where both speak at once."""

from collections.abc import Callable

import numpy as np
import pytest

from assistant.inputs.audio_file import clip_of
from assistant.speech import SpeechRecognizer
from assistant.speech.sides import sides_of
from assistant.types import AudioClip, FloatArray

pytestmark = pytest.mark.models
Say = Callable[[str], AudioClip]
LATE = 1_600
"""samples by which a voice comes later on the other side"""


def call(one: FloatArray, other: FloatArray, at: int, leak: float = 0.0) -> AudioClip:
    """A call in which the other side begins at sample `at`, and each side holds a share of the other's voice."""
    sides = np.zeros((max(len(one), at + len(other)) + LATE, 2), np.float32)
    sides[: len(one), 0], sides[at : at + len(other), 1] = one, other
    sides[LATE:] += leak * sides[:-LATE, ::-1]
    return clip_of(sides)


@pytest.mark.parametrize("leak", [0.0, 0.15])
@pytest.mark.parametrize("at", [0.0, 0.5, 1.2])
def test_each_side_of_a_call_is_written_down(recognizer: SpeechRecognizer, say: Say, at: float, leak: float) -> None:
    one, other = say("Where is my order?").samples, say("Set a timer for five minutes.").samples
    text = recognizer.transcribe(call(one, other, int(at * len(one)), leak)).text.lower()
    assert text.count("order") == 1
    assert text.count("timer") == 1
    assert "five" in text or "5" in text


def test_a_voice_that_both_sides_hold_is_heard_once(recognizer: SpeechRecognizer, say: Say) -> None:
    voice = say("Where is my order?").samples
    for leak in (0.1, 0.5):
        heard = call(voice, np.zeros(1, np.float32), 0, leak)
        assert sides_of(heard) == [heard]
        assert recognizer.transcribe(heard).text.lower().count("order") == 1


def test_words_of_both_sides_have_their_times(recognizer: SpeechRecognizer, say: Say) -> None:
    one, other = say("Where is my order?").samples, say("Set a timer for five minutes.").samples
    transcript, _ = recognizer.listen(call(one, other, len(one) + 8_000), words=True)
    begins = {word.lower().strip("?.,"): start for start, _, word in transcript.words}
    assert begins["order"] < len(one) / 16_000 < begins["timer"]
