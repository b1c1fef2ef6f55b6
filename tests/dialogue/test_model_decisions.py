"""Tests unsure turns: an urgent intent answers, or the one that takes any picture; the user decides the rest."""

import asyncio
from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from assistant.dialogue.model_decisions import ModelDecisions
from assistant.plugins.api import Intent
from assistant.types import Candidate, Decision, Encoding, Picture, Turn


def intent(name: str, **marks: Any) -> Intent:
    return Intent(name, lambda: "", name, (name,), **marks)


class Runner:
    """Runs the model at once."""

    async def call(self, function: Any, *arguments: Any) -> Any:
        return function(*arguments)


def decided(*options: str) -> Decision:
    made = Decision(options[0], 0.4, "clarify", tuple(Candidate(name, 0.4) for name in options), options)
    return decide(made, Turn(text="words"))


def decide(made: Decision, turn: Turn, kinds: Mapping[str, float] = MappingProxyType({})) -> Decision:
    vector = np.ones(2, np.float32)
    encoding = Encoding("text", "words", vector[None], np.ones(1, np.bool_), vector, text="words")
    model = SimpleNamespace(
        decide=lambda encodings: made, respell=lambda text: text, picture_kinds=lambda encodings: dict(kinds)
    )
    known = [intent("shop.cancel", acts=True), intent("shop.move"), intent("care.call", urgent=True)]
    known += [
        intent("alarm.call", urgent=True),
        intent("clock.set", acts=True),
        intent("clock.stop", acts=True),
        intent("clock.show", acts=False),
    ]
    plugins: Any = SimpleNamespace(
        intents=(*known, intent("eyes.tell", any_picture=True, acts=False)),
        tells_apart=lambda plugin: plugin == "clock",
        recognizes=lambda plugin: plugin == "alarm",
        knowing=_knowing,
    )
    nothing: Any = SimpleNamespace()
    decisions = ModelDecisions(Runner(), model, plugins, nothing, nothing, nothing)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decisions, "_runner", SimpleNamespace(call=Runner().call, read=_read(encoding)))
        return asyncio.run(decisions.part(turn)).decision


async def _knowing(turn: Turn) -> frozenset[str]:
    return frozenset({"shop"} if "grinder" in turn.utterance else ())


def _read(encoding: Encoding) -> Any:
    async def read(text: str, modality: str, notices: list[str]) -> list[Encoding]:
        return [encoding]

    return read


def test_an_urgent_intent_answers_where_the_model_hesitates() -> None:
    made = decided("shop.cancel", "care.call")
    assert (made.intent, made.outcome, made.options) == ("care.call", "answer", ())


def test_an_urgent_intent_that_its_own_plugin_did_not_hear_is_not_offered() -> None:
    made = decided("alarm.call", "shop.cancel", "shop.move")
    assert (made.intent, made.outcome, made.options) == ("shop.cancel", "clarify", ("shop.cancel", "shop.move"))
    made = decided("shop.move", "alarm.call")
    assert (made.intent, made.outcome, made.options) == ("shop.move", "answer", ())
    assert decided("alarm.call").intent == "alarm.call"


def test_other_hesitation_is_left_to_the_user() -> None:
    assert decided("shop.cancel", "shop.move").outcome == "clarify"


def test_a_plugin_that_tells_its_intents_apart_is_asked_for_the_likeliest() -> None:
    made = decided("clock.stop", "clock.set")
    assert (made.intent, made.outcome, made.options) == ("clock.stop", "answer", ())


def test_between_answering_and_acting_the_user_is_asked() -> None:
    assert decided("clock.stop", "clock.show").outcome == "clarify"
    assert decided("clock.stop", "shop.cancel").outcome == "clarify"


PHOTO = (Picture(Image.new("RGB", (4, 4), "red")),)


def test_a_picture_that_words_only_point_at_is_for_the_intent_that_takes_any() -> None:
    pointing = Decision("shop.move", 0.2, "clarify", out_of_scope=0.7)
    made = decide(pointing, Turn(text="what do you make of this", images=PHOTO))
    assert (made.intent, made.outcome, made.confidence) == ("eyes.tell", "answer", 0.8)
    assert decide(pointing, Turn(text="what do you make of this")).outcome == "clarify"
    alone = Decision("out_of_scope", 0.9, "out_of_scope", out_of_scope=0.9)
    assert decide(alone, Turn(images=PHOTO)).intent == "eyes.tell"
    assert decide(alone, Turn(text="who won the cup", images=PHOTO)).outcome == "out_of_scope"


def test_words_that_hardly_mean_anything_else_are_about_a_picture_of_no_known_kind() -> None:
    made = Decision("shop.move", 0.4, "clarify", options=("shop.move", "eyes.tell"), out_of_scope=0.3)
    turn = Turn(text="describe it", images=PHOTO)
    assert decide(made, turn).intent == "eyes.tell"
    assert decide(made, turn, {"leaf": 0.9}).outcome == "clarify"
    assert decide(made, Turn(text="describe it")).outcome == "clarify"
    fits = Decision("shop.move", 0.4, "clarify", options=("shop.move", "eyes.read"), out_of_scope=0.2)
    assert decide(fits, turn).intent == "eyes.read"
    others = Decision("shop.move", 0.5, "clarify", options=("shop.move", "shop.cancel"), out_of_scope=0.1)
    assert decide(others, turn).outcome == "clarify"


def test_a_picture_alone_begins_nothing_that_changes_something() -> None:
    shown = Decision("shop.cancel", 0.9, "answer", contributions={"text": 0.0, "image": 1.0})
    made = decide(shown, Turn(text="what do you make of this", images=PHOTO))
    assert (made.outcome, made.options) == ("clarify", ("shop.cancel", "eyes.tell"))
    said = Decision("shop.cancel", 0.9, "answer", contributions={"text": 0.8, "image": 0.2})
    assert decide(said, Turn(text="cancel it", images=PHOTO)).outcome == "answer"
    calm = Decision("shop.move", 0.9, "answer", contributions={"image": 1.0})
    assert decide(calm, Turn(text="this", images=PHOTO)).intent == "shop.move"


def test_what_hesitates_is_for_the_plugin_that_knows_what_is_named() -> None:
    made = decided("clock.stop", "shop.cancel")
    assert (made.outcome, decide(made, Turn(text="words")).outcome) == ("clarify", "clarify")
    known = decide(made, Turn(text="stop the grinder"))
    assert (known.intent, known.outcome, known.source) == ("shop.cancel", "answer", "known thing")
