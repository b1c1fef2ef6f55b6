"""Measures speed and word errors of speech recognition with the default settings."""

import csv
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from assistant.evaluation.metrics import word_error_rate
from assistant.evaluation.speech import MEDIAN, evaluate_speech, measure_noises, recorded_commands
from assistant.inputs.audio_file import read_audio
from assistant.settings import load_settings
from assistant.speech import SpeechRecognizer

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def data() -> Path:
    if not (folder := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA does not name the folder of recordings")
    return Path(folder)


def rows(folder: Path) -> Iterator[dict[str, str]]:
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@pytest.mark.slow
def test_both_windows_are_measured_on_the_same_clips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.evaluation.speech.find_spec", lambda name: None)
    report = evaluate_speech(load_settings(), lambda *_: None, 1, None, "en", None)
    assert report.value(MEDIAN) > 0
    assert report.value("words wrong") < 15
    assert report.value("full window, words wrong") < 15
    assert not any(row.peer for row in report.rows)


def test_noises_in_which_words_are_heard_are_counted(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "hum.wav", 0.2 * np.sin(np.arange(24_000) / 30), 16_000)
    soundfile.write(tmp_path / "hiss.wav", rng.normal(0, 0.1, 24_000), 16_000)
    (tmp_path / "manifest.csv").write_text("file,class\nhum.wav,hum\nhiss.wav,hiss\n")
    row = measure_noises(tmp_path, load_settings(), lambda step, done, total: None)
    assert (row.value, row.at_most) == (0, 0)
    assert "of 2" in row.metric


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_a_command_is_understood_faster_than_by_faster_whisper() -> None:
    pytest.importorskip("faster_whisper")
    rows = {row.metric: row for row in evaluate_speech(load_settings(), lambda *_: None, 5, None, "en", None).rows}
    assert (peer := rows[MEDIAN].peer)
    assert peer.value > 2 * rows[MEDIAN].value
    assert (wrong := rows["words wrong"].peer)
    assert rows["words wrong"].value <= wrong.value + 2


@pytest.mark.data
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("folder", "language", "most"),
    [
        ("speech_homeassistant_commands", "en", 0.09),
        ("speech_misc_gold", "en", 0.06),
        ("speech_zh_aishell3_biaobei", "zh", 0.35),
    ],
)
def test_the_right_sized_window_keeps_the_words(data: Path, folder: str, language: str, most: float) -> None:
    commands = list(recorded_commands(data / folder, language))
    commands = [(clip, words) for clip, words in commands if "sorpresa" not in words]  # Spanish, listed as English
    assert commands
    rates = [
        word_error_rate([(words, recognizer.transcribe(clip).text) for clip, words in commands], language)
        for recognizer in (SpeechRecognizer(language=language, right_sized=size) for size in (True, False))
    ]
    assert rates[0] < most
    assert rates[0] <= rates[1] + 0.015


@pytest.mark.data
@pytest.mark.timeout(300)
def test_no_word_is_invented_for_eighty_noises(data: Path) -> None:
    recognizer = SpeechRecognizer()
    noises = [row["file"] for row in rows(data / "noise_esc10")]
    assert len(noises) == 80
    heard = {name: recognizer.transcribe(read_audio(data / "noise_esc10" / name)).text for name in noises}
    assert {name: text for name, text in heard.items() if text} == {}


@pytest.mark.data
@pytest.mark.timeout(300)
def test_the_language_of_short_commands_is_heard(data: Path) -> None:
    recognizer = SpeechRecognizer()
    folder = data / "speech_homeassistant_commands"
    spoken = [row for row in rows(folder) if row["kind"] == "recorded" and row["lang"] in {"en", "fr"}]
    spoken = [row for row in spoken if "silence" not in row["file"]]
    wrong = [
        row["file"] for row in spoken if recognizer.transcribe(read_audio(folder / row["file"])).language != row["lang"]
    ]
    assert len(wrong) <= 1, wrong
