from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.errors import AudioError
from assistant.inputs.audio_file import audio_blocks, joined

Write = Callable[[Path, Any], None]


def tone(seconds: float) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * 16_000)) / 16_000).astype(np.float32)


def test_the_sound_of_a_video_is_read(tmp_path: Path, write_video: Write) -> None:
    write_video(tmp_path / "film.mp4", tone(20.0))
    blocks = list(audio_blocks(tmp_path / "film.mp4"))
    samples = joined(blocks)[:, 0]
    assert len(blocks) > 1
    assert len(samples) / 16_000 == pytest.approx(20.0, abs=0.2)
    loudest = np.argmax(np.abs(np.fft.rfft(samples[16_000:32_000])))
    assert loudest == pytest.approx(440, abs=2)


def test_a_video_without_sound_says_so(tmp_path: Path, write_video: Write) -> None:
    write_video(tmp_path / "mute.mp4", None)
    with pytest.raises(AudioError, match=r"mute.mp4 has no sound"):
        list(audio_blocks(tmp_path / "mute.mp4"))


def test_what_is_no_video_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"nothing of the kind")
    (tmp_path / "empty.mkv").touch()
    with pytest.raises(AudioError, match=r"broken.mp4 cannot be read as sound"):
        list(audio_blocks(tmp_path / "broken.mp4"))
    with pytest.raises(AudioError, match=r"empty.mkv is empty"):
        list(audio_blocks(tmp_path / "empty.mkv"))


def test_too_long_a_video_is_refused(tmp_path: Path, write_video: Write) -> None:
    write_video(tmp_path / "film.mp4", tone(20.0))
    with pytest.raises(AudioError, match=r"longer than 0.1 minutes"):
        list(audio_blocks(tmp_path / "film.mp4", max_minutes=0.1))
