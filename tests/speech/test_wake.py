import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.errors import ModelUnavailable, SettingsError
from assistant.settings import load_settings
from assistant.speech.wake import WakeHit, WakeWords
from assistant.speech.wake_models import WAKE_WORDS
from assistant.speech.wake_verifier import half_of
from assistant.types import AudioClip, FloatArray

RATE, CHUNK = 16_000, 512
Say = Callable[[str], AudioClip]


def hear(words: WakeWords, samples: FloatArray) -> list[WakeHit]:
    """All hits in a stretch of sound, with a second of silence on both sides."""
    pause = np.zeros(RATE, np.float32)
    whole = np.concatenate([pause, samples, pause])
    return [hit for at in range(0, len(whole), CHUNK) for hit in words.process(whole[at : at + CHUNK])]


@pytest.mark.parametrize("word", ["alexa", "hey jarvis", "hey mycroft"])
def test_a_wake_word_is_heard_once_and_at_its_end(say: Say, word: str) -> None:
    clip = say(f"{word.title()}.")
    hits = hear(WakeWords(dict.fromkeys(WAKE_WORDS, 0.5)), clip.samples)
    assert [hit.word for hit in hits] == [word]
    assert 1.0 < hits[0].at < 1.0 + clip.duration + 0.4
    assert hits[0].probability > 0.88


def test_other_words_wake_nobody(say: Say) -> None:
    words = WakeWords(dict.fromkeys(WAKE_WORDS, 0.5))
    clip = say("I asked Alex about the harvest. Jarvis is a butler. Hey, it is my craft, and okay, I knew.")
    assert hear(words, clip.samples) == []


def test_a_hit_is_not_repeated_within_the_refractory_time(say: Say) -> None:
    clip = say("Alexa. Alexa. Alexa.")
    assert len(hear(WakeWords({"alexa": 0.5}, refractory=10.0), clip.samples)) == 1
    assert len(hear(WakeWords({"alexa": 0.5}, refractory=0.6), clip.samples)) > 1


def test_a_higher_sensitivity_asks_for_less(say: Say) -> None:
    # The model does not like how the voice says it.
    clip = say("Okay Nabu, what is seven times eight?")
    assert hear(WakeWords({"okay nabu": 0.5}), clip.samples) == []
    assert [hit.word for hit in hear(WakeWords({"okay nabu": 1.0}), clip.samples)] == ["okay nabu"]


def test_what_no_voice_said_is_taken_back(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    words = WakeWords({"alexa": 0.5})
    monkeypatch.setattr("assistant.speech.wake.speech_probabilities", lambda clip: np.zeros(31))
    assert hear(words, say("Alexa.").samples) == []
    assert words.rejected > 0


def test_after_a_gap_half_a_word_is_forgotten(say: Say) -> None:
    words, clip = WakeWords({"alexa": 0.5}), say("Alexa.")
    half = len(clip.samples) // 2
    words.process(clip.samples[:half])
    words.reset()
    assert hear(words, clip.samples[half:]) == []
    assert [hit.word for hit in hear(words, clip.samples)] == ["alexa"]


def test_a_lying_device_does_no_harm() -> None:
    words = WakeWords({"alexa": 0.5})
    for chunk in (np.full(512, np.nan), np.full(512, np.inf), np.zeros(0), np.full(7, 1e30)):
        assert words.process(chunk.astype(np.float32)) == []


def test_the_clock_of_the_source_is_kept(say: Say) -> None:
    words, clip = WakeWords({"alexa": 0.5}), say("Alexa.")
    padded = np.concatenate([clip.samples, np.zeros(RATE, np.float32)])
    hits = [
        hit for at in range(0, len(padded), CHUNK) for hit in words.process(padded[at : at + CHUNK], 100 + at / RATE)
    ]
    assert 100 < hits[0].at < 102


def test_an_unknown_word_or_sensitivity_is_named() -> None:
    with pytest.raises(SettingsError, match=r"no wake word 'computer'; there are alexa, hey jarvis"):
        WakeWords({"computer": 0.5})
    with pytest.raises(SettingsError, match=r"sensitivity of 'alexa' must be between 0 and 1, not 1.5"):
        WakeWords({"alexa": 1.5})


# Models of one's own


def builtin_file(word: str) -> Path:
    import pymicro_wakeword

    return Path(pymicro_wakeword.__file__).parent / "models" / f"{word}.tflite"


def test_a_microwakeword_file_is_heard_beside_the_words_that_are_here(say: Say, tmp_path: Path) -> None:
    for ending in (".tflite", ".json"):
        (tmp_path / f"mine{ending}").write_bytes(builtin_file("alexa").with_suffix(ending).read_bytes())
    voice = load_settings({"voice": {"wake_models": {"My_Servant": str(tmp_path / "mine.tflite")}}}).voice
    words = WakeWords(voice.all_wake_words, voice.wake_models)
    assert [hit.word for hit in hear(words, say("Alexa.").samples)] == ["my servant"]
    assert [hit.word for hit in hear(words, say("Hey Jarvis.").samples)] == ["hey jarvis"]
    assert not half_of("my servant"), "its author's threshold is believed"


def test_an_openwakeword_file_is_heard(say: Say) -> None:
    package = pytest.importorskip("pyopen_wakeword")
    path = Path(package.__file__).parent / "models" / "hey_rhasspy.tflite"
    words = WakeWords({"hey rhasspy": 0.5, "alexa": 0.5}, {"hey rhasspy": str(path)})
    assert [hit.word for hit in hear(words, say("Hey Rhasspy.").samples)] == ["hey rhasspy"]
    words.reset()
    assert [hit.word for hit in hear(words, say("Alexa.").samples)] == ["alexa"]
    assert hear(words, say("I asked Alex about the harvest.").samples) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: .*No such file"),
        (b"wave", "no model of TensorFlow Lite"),
        (b"\0\0\0\0TFL3" + bytes(999), "no model of TensorFlow Lite"),
        (builtin_file("alexa").read_bytes()[:20_000], "no model of TensorFlow Lite"),
        (builtin_file("alexa").read_bytes(), r"needs the file .*mine\.json"),
    ],
)
def test_a_file_that_is_no_wake_word_is_named(content: bytes | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.tflite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match=message):
        WakeWords({"mine": 0.5}, {"mine": str(path)})


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymicro_wakeword", None)
    with pytest.raises(ModelUnavailable, match="pip install pymicro-wakeword"):
        WakeWords({"alexa": 0.5})


# Recordings of people


def recordings(*folders: str) -> Iterator[tuple[Path, FloatArray]]:
    root = Path(os.environ["ASSISTANT_DATA"])
    for folder in folders:
        for path in sorted((root / folder).rglob("*.flac")):
            yield path, soundfile.read(path, dtype="float32")[0]


needs_data = pytest.mark.skipif("ASSISTANT_DATA" not in os.environ, reason="ASSISTANT_DATA is not set")


@pytest.mark.data
@needs_data
def test_people_who_say_alexa_are_heard() -> None:
    words = WakeWords({"alexa": 0.5})
    heard = [bool(hear(words, samples)) for _, samples in recordings("wakeword_picovoice/alexa")]
    assert np.mean(heard) >= 0.9


@pytest.mark.data
@needs_data
def test_noise_wakes_nobody() -> None:
    words = WakeWords(dict.fromkeys(WAKE_WORDS, 0.5))
    assert [path.name for path, samples in recordings("noise_esc10") if hear(words, samples)] == []


@pytest.mark.data
@pytest.mark.timeout(900)
@needs_data
def test_an_hour_of_other_speech_wakes_nobody() -> None:
    words, seconds, woken = WakeWords({"alexa": 0.5}), 0.0, []
    for path, samples in recordings(
        "speech_intent_picovoice",
        "speech_homeassistant_commands",
        "speech_librispeech_resemblyzer",
        "speech_misc_gold",
        "speech_zh_aishell3_biaobei",
        "emotion_emodb",
        "wakeword_picovoice/jarvis",
    ):
        seconds += len(samples) / RATE
        woken += [path.name for _ in hear(words, samples)]
    assert seconds > 3600
    assert len(woken) / (seconds / 3600) <= 0.5, woken


class Peaks:
    """Gives probabilities of "alexa", a chunk each."""

    def __init__(self, *peaks: float) -> None:
        self.left = list(peaks)

    def process(self, chunk: FloatArray) -> dict[str, float]:
        return {"alexa": self.left.pop(0) if self.left else 0.0}


def hits_of(monkeypatch: pytest.MonkeyPatch, *peaks: float, voiced: float = 1.0, faint: bool = True) -> list[WakeHit]:
    monkeypatch.setattr("assistant.speech.wake.speech_probabilities", lambda clip: np.full(31, voiced))
    words = WakeWords({"alexa": 0.5}, faint=faint)
    words._models = Peaks(*peaks)  # type: ignore[assignment]
    return [hit for _ in range(20) for hit in words.process(np.zeros(CHUNK, np.float32))]


def test_a_faint_word_is_told_once_with_the_second_of_its_peak(monkeypatch: pytest.MonkeyPatch) -> None:
    (hit,) = hits_of(monkeypatch, 0.1, 0.45, 0.6, 0.5)
    assert (hit.faint, hit.probability, round(hit.at, 3)) == (True, 0.6, 0.096)
    assert hits_of(monkeypatch, 0.1, 0.45, 0.6, 0.5, faint=False) == []
    assert hits_of(monkeypatch, 0.1, 0.3, 0.2) == []


def test_a_word_that_grows_sure_is_told_at_once_and_not_as_a_faint_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [(hit.faint, round(hit.at, 3)) for hit in hits_of(monkeypatch, 0.5, 0.7, 0.95, 0.9)] == [(False, 0.096)]


def test_a_likely_word_in_which_no_voice_was_noticed_is_faint(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [hit.faint for hit in hits_of(monkeypatch, 0.5, 0.95, voiced=0.0)] == [True]
