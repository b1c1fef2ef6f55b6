import os
from pathlib import Path

import pytest

from assistant.encoders import create_encoders
from assistant.evaluation.space import evaluate_space
from assistant.settings import load_settings


@pytest.mark.skipif(not os.environ.get("ASSISTANT_DATA"), reason="ASSISTANT_DATA is not set")
@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1200)
def test_photographs_are_found_without_having_learnt_from_photographs(tmp_path: Path) -> None:
    encoders = {encoder.name: encoder for encoder in create_encoders(load_settings())}
    report = evaluate_space(encoders, tmp_path, lambda step, done, total: None)
    print(report.to_json())
    shipped = report.recalls["caption → photograph, shipped map"]
    assert shipped.first > 0.13
    assert shipped.tenth > 0.5
    assert report.recalls["caption → photograph, map trained on this set"].first > 0.19
    assert report.recalls["caption → photograph, shuffled (chance)"].tenth < 0.1
    assert report.mean_area > 0.8
