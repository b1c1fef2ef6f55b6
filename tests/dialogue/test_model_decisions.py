"""Where the model hesitates, an urgent intent answers; nothing else is decided for the user."""

import asyncio
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from assistant.dialogue.model_decisions import ModelDecisions
from assistant.plugins.api import Intent
from assistant.types import Candidate, Decision, Encoding, Turn


def intent(name: str, *, urgent: bool = False, acts: bool | None = None) -> Intent:
    return Intent(name, lambda: "", name, (name,), urgent=urgent, acts=acts)


class Runner:
    """Runs the model at once."""

    async def call(self, function: Any, *arguments: Any) -> Any:
        return function(*arguments)


def decided(*options: str) -> Decision:
    made = Decision(options[0], 0.4, "clarify", tuple(Candidate(name, 0.4) for name in options), options)
    vector = np.ones(2, np.float32)
    encoding = Encoding("text", "words", vector[None], np.ones(1, np.bool_), vector, text="words")
    model = SimpleNamespace(decide=lambda encodings: made, respell=lambda text: text)
    plugins: Any = SimpleNamespace(
        intents=(
            *(intent("shop.cancel"), intent("shop.move"), intent("care.call", urgent=True)),
            *(intent("clock.set", acts=True), intent("clock.stop", acts=True), intent("clock.show", acts=False)),
        ),
        tells_apart=lambda plugin: plugin == "clock",
    )
    nothing: Any = SimpleNamespace()
    decisions = ModelDecisions(Runner(), model, plugins, nothing, nothing, nothing)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decisions, "_runner", SimpleNamespace(call=Runner().call, read=_read(encoding)))
        return asyncio.run(decisions.part(Turn(text="words"))).decision


def _read(encoding: Encoding) -> Any:
    async def read(text: str, modality: str, notices: list[str]) -> list[Encoding]:
        return [encoding]

    return read


def test_an_urgent_intent_answers_where_the_model_hesitates() -> None:
    made = decided("shop.cancel", "care.call")
    assert (made.intent, made.outcome, made.options) == ("care.call", "answer", ())


def test_other_hesitation_is_left_to_the_user() -> None:
    assert decided("shop.cancel", "shop.move").outcome == "clarify"


def test_a_plugin_that_tells_its_intents_apart_is_asked_for_the_likeliest() -> None:
    made = decided("clock.stop", "clock.set")
    assert (made.intent, made.outcome, made.options) == ("clock.stop", "answer", ())


def test_between_answering_and_acting_the_user_is_asked() -> None:
    assert decided("clock.stop", "clock.show").outcome == "clarify"
    assert decided("clock.stop", "shop.cancel").outcome == "clarify"
