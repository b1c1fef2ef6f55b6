from __future__ import annotations

from typing import Any

import pytest

from assistant.errors import ModelUnavailable
from assistant.fusion import LateFusion
from assistant.intents import IntentModel
from assistant.settings import load_settings

LAMP = (
    "turn on the lamp",
    "switch the lamp on",
    "lamp on please",
    "make the lamp shine",
    "light the lamp",
    "put the lamp on",
)
TEA = ("brew some tea", "make me a cup of tea", "tea please", "boil water for tea", "I want tea", "prepare green tea")
TRAIN = (
    "when does the train leave",
    "next train please",
    "train times",
    "is the train late",
    "train to the city",
    "book a train",
)


@pytest.fixture
def model(encoders: Any, make_intent: Any) -> IntentModel:
    model = IntentModel(encoders, LateFusion(), load_settings())
    model.fit([make_intent("home.lamp", *LAMP), make_intent("home.tea", *TEA), make_intent("home.train", *TRAIN)])
    return model


def test_a_paraphrase_is_answered(model: IntentModel, read: Any) -> None:
    decision = model.decide(read("please switch on that lamp"))
    assert (decision.outcome, decision.intent) == ("answer", "home.lamp")
    assert sum(c.confidence for c in decision.candidates) <= 1.0
    assert decision.contributions == {"text": 1.0}


def test_nonsense_is_out_of_scope(model: IntentModel, read: Any) -> None:
    decision = model.decide(read("purple monkeys juggle dishwashers"))
    assert decision.outcome == "out_of_scope"
    assert decision.out_of_scope > 0.5


def test_a_missing_view_does_not_change_the_intent(model: IntentModel, read: Any) -> None:
    for views in (("bert",), ("use",), ("bert", "use")):
        assert model.decide(read("brew green tea", *views)).intent == "home.tea"


def test_a_transcript_counts_as_audio(model: IntentModel, read: Any) -> None:
    decision = model.decide(read("is the next train late", modality="audio"))
    assert decision.intent == "home.train"
    assert decision.contributions == {"audio": 1.0}


def test_nothing_at_all_is_out_of_scope(model: IntentModel) -> None:
    assert model.decide([]).outcome == "out_of_scope"


def test_no_intents_means_everything_is_out_of_scope(encoders: Any, read: Any) -> None:
    model = IntentModel(encoders, LateFusion(), load_settings())
    assert model.fit([]).intents == 0
    assert model.decide(read("brew some tea")).outcome == "out_of_scope"


@pytest.mark.parametrize("examples", [TEA, TEA[:2], TEA[:1]])
def test_one_intent_alone_still_tells_its_own_from_the_rest(
    encoders: Any, make_intent: Any, read: Any, examples: tuple[str, ...]
) -> None:
    model = IntentModel(encoders, LateFusion(), load_settings())
    model.fit([make_intent("home.tea", *examples)])
    assert model.decide(read("please brew some tea")).outcome == "answer"
    assert model.decide(read("wolves howl underneath copper moons")).outcome == "out_of_scope"


def test_an_encoder_that_fails_is_left_out(encoders: Any, make_intent: Any, read: Any) -> None:
    def refuse(inputs: object) -> list[Any]:
        raise ModelUnavailable("no weights here")

    broken = encoders["bert"]
    broken.encode = refuse
    model = IntentModel(encoders, LateFusion(), load_settings())
    model.fit([make_intent("home.tea", *TEA), make_intent("home.lamp", *LAMP)])
    assert model.decide(read("brew green tea")).intent == "home.tea"
    with pytest.raises(ModelUnavailable, match="no weights"):
        IntentModel({"bert": broken}, LateFusion(), load_settings()).fit([make_intent("home.tea", *TEA)])


def test_a_second_fit_reads_only_new_sentences(encoders: Any, make_intent: Any) -> None:
    model = IntentModel(encoders, LateFusion(), load_settings())
    model.fit([make_intent("home.tea", *TEA)])
    encoders["use"].asked.clear()
    model.fit([make_intent("home.tea", *TEA), make_intent("home.lamp", *LAMP)])
    assert encoders["use"].asked == [*LAMP, "lamp"]
