import struct
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.errors import AudioError
from assistant.inputs.audio_file import decode_audio, read_audio


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


def spoken(path: Path, *channels: np.ndarray) -> np.ndarray:
    soundfile.write(path, np.stack(channels, axis=1), 16_000, subtype="FLOAT")
    return read_audio(path).samples


def test_nothing_of_any_channel_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    low, high, silence = tone(0.5, 16_000), tone(0.5, 16_000, 1000), np.zeros(8_000, np.float32)
    assert spoken(path, low, low) == pytest.approx(low, abs=1e-5)  # the same on both: once
    assert spoken(path, low, -low) == pytest.approx(low, abs=1e-5)  # one wired the wrong way round
    assert np.abs(spoken(path, low, -0.9 * low)).max() == pytest.approx(0.3, abs=0.01)
    call = spoken(path, np.concatenate([low, silence]), np.concatenate([silence, high]))
    assert call == pytest.approx(np.concatenate([low, high]), abs=1e-4)  # each side of a call as loud as it was
    sides = read_audio(path).sides
    assert sides[0] == pytest.approx(np.concatenate([low, silence]), abs=1e-4)
    assert sides[1] == pytest.approx(np.concatenate([silence, high]), abs=1e-4)
    assert np.abs(spoken(path, low, silence)).max() == pytest.approx(0.3, abs=0.01)
    surround = spoken(path, low, low, low, low, low, low)
    assert np.abs(surround).max() == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFF000, 0xFFFFFFDB])
def test_a_wav_whose_length_was_not_known_is_read_to_its_end(tmp_path: Path, length: int) -> None:
    samples = (tone(1.0, 16_000) * 32767).astype("<i2").tobytes()
    (tmp_path / "a.wav").write_bytes(wav_header(data=length) + samples)
    assert read_audio(tmp_path / "a.wav").duration == pytest.approx(1.0, abs=0.01)
    assert decode_audio(wav_header(data=length) + samples).duration == pytest.approx(1.0, abs=0.01)


def test_what_follows_a_wrong_length_is_read(tmp_path: Path) -> None:
    samples = (tone(1.0, 16_000) * 32767).astype("<i2").tobytes()
    junk = b"JUNK\x70\x17\0\0" + bytes(6_000)  # the chunk of sound begins behind the first block of the file
    listed = b"LIST\x04\0\0\0INFO"
    for name, content in {
        "ends in its middle": wav_header(data=16_000) + samples,
        "two bytes": wav_header(data=2) + samples,
        "an odd number": wav_header(data=31_999) + samples,
        "a little more than there is": wav_header(data=32_002) + samples,
        "not known, after other chunks": wav_header()[:36] + junk + b"data\0\0\0\0" + samples,
        "right, after other chunks": wav_header()[:36] + junk + b"data\x00\x7d\0\0" + samples + listed,
    }.items():
        assert decode_audio(content, name).duration == pytest.approx(1.0, abs=0.001), name


@pytest.mark.parametrize("kind", ["WAV", "WAVEX", "RF64", "AIFF"])
def test_a_file_that_was_cut_says_so_whatever_its_format(tmp_path: Path, kind: str) -> None:
    soundfile.write(tmp_path / "a", tone(2.0, 16_000), 16_000, format=kind)
    content = (tmp_path / "a").read_bytes()
    assert decode_audio(content).duration == pytest.approx(2.0)
    with pytest.raises(AudioError, match=r"is cut short .* declares 64\d\d\d bytes of sound, not 2"):
        decode_audio(content[:30_000])


def test_an_empty_wav_with_a_list_after_its_samples_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav_header(data=0) + b"LIST\x04\0\0\0INFO")
    with pytest.raises(AudioError, match="holds no sound"):
        read_audio(tmp_path / "a.wav")


@pytest.mark.parametrize(("ending", "codec"), [("m4a", "aac"), ("webm", "libopus"), ("mka", "flac"), ("aac", "aac")])
def test_what_telephones_and_browsers_record_is_read(tmp_path: Path, ending: str, codec: str) -> None:
    import av

    path = tmp_path / f"memo.{ending}"
    with av.open(str(path), "w", format={"m4a": "mp4", "aac": "adts"}.get(ending, "matroska")) as container:
        track = container.add_stream(codec, rate=48_000, layout="stereo")
        wave = tone(3.0, 48_000)
        fit = av.AudioResampler(format=track.format, layout="stereo", rate=48_000, frame_size=960)
        frame = av.AudioFrame.from_ndarray(np.stack([wave, wave]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, 0
        for part in (frame, None):
            for each in fit.resample(part):
                container.mux(track.encode(each))
        container.mux(track.encode(None))
    for clip in (read_audio(path), decode_audio(path.read_bytes())):
        assert clip.duration == pytest.approx(3.0, abs=0.2)
        assert np.argmax(np.abs(np.fft.rfft(clip.samples[16_000:32_000]))) == pytest.approx(440, abs=2)
        assert np.abs(clip.samples[8_000:40_000]).max() == pytest.approx(0.3, abs=0.05)


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
    "missing": (lambda path: None, "There is no file"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "text": (lambda path: path.write_text("hello " * 100), "cannot be read as sound"),
    "random": (lambda path: path.write_bytes(np.random.default_rng(0).bytes(5_000)), "cannot be read as sound"),
    "only RIFF": (lambda path: path.write_bytes(b"RIFF"), "cannot be read as sound"),
    "no samples": (lambda path: path.write_bytes(wav_header(data=0)), "holds no sound"),
    "cut short": (lambda path: path.write_bytes(wav_header() + b"\1" * 9_000), "cut short"),
    "huge declared length": (lambda path: path.write_bytes(wav_header(data=0x6FFFFFF0) + b"\1" * 9_000), "header"),
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
