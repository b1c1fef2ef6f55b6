from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from assistant.errors import ModelUnavailable
from assistant.fusion.late import LateFusion
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


def test_an_unchanged_set_is_not_fitted_again_and_a_changed_one_is(encoders: Any, make_intent: Any, read: Any) -> None:
    tea, lamp = make_intent("home.tea", *TEA), make_intent("home.lamp", *LAMP)
    first = IntentModel(encoders, LateFusion(), load_settings())
    assert not first.fit([tea, lamp]).cached
    again = IntentModel(encoders, LateFusion(), load_settings())
    assert again.fit([tea, lamp]).cached
    assert again.decide(read("brew green tea")).candidates == first.decide(read("brew green tea")).candidates
    assert not again.fit([tea, make_intent("home.lamp", *LAMP[1:])]).cached


def test_damaged_files_in_the_cache_only_cost_time(encoders: Any, make_intent: Any, read: Any, tmp_path: Any) -> None:
    tea = make_intent("home.tea", *TEA)
    IntentModel(encoders, LateFusion(), load_settings()).fit([tea])
    kept = list(tmp_path.rglob("*.safetensors"))
    assert kept
    for path in kept:
        path.write_bytes(path.read_bytes()[:100])
    model = IntentModel(encoders, LateFusion(), load_settings())
    assert not model.fit([tea]).cached
    assert model.decide(read("please brew some tea")).outcome == "answer"


def test_words_that_only_point_ask_what_it_is_about(model: IntentModel, read: Any) -> None:
    decision = model.decide(read("could you please have a look at this picture"))
    assert (decision.outcome, decision.options) == ("clarify", ())


def test_a_turn_names_the_words_it_looked_at(model: IntentModel, read: Any) -> None:
    attended = model.decide(read("please switch on that lamp")).attended
    assert {modality for modality, _, _ in attended} == {"text"}
    assert attended[0][2] == max(share for _, _, share in attended)
    assert sum(share for _, _, share in attended) <= 1.001


def test_hundreds_of_intents_are_told_apart(encoders: Any, make_intent: Any, read: Any) -> None:
    rng = np.random.default_rng(0)
    syllables = ["ka", "lo", "mi", "ru", "te", "sa", "no", "vi", "pe", "du"]
    names = ["".join(rng.choice(syllables, 5)) for _ in range(300)]
    model = IntentModel({"use": encoders["use"]}, LateFusion(), load_settings())
    model.fit([make_intent(f"many.{i}", f"open the {name}", f"show {name} now") for i, name in enumerate(names)])
    assert model.decide(read(f"please open {names[7]}", "use")).candidates[0].intent == "many.7"
