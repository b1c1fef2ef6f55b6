"""Tone is heard in the frames that are there, and never breaks a turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.speech.tone import DIMENSIONS, Tone, ToneReader, frame_features, load_tone, save_tone
from assistant.types import AudioClip, Encoding

WIDTH = 8


def heard(rows: list[float]) -> Encoding:
    tokens = np.repeat(np.array(rows, np.float32)[:, None], WIDTH, axis=1)
    labels = tuple(f"{0.2 * i:.1f}" for i in range(len(rows)))
    return Encoding("audio", "whisper", tokens, np.ones(len(rows), np.bool_), tokens.mean(axis=0), labels=labels)


def clip(loud: list[bool]) -> AudioClip:
    rng = np.random.default_rng(0)
    parts = [rng.normal(0, 0.2 if each else 1e-4, 3200) for each in loud]
    return AudioClip(np.concatenate(parts).astype(np.float32))


@pytest.fixture
def tone() -> Tone:
    weights = np.zeros((WIDTH, 3), np.float32)
    weights[0] = (4.0, -4.0, 0.0)
    return Tone(np.zeros(WIDTH, np.float32), np.ones(WIDTH, np.float32), weights, np.zeros(3, np.float32))


def test_only_frames_in_which_somebody_speaks_count() -> None:
    features = frame_features(heard([9.0, 1.0, 1.0, 1.0, 9.0]), clip([False, True, True, True, False]))
    assert features is not None
    np.testing.assert_allclose(features, np.ones(WIDTH))


def test_a_head_in_the_data_folder_is_used(tmp_path: Path, tone: Tone) -> None:
    save_tone(tone, tmp_path / "tone.safetensors")
    found = ToneReader(tmp_path / "tone.safetensors").read(clip([True] * 4), heard([1.0] * 4))
    assert tuple(found) == DIMENSIONS
    assert found["arousal"] == pytest.approx(0.982, abs=1e-3)
    assert found["anger"] == pytest.approx(0.018, abs=1e-3)
    assert found["distress"] == pytest.approx(0.5)


@pytest.mark.parametrize("loud", [[], [True], [False, False]])
def test_too_little_speech_has_no_tone(tmp_path: Path, tone: Tone, loud: list[bool]) -> None:
    save_tone(tone, tmp_path / "tone.safetensors")
    sound = clip(loud) if loud else AudioClip(np.zeros(0, np.float32))
    assert ToneReader(tmp_path / "tone.safetensors").read(sound, heard([1.0] * max(len(loud), 1))) == {}


def test_nothing_is_said_without_a_head_or_with_a_damaged_or_foreign_one(tmp_path: Path, tone: Tone) -> None:
    file = tmp_path / "tone.safetensors"
    assert ToneReader(file).read(clip([True] * 4), heard([1.0] * 4)) == {}
    file.write_bytes(b"not safetensors")
    assert load_tone(file) is None
    assert ToneReader(file).read(clip([True] * 4), heard([1.0] * 4)) == {}
    save_tone(Tone(*(part[:5] for part in (tone.mean, tone.spread, tone.weights)), tone.bias), file)
    assert ToneReader(file).read(clip([True] * 4), heard([1.0] * 4)) == {}, "trained with a narrower Whisper"
