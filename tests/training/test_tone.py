"""The tone head learns what is there, on speakers it has not heard."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import InputError
from assistant.evaluation.tone import Voices, measure_tone, read_corpora, read_voices
from assistant.settings import Settings

EMOTIONS = ("anger", "anxiety/fear", "happiness", "neutral", "sadness")


def voices(seed: int, loudness: float = 1.0, emotions: tuple[str, ...] = EMOTIONS, name: str = "acted") -> Voices:
    """Speakers in whom anger shows in the second number; the first is how near the microphone was."""
    rng = np.random.default_rng(seed)
    kinds = [emotion for _ in range(40) for emotion in emotions]
    rows = rng.normal(0, 1, (len(kinds), 6))
    rows[:, 0] += loudness
    rows[:, 1] += np.array([3.0 * (kind == "anger") for kind in kinds])
    rows[:, 2] += np.array([3.0 * (kind in EMOTIONS[:3]) for kind in kinds])
    speakers = tuple(f"{name}/{i // len(emotions) % 5}" for i in range(len(kinds)))
    return Voices(rows.astype(np.float32), speakers, tuple(kinds))


def test_speakers_left_out_are_heard_and_calm_ones_raise_no_alarm() -> None:
    calm = voices(1, 4.0, ("neutral",), "read")
    report = measure_tone(voices(0), [calm])
    assert report.value("anger: AUROC") > 95
    assert report.value("arousal: AUROC") > 95
    assert report.value("anger: false alarms, read speech") < 5
    assert report.value("distress: AUROC") < 75, "nothing in these numbers tells sadness"
    assert report.data.endswith(f"{len(calm.speakers)} of read speech")


def test_labels_follow_the_emotions() -> None:
    rows = Voices(np.zeros((3, 1), np.float32), ("a", "b", "c"), ("anger", "sadness", "neutral"))
    assert rows.labels.tolist() == [[True, True, False], [False, False, True], [False, False, False]]


def test_a_folder_without_recordings_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_DATA", raising=False)
    with pytest.raises(InputError, match="ASSISTANT_DATA"):
        read_corpora(None, (), Settings(), lambda *_: None)
    with pytest.raises(InputError, match=r"manifest\.csv"):
        read_voices(tmp_path, Settings(), lambda *_: None)
    for text in ("name\nx\n", ""):
        (tmp_path / "manifest.csv").write_text(text, "utf-8")
        with pytest.raises(InputError, match="columns file"):
            read_voices(tmp_path, Settings(), lambda *_: None)


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1800)
def test_tone_is_heard_in_real_voices_that_were_left_out() -> None:
    if not (root := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA is not set")

    def read(name: str) -> Voices:
        return read_voices(Path(root) / name, Settings(), lambda *_: None)

    calm = [read("speech_librispeech_resemblyzer"), read("speech_zh_aishell3_biaobei")]
    report = measure_tone(read("emotion_emodb"), calm, [read("speech_misc_gold")])
    assert report.value("arousal: AUROC") > 93
    assert report.value("anger: AUROC") > 93
    assert report.value("distress: AUROC") > 82
    for name in ("anger", "distress"):
        assert report.value(f"{name}: false alarms, read speech") < 6
