"""Words that lean on what was said before."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from assistant.fusion.late import LateFusion
from assistant.intents.follow_ups import INTENT_FEATURES, NOTHING_FEATURES, WEIGHTS, FollowUpHead, Leaning, joined_words
from assistant.intents.follow_ups import weigh as weigh_in_context
from assistant.intents.model import IntentModel
from assistant.settings import load_settings
from assistant.types import OUT_OF_SCOPE, Candidate, Decision

NAMES = ("home.lamp", "home.tea", "kitchen.oven")


def made(out: float, **confidences: float) -> Decision:
    """A decision in which the intents, named without their plugins, are so likely."""
    found = {name.partition(".")[2]: name for name in NAMES}
    candidates = tuple(Candidate(found[name], each) for name, each in confidences.items())
    return Decision(OUT_OF_SCOPE, out, "out_of_scope", candidates, out_of_scope=out)


def leaning(alone: Decision, joint: Decision, last: str, text: str = "and that one") -> Leaning:
    return Leaning(NAMES, (False, False, False), alone, joint, last, text, None)


def test_what_says_nothing_alone_is_for_what_it_was_said_after() -> None:
    alone = made(0.9, lamp=0.04, tea=0.03, oven=0.03)
    decision = weigh_in_context(leaning(alone, made(0.02, tea=0.95, lamp=0.02), "home.tea"))
    assert (decision.intent, decision.outcome, decision.source) == ("home.tea", "answer", "in context")


def test_what_is_clear_alone_stays_what_it_is() -> None:
    alone = made(0.01, oven=0.97, tea=0.01)
    decision = weigh_in_context(
        leaning(alone, made(0.1, tea=0.6, oven=0.3), "home.tea", "preheat the oven to 180 degrees")
    )
    assert decision.intent == "kitchen.oven"


def test_what_fits_nothing_stays_nothing() -> None:
    alone = made(0.99, lamp=0.004, tea=0.003, oven=0.003)
    said = np.log(np.array([0.01, 0.01, 0.01, 0.97], np.float32))
    told = "my grandmother comes from Kraków, you know"
    decision = weigh_in_context(replace(leaning(alone, made(0.97, tea=0.01), "home.tea", told), head=said))
    assert decision.intent == OUT_OF_SCOPE
    assert decision.confidence == decision.out_of_scope


def test_the_probabilities_of_a_decision_sum_to_one() -> None:
    decision = weigh_in_context(leaning(made(0.5, tea=0.3, lamp=0.2), made(0.4, tea=0.5), "home.tea"))
    assert sum(each.confidence for each in decision.candidates) + decision.out_of_scope == pytest.approx(1.0, abs=1e-4)


def test_the_shipped_weights_fit_the_features() -> None:
    assert len(json.loads(WEIGHTS.read_text("utf-8"))["weights"]) == INTENT_FEATURES + NOTHING_FEATURES


def test_an_intent_that_declares_no_follow_ups_is_as_likely_as_any() -> None:
    vectors = np.eye(4, dtype=np.float32)
    taught = [("make it four", "home.tea"), ("one more", "home.tea"), ("dimmer", "home.lamp"), ("I see", OUT_OF_SCOPE)]
    head = FollowUpHead.fit(taught, vectors)
    assert head is not None
    lamp, tea, oven, nothing = head.log_probabilities(vectors[0], NAMES)
    assert tea > max(lamp, nothing)
    assert oven == pytest.approx(-np.log(3))


def test_two_turns_are_joined_as_their_language_writes() -> None:
    assert joined_words("Where is A1002?", "and the other") == "Where is A1002. and the other"
    assert joined_words("订单到哪了", "那另一个呢") == "订单到哪了，那另一个呢"


def test_a_model_decides_in_context_with_what_its_plugins_declare(encoders: Any, make_intent: Any, read: Any) -> None:
    tea = make_intent("home.tea", "brew some tea", "make me a cup of tea", "tea please", "boil water for tea")
    lamp = make_intent("home.lamp", "switch on the lamp", "turn the lamp off", "make the lamp brighter", "lamp on")
    tea, lamp = replace(tea, after=("another cup", "make it green")), replace(lamp, after=("a bit darker", "off again"))
    model = IntentModel(encoders, LateFusion(), load_settings(), keep=False)
    model.fit([tea, lamp])
    alone, joint = (model.decide(read(words)) for words in ("one more cup", joined_words("tea please", "one more cup")))
    decision = model.in_context(alone, joint, "home.tea", read("one more cup"))
    assert (decision.intent, decision.outcome) == ("home.tea", "answer")
