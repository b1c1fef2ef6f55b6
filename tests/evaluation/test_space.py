import os
from pathlib import Path

import pytest

from assistant.encoders.factory import create_encoders
from assistant.evaluation.space import evaluate_space
from assistant.settings import load_settings
from assistant.speech import SpeechRecognizer


@pytest.mark.skipif(not os.environ.get("ASSISTANT_DATA"), reason="ASSISTANT_DATA is not set")
@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1200)
def test_photographs_and_texts_are_found_without_having_learnt_from_their_likes(tmp_path: Path) -> None:
    encoders = {encoder.name: encoder for encoder in create_encoders(load_settings())}
    report = evaluate_space(encoders, SpeechRecognizer(language="en"), tmp_path, lambda step, done, total: None)
    print(report.to_json())
    shipped = report.recalls["caption → photograph, shipped map"]
    assert shipped.first > 0.13
    assert shipped.tenth > 0.5
    assert report.recalls["caption → photograph, map trained on this set"].first > 0.19
    assert report.recalls["caption → photograph, shuffled (chance)"].tenth < 0.1
    assert report.mean_area > 0.8
    spoken = report.spoken
    assert spoken["request, neural voice → its text"].first > 0.25
    assert spoken["request, espeak-ng → its text"].tenth > 0.4
    assert spoken["caption, neural voice → photograph"].tenth > 0.17
    assert spoken["recorded person → their text"].tenth > 0.4
    assert spoken["recorded person → another's text (chance)"].tenth < 0.25
