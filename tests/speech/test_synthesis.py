import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.errors import AudioError, DeviceError
from assistant.speech import Synthesizer, join_clips, write_audio
from assistant.types import AudioClip


def test_each_sentence_is_its_own_clip() -> None:
    clips = list(Synthesizer().stream("It is late. **Go home!** See https://example.com/x?y=1."))
    assert len(clips) == 3
    for clip in clips:
        assert 0.3 < clip.duration < 6
        assert np.abs(clip.samples).max() > 0.05


def test_the_same_words_sound_the_same_and_faster_is_shorter() -> None:
    first, again = (Synthesizer().say("Where is my order?") for _ in range(2))
    assert np.array_equal(first.samples, again.samples)
    assert Synthesizer(speed=1.8).say("Where is my order?").duration < 0.8 * first.duration


@pytest.mark.parametrize("text", ["", "   ", "```\ncode\n```"])
def test_nothing_to_say_is_silence(text: str) -> None:
    assert Synthesizer().say(text).duration == 0


def test_a_language_without_a_voice_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DeviceError, match="'zh' is installed: `sudo apt install espeak-ng`"):
        Synthesizer().say("你好。")


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_espeak_gets_the_words_on_its_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "said.wav", np.full(2_205, 0.25), 22_050)
    program = tmp_path / "espeak-ng"
    program.write_text(
        f'#!/bin/sh\ncat > "{tmp_path}/heard"; echo "$@" > "{tmp_path}/asked"; cat "{tmp_path}/said.wav"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    clip = Synthesizer(speed=2.0).say("--help，你好。")
    assert (tmp_path / "heard").read_text("utf-8") == "--help，你好。"
    assert "-v cmn -s 330" in (tmp_path / "asked").read_text()
    assert (clip.sample_rate, len(clip.samples)) == (22_050, 2_205)


def test_joined_clips_have_pauses_between_them() -> None:
    clip = AudioClip(np.ones(100, np.float32), 1_000)
    assert len(join_clips([clip, clip], pause=0.05).samples) == 250
    assert join_clips([]).duration == 0


def test_a_written_clip_is_read_back(tmp_path: Path) -> None:
    clip = AudioClip(np.linspace(-0.9, 0.9, 1_000, dtype=np.float32), 24_000)
    write_audio(tmp_path / "a.wav", clip)
    samples, rate = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert rate == 24_000
    assert np.allclose(samples, clip.samples, atol=1e-4)


@pytest.mark.parametrize("name", ["a.xyz", "missing/a.wav", "a"])
def test_what_cannot_be_written_is_one_clear_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(AudioError, match=r"use a name ending in \.wav"):
        write_audio(tmp_path / name, AudioClip(np.zeros(10, np.float32)))


def test_a_first_line_in_another_language_has_its_own_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def sentence(self: Synthesizer, text: str, language: str, speed: float) -> AudioClip:
        asked.append((text, language))
        return AudioClip(np.ones(100, np.float32), 22_050 if language == "fr" else 24_000)

    monkeypatch.setattr(Synthesizer, "_sentence", sentence)
    clip = Synthesizer().say("Je ne peux répondre à cela qu'en anglais.\nYour order is on its way. It is late.")
    assert [language for _, language in asked] == ["fr", "en", "en"]
    assert (clip.sample_rate, len(clip.samples)) == (22_050, 100 + 2 * (92 + 4_410))


def test_without_a_voice_for_the_first_line_the_rest_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert [c.text for c in Synthesizer().stream("На это я могу ответить только по-английски.\nIt is late.")] == [
        "It is late."
    ]
