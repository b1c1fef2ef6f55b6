import struct
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.errors import AudioError
from assistant.inputs.audio_file import read_audio


def tone(seconds: float, rate: int, hertz: float = 440.0) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3", "aiff"])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_every_format_and_rate_becomes_mono_at_16_khz(tmp_path: Path, ending: str, rate: int) -> None:
    path = tmp_path / f"sound.{ending}"
    left = tone(1.0, rate)
    soundfile.write(path, np.stack([left, left], axis=1), rate)
    clip = read_audio(path)
    assert (clip.sample_rate, clip.samples.dtype, clip.samples.ndim) == (16_000, np.float32, 1)
    assert clip.duration == pytest.approx(1.0, abs=0.15)  # MP3 pads to whole frames
    spectrum = np.abs(np.fft.rfft(clip.samples))
    assert np.argmax(spectrum) / clip.duration == pytest.approx(440, abs=3)


def test_channels_are_averaged(tmp_path: Path) -> None:
    left = tone(0.5, 16_000)
    soundfile.write(tmp_path / "a.wav", np.stack([left, -left], axis=1), 16_000, subtype="FLOAT")
    assert np.abs(read_audio(tmp_path / "a.wav").samples).max() < 1e-6


def test_samples_beyond_full_scale_are_scaled_into_range(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", 20 * tone(0.5, 16_000), 16_000, subtype="FLOAT")
    assert np.abs(read_audio(tmp_path / "a.wav").samples).max() == pytest.approx(1.0)


def wav_header(*, channels: int = 1, rate: int = 16_000, data: int = 32_000) -> bytes:
    block = 2 * channels
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * block & 0xFFFFFFFF, block & 0xFFFF, 16)
    return (
        b"RIFF"
        + struct.pack("<I", min(36 + data, 0xFFFFFFFF))
        + b"WAVEfmt \x10\0\0\0"
        + form
        + b"data"
        + struct.pack("<I", data)
    )


def truncated_flac(path: Path) -> None:
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 64_000)
    soundfile.write(path, noise, 16_000, format="FLAC")
    path.write_bytes(path.read_bytes()[:40_000])


def not_numbers(path: Path) -> None:
    samples = tone(0.5, 16_000)
    samples[100] = np.nan
    soundfile.write(path, samples, 16_000, format="WAV", subtype="FLOAT")


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: None, "does not exist"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "text": (lambda path: path.write_text("hello " * 100), "cannot be read as sound"),
    "random": (lambda path: path.write_bytes(np.random.default_rng(0).bytes(5_000)), "cannot be read as sound"),
    "only RIFF": (lambda path: path.write_bytes(b"RIFF"), "cannot be read as sound"),
    "no samples": (lambda path: path.write_bytes(wav_header(data=0)), "holds no sound"),
    "cut short": (lambda path: path.write_bytes(wav_header() + b"\1" * 9_000), "cut short"),
    "huge declared length": (lambda path: path.write_bytes(wav_header(data=0xFFFFFFF0) + b"\1" * 9_000), "lies"),
    "0 Hz": (lambda path: path.write_bytes(wav_header(rate=0) + b"\1" * 32_000), ""),
    "4 GHz": (lambda path: path.write_bytes(wav_header(rate=0xF0000000) + b"\1" * 32_000), ""),
    "65535 channels": (lambda path: path.write_bytes(wav_header(channels=65_535) + b"\1" * 32_000), ""),
    "0 channels": (lambda path: path.write_bytes(wav_header(channels=0) + b"\1" * 32_000), ""),
    "truncated FLAC": (truncated_flac, ""),
    "not a number": (not_numbers, "not numbers"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_file_is_one_clear_line(tmp_path: Path, kind: str) -> None:
    build, says = BAD[kind]
    path = tmp_path / "sound.wav"
    build(path)
    with pytest.raises(AudioError) as caught:
        read_audio(path)
    message = str(caught.value)
    assert says in message
    assert "sound.wav" in message
    assert "\n" not in message


def test_a_recording_that_is_too_long_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 1, 8_000, 0, "NONE", ""))
        file.writeframes(bytes(8_000 * 61))
    with pytest.raises(AudioError, match=r"1 minutes long; the limit is 0\.5 \(setting speech\.max_minutes\)"):
        read_audio(path, max_minutes=0.5)


@pytest.mark.parametrize("name", ["a\0b.wav", "x" * 300 + ".wav"])
def test_an_impossible_name_is_refused(name: str) -> None:
    with pytest.raises(AudioError):
        read_audio(name)
