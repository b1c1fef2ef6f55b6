"""Tests which clauses let an intent act that changes something."""

from typing import Any

import pytest

from assistant.understanding.permission import obstacle_to_acting
from assistant.understanding.types import Clause


def clause(text: str, **values: Any) -> Clause:
    return Clause(text, 0, len(text), **{"act": "request", "confidence": 0.9, **values})


@pytest.mark.parametrize(
    ("said", "obstacle"),
    [
        (clause("cancel it"), None),
        (clause("did you cancel it?", act="question"), "asked"),
        (clause("no", act="no"), "refused"),
        (clause("hm, wait", act="hedge"), "refused"),
        (clause("cancel my neighbour's order", whose="another"), "another"),
        (clause("don't cancel it", polarity="negative"), "refused"),
        (clause("cancel nothing", scope="nothing"), "refused"),
        (clause("if I cancelled it", time="supposed"), "supposed"),
        (clause("cancel it tomorrow", time="later"), "later"),
        (clause("cancel it", time="later"), None),  # no word names a later time
        (clause("I cancelled one", act="statement"), "told"),
    ],
)
def test_only_a_request_of_the_users_own_for_now_lets_an_intent_act(said: Clause, obstacle: str | None) -> None:
    assert obstacle_to_acting(said) == obstacle


def test_what_an_intent_is_usually_asked_with_is_no_obstacle() -> None:
    later = clause("remind me tomorrow", time="later")
    sister = clause("remind me of my sister's birthday", whose="another")
    assert obstacle_to_acting(later, usual=["later"]) is None
    assert obstacle_to_acting(sister, usual=["another"]) is None
    never = clause("my parcel never came", act="statement", polarity="negative")
    assert obstacle_to_acting(never, {"request", "statement"}) is None
    years_ago = clause("years ago my parcel never came", act="statement")
    assert obstacle_to_acting(years_ago, {"request", "statement"}) == "told"
