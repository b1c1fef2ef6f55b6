from __future__ import annotations

import sys

import numpy as np
import pytest

from assistant.errors import SettingsError
from assistant.evaluation.metrics import (
    area_under_roc,
    calibration_error,
    word_error_rate,
)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    confidences = np.full(100, 0.8)
    assert calibration_error(confidences, np.arange(100) < 80) == pytest.approx(0.0)
    assert calibration_error(confidences, np.arange(100) < 50) == pytest.approx(0.3)


def test_area_under_roc_agrees_with_counting_pairs() -> None:
    rng = np.random.default_rng(0)
    inside, outside = rng.integers(0, 9, 40).astype(float), rng.integers(0, 7, 30).astype(float)
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in inside for b in outside]
    assert area_under_roc(inside, outside) == pytest.approx(np.mean(pairs))


def test_word_errors_are_counted_over_all_clips_together() -> None:
    assert word_error_rate([("red green blue", "red grey blue"), ("cat", "cat dog")]) == pytest.approx(2 / 4)
    assert word_error_rate([("red green", "")]) == 1.0
    with pytest.raises(ValueError, match="at least one reference word"):
        word_error_rate([("", "words")])


def test_case_punctuation_and_ways_to_write_numbers_do_not_count() -> None:
    assert word_error_rate([("SET A TIMER FOR FIVE MINUTES", "Set a timer, for 5 minutes.")]) == 0


def test_chinese_is_counted_in_characters() -> None:
    assert word_error_rate([("今天天气很好", "今天,天汽很好。")], "zh") == pytest.approx(1 / 6)


def test_a_missing_package_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(SettingsError, match=r"pip install 'multimodal-assistant\[evaluate\]'"):
        word_error_rate([("a", "b")])
