"""What the fusion is worth on real pictures; figures are printed with ``-s``."""

import os
from pathlib import Path

import pytest

from assistant.encoders import create_encoders
from assistant.errors import InputError
from assistant.evaluation.fusion import data_folder, evaluate_retrieval, is_right
from assistant.evaluation.sentiment import evaluate_sentiment
from assistant.messages import Decision
from assistant.settings import load_settings

needs_data = pytest.mark.skipif(not os.environ.get("ASSISTANT_DATA"), reason="ASSISTANT_DATA is not set")


def test_missing_data_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_DATA", raising=False)
    with pytest.raises(InputError, match="ASSISTANT_DATA"):
        data_folder("pairs_intents")


def test_a_turn_of_nobodys_is_right_when_nothing_is_answered() -> None:
    assert is_right(Decision("a.b", 0.4, "clarify"), "none")
    assert not is_right(Decision("a.b", 0.9, "answer"), "none")
    assert is_right(Decision("a.b", 0.9, "answer"), "a.b")
    assert not is_right(Decision("a.b", 0.9, "clarify"), "a.b")


@needs_data
@pytest.mark.data
@pytest.mark.models
def test_photographs_are_found_by_captions_without_having_learnt_from_photographs() -> None:
    by_name = {encoder.name: encoder for encoder in create_encoders(load_settings())}
    first, tenth = evaluate_retrieval(by_name["bert"], by_name["efficientnet-lite0"])
    print(f"R@1 {first:.3f}, R@10 {tenth:.3f} of 200")
    assert tenth > 0.4


@needs_data
@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1200)
def test_words_and_pictures_together_beat_either_alone(tmp_path: Path) -> None:
    by_name = {encoder.name: encoder for encoder in create_encoders(load_settings())}
    texts = {name: by_name[name] for name in ("bert", "use")}
    vision, statistics = by_name["efficientnet-lite0"], by_name["image-statistics"]
    found = evaluate_sentiment(texts, vision, statistics, tmp_path, lambda step, done, total: None).accuracy
    print(found)
    assert found["attention"] > max(found["words only"], found["picture only"]) + 0.01
    assert found["attention"] > found["attention, shuffled pictures"] + 0.02
    assert found["attention, without picture"] >= found["words only"] - 0.01
