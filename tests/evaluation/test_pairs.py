"""What the fusion is worth on our own plugins; figures are printed with ``-s``."""

import os

import pytest

from assistant.bus import Bus
from assistant.encoders.factory import create_encoders
from assistant.errors import InputError
from assistant.evaluation.data import data_folder
from assistant.evaluation.pairs import POINTING, evaluate_pairs, is_right
from assistant.fusion import create_fusion
from assistant.intents import IntentModel
from assistant.plugins.manager import PluginManager
from assistant.settings import load_settings
from assistant.training.sayings import POINTING as LEARNT
from assistant.types import Decision

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


def test_pointing_words_are_none_that_were_learnt() -> None:
    assert not set(POINTING) & set(LEARNT)


@needs_data
@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(1200)
def test_a_picture_settles_pointing_words_and_everyday_pictures_settle_nothing() -> None:
    settings = load_settings()
    encoders = {encoder.name: encoder for encoder in create_encoders(settings)}
    strategy = create_fusion("attention")
    assert strategy is not None
    plugins = PluginManager(settings, Bus())
    plugins.load()
    model = IntentModel(encoders, strategy, settings)
    model.fit(plugins.intents)
    texts, vision = ([e for e in encoders.values() if e.modality == m] for m in ("text", "image"))
    report = evaluate_pairs(model.decide, texts, vision, lambda step, done, total: None)
    print(report.to_json())
    right = report.right
    assert right["together"]["ambiguous_text"].share > 0.88
    assert right["shuffled pictures"]["ambiguous_text"].share < 0.5
    assert right["words only"]["ambiguous_text"].share < 0.4
    assert right["together"]["ambiguous_text, nobody's"].share > 0.9
    assert right["together"]["specific_text"].share > 0.9
    assert report.everyday["img_imagenet1000"]["answer"].share < 0.07  # cars and computers may be damaged goods
    assert report.everyday["img_coco_qa"]["answer"].share < 0.12
