"""Measures the gain of fusion on our own plugins; figures are printed with ``-s``."""

import os

import pytest

from assistant.errors import InputError
from assistant.evaluation.pairs import POINTING, evaluate_pairs, is_right
from assistant.settings import load_settings
from assistant.training.data import data_folder
from assistant.training.sentences import POINTING as LEARNT
from assistant.types import Decision

needs_data = pytest.mark.skipif(not os.environ.get("ASSISTANT_DATA"), reason="ASSISTANT_DATA is not set")


def test_missing_data_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_DATA", raising=False)
    with pytest.raises(InputError, match="ASSISTANT_DATA"):
        data_folder("pairs_intents")


def test_an_out_of_scope_turn_is_right_when_nothing_is_answered() -> None:
    assert is_right(Decision("a.b", 0.4, "clarify"), "none")
    assert not is_right(Decision("a.b", 0.9, "answer"), "none")
    assert is_right(Decision("a.b", 0.9, "answer"), "a.b")
    assert not is_right(Decision("a.b", 0.9, "clarify"), "a.b")


def test_pointing_words_are_none_that_were_learnt() -> None:
    assert not set(POINTING) & set(LEARNT)


@needs_data
@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1200)
def test_a_picture_settles_pointing_words_and_everyday_pictures_settle_nothing() -> None:
    report = evaluate_pairs(load_settings(), lambda step, done, total: None, "attention", 0)
    print(report.to_json())
    found = {row.metric.partition(" (")[0]: row.value for row in report.rows}
    assert found["together: ambiguous_text"] > 88
    assert found["shuffled pictures: ambiguous_text"] < 50
    assert found["words only: ambiguous_text"] < 40
    assert found["together: ambiguous_text, out of scope"] > 90
    assert found["together: specific_text"] > 84
    assert found["unseen pointing words and a picture"] > 87
    assert report.value("unseen pointing words and a picture: with ahead of alone") > -2.5
    assert report.value("unseen pointing words and a picture: shuffled pictures") < 2
    for other in ("early", "late"):
        assert report.value(f"attention ahead of {other}, at 2.5 %") > 0
    assert found["pointing words with a picture: customer_service.report_damage"] > 85
    assert found["pointing words, img_imagenet1000: answered by a domain"] < 3.5
    assert found["pointing words, img_coco_qa: answered by a domain"] < 8  # 26 photographs: one is 3.8
