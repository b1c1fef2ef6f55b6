import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from assistant.errors import AudioError, InputError
from assistant.speech.enrolled import (
    SAME_VOICE,
    EnrolledVoices,
    forget_profiles,
    load_profiles,
    make_profile,
    profile_path,
    save_profile,
)
from assistant.speech.speaker import SpeakerEncoder
from assistant.types import AudioClip, FloatArray

Say = Callable[[str], AudioClip]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def encoder() -> SpeakerEncoder:
    return SpeakerEncoder()


def test_profiles_are_their_owners_alone_and_can_be_forgotten(home: Path) -> None:
    profile = np.full(256, 1 / 16, np.float32)
    for name in ("", "Anna", "李雷"):
        path = save_profile(profile, name)
        assert path == profile_path(name)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(load_profiles()) == {"", "Anna", "李雷"}
    assert all(np.array_equal(profile, found) for found in load_profiles().values())
    assert forget_profiles("Anna") == ["Anna"]
    assert forget_profiles("Anna") == []
    assert set(forget_profiles()) == {"", "李雷"}
    with pytest.raises(InputError, match="No voice is enrolled yet: run `assistant wake enroll`"):
        load_profiles()


@pytest.mark.parametrize("name", ["../Anna", "a b", "x" * 41, "."])
def test_a_name_that_is_none_is_told(home: Path, name: str) -> None:
    with pytest.raises(InputError, match="A voice's name is letters"):
        profile_path(name)


@pytest.mark.parametrize("content", [b"", b"no profile", b"\x93NUMPY\x01\x00"])
def test_a_damaged_profile_is_named(home: Path, content: bytes) -> None:
    profile_path("Anna").parent.mkdir(parents=True)
    profile_path("Anna").write_bytes(content)
    with pytest.raises(InputError, match="damaged; enroll again"):
        load_profiles()


def test_silence_and_too_few_recordings_are_told() -> None:
    with pytest.raises(AudioError, match="too little speech"):
        SpeakerEncoder().encode(AudioClip(np.zeros(16_000, np.float32)))
    with pytest.raises(InputError, match="at least 3 recordings"):
        make_profile(SpeakerEncoder(), [])


@pytest.mark.models
def test_who_speaks_is_told_by_name(home: Path, encoder: SpeakerEncoder, say: Say) -> None:
    voices = EnrolledVoices(encoder)
    assert not voices.named
    sentences = ("Hey Jarvis, what time is it?", "Hey Jarvis, turn on the light.", "Hey Jarvis, where is my order?")
    profile, least = make_profile(encoder, [say(sentence) for sentence in sentences])
    assert least > SAME_VOICE
    save_profile(profile, "Hibari")
    save_profile(make_profile(encoder, [deeper(say(sentence)) for sentence in sentences])[0], "Giant")
    whole = say("Hey Jarvis, roll a die.")
    assert voices.named
    assert voices.who(whole) == "Hibari"
    assert voices.who(deeper(whole)) == "Giant"
    assert voices.who(AudioClip(np.zeros(16_000, np.float32))) == ""
    forget_profiles("Giant")
    others = EnrolledVoices(encoder)
    assert others.woke(whole)
    assert not others.woke(deeper(whole))
    assert others.who(deeper(whole)) == ""
    with pytest.raises(InputError, match="not of one voice"):
        make_profile(encoder, [whole, deeper(whole), deeper(whole), whole])


def deeper(clip: AudioClip) -> AudioClip:
    """By half an octave."""
    return AudioClip(np.asarray(soxr.resample(clip.samples, 10, 14), np.float32))


@pytest.mark.data
@pytest.mark.models
@pytest.mark.skipif(not os.environ.get("ASSISTANT_DATA"), reason="ASSISTANT_DATA is not set")
def test_few_are_taken_for_somebody_else(encoder: SpeakerEncoder) -> None:
    """Enrolled with a second of five recordings, tried with single seconds of others."""
    own, others = _likenesses(encoder)
    assert min(len(own), len(others)) > 100
    assert np.mean(own < SAME_VOICE) < 0.06
    assert np.mean(others >= SAME_VOICE) < 0.06


def _likenesses(encoder: SpeakerEncoder) -> tuple[FloatArray, FloatArray]:
    root = Path(os.environ["ASSISTANT_DATA"]) / "speech_librispeech_resemblyzer"
    voices: dict[str, list[list[FloatArray]]] = {}
    for path in sorted(root.rglob("*.flac")):
        samples = soundfile.read(path, dtype="float32")[0]
        voices.setdefault(path.parent.name, []).append(list(_seconds(encoder, samples[:96_000])))
    own, others = [], []
    for speaker, recordings in voices.items():
        mean = np.mean([recording[0] for recording in recordings[:5]], axis=0)
        profile = mean / np.linalg.norm(mean)
        for name, theirs in voices.items():
            found = [float(voice @ profile) for recording in theirs[5:] for voice in recording]
            (own if name == speaker else others).extend(found)
    return np.array(own), np.array(others)


def _seconds(encoder: SpeakerEncoder, samples: FloatArray) -> Iterator[FloatArray]:
    for at in range(0, len(samples) - 15_999, 16_000):
        try:
            yield encoder.encode(AudioClip(samples[at : at + 16_000]))
        except AudioError:
            continue
