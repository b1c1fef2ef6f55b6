from pathlib import Path

import numpy as np
import pytest

from assistant.encoders.text import BertEncoder
from assistant.fusion.projection import SharedSpace, unit
from assistant.fusion.sound_space import SoundSpace
from assistant.speech import SpeechRecognizer
from assistant.training.alignment import recall_at
from assistant.training.sentences import ask_about, make_utterances
from assistant.training.spoken import STRANGERS, VOICES, Voice, fit_sound, hear, speak
from assistant.types import AudioClip, Encoding

NEURAL = Voice("en", 1.08)


def _silent(step: str, done: int, total: int) -> None:
    pass


class CountingEars(SpeechRecognizer):
    """Hears one moment per tenth of a second, and may fall asleep."""

    def __init__(self, asleep_after: int = 10_000) -> None:
        super().__init__()
        self.clips = 0
        self._asleep_after = asleep_after

    def hear(self, clip: AudioClip) -> Encoding:
        if self.clips == self._asleep_after:
            raise KeyboardInterrupt
        self.clips += 1
        moments = np.full((max(1, int(10 * clip.duration)), 512), clip.duration, np.float32)
        return Encoding("audio", "whisper", moments, np.ones(len(moments), np.bool_), moments[0])


def test_utterances_differ_and_are_the_same_every_time() -> None:
    made = make_utterances(500, 3)
    assert len(set(made)) == 500
    assert made == make_utterances(500, 3) != make_utterances(500, 4)
    assert all(line == line.strip() and "{" not in line and "  " not in line for line in made)
    assert ["the kite" in line for line in ask_about(["kite", "drum"], 0)] == [True, False]


def test_strangers_do_not_speak_in_training() -> None:
    assert not set(STRANGERS) & set(VOICES)


def test_listening_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    texts = [f"{word} please" for word in ("stop", "go") for _ in range(30)]
    tired = CountingEars(asleep_after=55)
    with pytest.raises(KeyboardInterrupt):
        hear(texts, [NEURAL], tired, tmp_path, "speaking", _silent)
    rested = CountingEars()
    heard = hear(texts, [NEURAL], rested, tmp_path, "speaking", _silent)
    assert rested.clips == 10  # the first file of fifty was kept
    assert len(heard) == 60
    assert all(3 <= len(rows) <= 40 for rows in heard)


def test_a_sound_map_finds_sentences_it_has_not_learnt() -> None:
    rng = np.random.default_rng(0)
    words = rng.normal(size=(30, 20)).astype(np.float32)  # how each of thirty words sounds
    meanings = rng.normal(size=(30, 384)).astype(np.float32)
    said = rng.integers(0, 30, (700, 5))
    heard = [words[row] + rng.normal(0, 0.1, (5, 20)).astype(np.float32) for row in said]
    targets = unit(meanings[said].sum(axis=1))
    sound = SoundSpace(fit_sound(heard[:600], targets[:600]))
    placed = np.stack([sound(clip) for clip in heard[600:]])
    assert recall_at(placed, targets[600:], (10,))[0] > 0.6


@pytest.mark.models
def test_a_spoken_sentence_is_nearest_to_its_own_words() -> None:
    texts = ["turn on the lamp in the kitchen", "two dogs play in the snow", "please cancel the flight"]
    texts += ["a woman sings on a stage", "I have a fever and a cough", "what is the price of a pizza"]
    space, recognizer, engines = SharedSpace(), SpeechRecognizer(language="en"), {}  # type: ignore[var-annotated]
    written = unit(np.stack([encoding.pooled for encoding in BertEncoder().encode(texts)]))
    placed = [space.place(recognizer.hear(speak(text, NEURAL, engines))) for text in texts]
    assert (np.stack([row for row in placed if row is not None]) @ written.T).argmax(axis=1).tolist() == [*range(6)]
