import numpy as np
import pytest

from assistant.speech.spectrogram import normalize_loudness, reduce_noise
from assistant.types import AudioClip


def tone(level: float) -> np.ndarray:
    return (level * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)).astype(np.float32)


def rms(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples)))))


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
def test_loudness_is_brought_to_one_level(level: float) -> None:
    assert rms(normalize_loudness(AudioClip(tone(level))).samples) == pytest.approx(-23, abs=0.1)


def test_silence_stays_silence_and_nothing_clips() -> None:
    assert not normalize_loudness(AudioClip(np.zeros(1_000, np.float32))).samples.any()
    click = np.zeros(16_000, np.float32)
    click[5] = 0.5
    assert np.abs(normalize_loudness(AudioClip(click)).samples).max() <= 0.97
    assert len(normalize_loudness(AudioClip(np.zeros(0, np.float32))).samples) == 0


def test_hiss_is_turned_down_and_the_signal_stays() -> None:
    hiss = np.random.default_rng(0).normal(0, 0.01, 48_000).astype(np.float32)
    noisy = hiss.copy()
    noisy[16_000:32_000] += tone(0.3)
    cleaned = reduce_noise(AudioClip(noisy)).samples
    assert len(cleaned) == len(noisy)
    assert rms(cleaned[2_000:14_000]) < rms(hiss[2_000:14_000]) - 4
    assert rms(cleaned[18_000:30_000]) == pytest.approx(rms(noisy[18_000:30_000]), abs=0.5)


def test_a_clip_too_short_to_clean_is_left_alone() -> None:
    clip = AudioClip(tone(0.1)[:500])
    assert reduce_noise(clip) is clip
