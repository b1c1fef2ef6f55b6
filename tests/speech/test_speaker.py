import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from assistant.errors import AudioError, InputError
from assistant.speech.speaker import (
    SAME_VOICE,
    SpeakerEncoder,
    forget_profile,
    load_profile,
    make_profile,
    profile_path,
    save_profile,
)
from assistant.types import AudioClip, FloatArray

Say = Callable[[str], AudioClip]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def encoder() -> SpeakerEncoder:
    return SpeakerEncoder()


def test_a_profile_is_its_owners_alone_and_can_be_forgotten(home: Path) -> None:
    profile = np.full(256, 1 / 16, np.float32)
    path = save_profile(profile)
    assert path == profile_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert np.array_equal(load_profile(), profile)
    assert forget_profile()
    assert not forget_profile()
    with pytest.raises(InputError, match="No voice is enrolled yet: run `assistant wake enroll`"):
        load_profile()


@pytest.mark.parametrize("content", [b"", b"no profile", b"\x93NUMPY\x01\x00"])
def test_a_damaged_profile_is_named(home: Path, content: bytes) -> None:
    path = home / "speaker.npy"
    path.write_bytes(content)
    with pytest.raises(InputError, match="damaged; enroll again"):
        load_profile(path)


def test_silence_and_too_few_recordings_are_told() -> None:
    with pytest.raises(AudioError, match="too little speech"):
        SpeakerEncoder().encode(AudioClip(np.zeros(16_000, np.float32)))
    with pytest.raises(InputError, match="at least 3 recordings"):
        make_profile(SpeakerEncoder(), [])


@pytest.mark.models
def test_a_voice_is_like_itself_and_unlike_another(encoder: SpeakerEncoder, say: Say) -> None:
    sentences = ("Hey Jarvis, what time is it?", "Hey Jarvis, turn on the light.", "Hey Jarvis, where is my order?")
    profile, least = make_profile(encoder, [say(sentence) for sentence in sentences])
    assert least > SAME_VOICE
    whole = say("Hey Jarvis, roll a die.")
    assert encoder.similarity(whole, profile) > SAME_VOICE
    giant = AudioClip(np.asarray(soxr.resample(whole.samples, 10, 14), np.float32))  # an octave's half deeper
    assert encoder.similarity(giant, profile) < SAME_VOICE
    with pytest.raises(InputError, match="not of one voice"):
        make_profile(encoder, [whole, giant, giant, whole])


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
