from __future__ import annotations

import sys

import numpy as np
import pytest

from assistant.errors import SettingsError
from assistant.evaluation.metrics import (
    area_under_roc,
    calibration_error,
    confusions,
    macro_f1,
    recall_at_retention,
    reliability,
    word_error_rate,
)


def test_macro_f1_counts_rare_classes_as_much_as_common_ones() -> None:
    truth = ["a", "a", "a", "b"]
    assert macro_f1(truth, truth) == 1.0
    assert macro_f1(truth, ["a", "a", "a", "a"]) == pytest.approx((6 / 7 + 0.0) / 2)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    confidences = np.full(100, 0.8)
    assert calibration_error(confidences, np.arange(100) < 80) == pytest.approx(0.0)
    assert calibration_error(confidences, np.arange(100) < 50) == pytest.approx(0.3)


def test_area_under_roc_agrees_with_counting_pairs() -> None:
    rng = np.random.default_rng(0)
    inside, outside = rng.integers(0, 9, 40).astype(float), rng.integers(0, 7, 30).astype(float)
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in inside for b in outside]
    assert area_under_roc(inside, outside) == pytest.approx(np.mean(pairs))


def test_recall_is_taken_where_the_share_to_keep_is_kept() -> None:
    inside = np.linspace(0.5, 1.0, 101)
    assert recall_at_retention(inside, np.array([0.0, 0.4, 0.9, 0.95]), 0.95) == 0.5


def test_reliability_holds_every_prediction_once() -> None:
    rng = np.random.default_rng(0)
    sure = np.append(rng.random(500), [0.0, 1.0])
    bins = reliability(sure, rng.random(502) < sure, 10)
    assert sum(turns for turns, _, _ in bins) == 502
    assert all(abs(confidence - accuracy) < 0.25 for _, confidence, accuracy in bins)


def test_confusions_are_counted_most_frequent_first() -> None:
    truth, guesses = ["a", "a", "b", "b", "c"], ["b", "b", "b", "c", "a"]
    assert confusions(truth, guesses) == [("a", "b", 2), ("b", "c", 1), ("c", "a", 1)]


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
