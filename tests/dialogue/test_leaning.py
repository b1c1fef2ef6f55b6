"""Tests which of two decisions is used: by the words alone, or in the context of the turn before."""

from __future__ import annotations

from assistant.dialogue.leaning import surer
from assistant.types import OUT_OF_SCOPE, Candidate, Decision

UNCLEAR = Decision("clock.show", 0.4, "clarify", options=("clock.show", "shop.track"))


def context(confidence: float, second: float = 0.0) -> Decision:
    candidates = (Candidate("shop.track", confidence), Candidate("shop.cancel", second))
    return Decision("shop.track", confidence, "answer", candidates, source="in context")


def test_an_act_needs_more_certainty_than_an_answer() -> None:
    assert surer(UNCLEAR, context(0.6), acts=False).intent == "shop.track"
    assert surer(UNCLEAR, context(0.6), acts=True) == UNCLEAR


def test_what_is_surer_alone_is_gone_by() -> None:
    alone = Decision("clock.show", 0.95, "answer")
    assert surer(alone, context(0.8), acts=False) == alone
    assert surer(Decision("clock.show", 0.5, "answer"), context(0.8), acts=False).intent == "shop.track"


def test_a_question_offers_what_fits_the_conversation() -> None:
    asked = surer(UNCLEAR, context(0.4, 0.3), acts=True)
    assert (asked.outcome, asked.options) == ("clarify", ("shop.track", "shop.cancel"))


def test_what_surely_means_nothing_is_not_asked_about() -> None:
    nothing = Decision(OUT_OF_SCOPE, 0.9, "out_of_scope", source="in context")
    assert surer(UNCLEAR, nothing, acts=False) == nothing
    assert surer(Decision("clock.show", 0.6, "answer"), nothing, acts=False).intent == "clock.show"
