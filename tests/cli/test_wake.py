import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs
import pytest
from click.testing import Result

from assistant.speech.synthesis import Synthesizer, write_audio
from assistant.types import AudioClip


def spoken(folder: Path, name: str, words: str) -> Path:
    path = folder / f"{name}.wav"
    write_audio(path, Synthesizer("hibari").say(words, "en"))
    return path


def test_the_words_and_which_are_in_use_are_listed(assistant: Callable[..., Result]) -> None:
    done = assistant("wake", "list")
    assert done.exit_code == 0
    assert "hey jarvis   in use, sensitivity 0.5" in done.output
    assert "alexa        not in use" in done.output


def test_hits_and_false_wakes_an_hour_are_counted(assistant: Callable[..., Result], tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    word = spoken(tmp_path / "clips", "word", "Alexa!")
    write_audio(tmp_path / "clips" / "quiet.wav", AudioClip(np.zeros(16_000, np.float32)))
    said = assistant("wake", "test", "--word", "alexa", "--said", "alexa", "--json", str(word))
    report = json.loads(said.output)
    assert (report["heard"], report["hit_rate"], report["false_wakes"]) == (1, 1.0, 0)
    assert report["hits"][0]["word"] == "alexa"
    false = json.loads(assistant("wake", "test", "--word", "alexa=0.6", "--json", str(tmp_path / "clips")).output)
    assert (false["recordings"], false["false_wakes"]) == (2, 1)
    assert false["false_wakes_per_hour"] > 100


def test_a_wrong_file_is_named_and_the_others_are_tried(assistant: Callable[..., Result], tmp_path: Path) -> None:
    done = assistant("wake", "test", str(tmp_path / "none.wav"), str(spoken(tmp_path, "hey", "Hey Jarvis.")))
    assert done.exit_code == 1
    assert "none.wav" in done.output
    assert "hey jarvis at" in done.output


def test_wrong_words_are_refused(assistant: Callable[..., Result], tmp_path: Path) -> None:
    for arguments, words in (
        (("--word", "computer"), "There is no wake word 'computer'"),
        (("--word", "alexa=loud"), "must be a number between 0 and 1"),
        (("--word", "alexa", "--said", "hey jarvis"), "'hey jarvis' is not among the words tested"),
    ):
        done = assistant("wake", "test", *arguments, str(tmp_path))
        assert done.exit_code == 1
        assert words in done.output


@pytest.mark.models
def test_what_the_second_opinion_takes_back_is_counted_apart(
    assistant: Callable[..., Result], home: Path, tmp_path: Path
) -> None:
    home.mkdir()
    (home / "cache").symlink_to(platformdirs.user_cache_path("multimodal-assistant", appauthor=False))
    whole, half = spoken(tmp_path, "whole", "Hey Jarvis."), spoken(tmp_path, "half", "My Jarvis.")
    checked = json.loads(assistant("wake", "test", "--word", "hey jarvis", "--json", str(whole), str(half)).output)
    assert (checked["false_wakes"], checked["taken_back"]) == (1, 1)
    believed = json.loads(
        assistant("wake", "test", "--unchecked", "--word", "hey jarvis", "--json", str(whole), str(half)).output
    )
    assert (believed["false_wakes"], believed["taken_back"]) == (2, 0)
