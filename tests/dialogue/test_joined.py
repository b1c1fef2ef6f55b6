"""Two requests without a break between them are told apart where both surely mean something."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from assistant.dialogue.decided import Decided
from assistant.dialogue.joined import joined
from assistant.plugins.api import Intent
from assistant.types import Candidate, Decision, Turn
from assistant.understanding.requests import Request
from assistant.understanding.types import Clause

MEANT = {
    "roll a die": "dice.roll",
    "wake me at seven": "clock.wake",
    "cancel A1002": "shop.cancel",
    "get me a human": "shop.person",
}
INTENTS = (
    Intent("dice.roll", lambda: "", "", (), acts=False),
    Intent("clock.wake", lambda: "", "", (), acts=True),
    Intent("shop.cancel", lambda: "", "", (), acts=True),
    Intent("shop.person", lambda: "", "", (), acts=True, directs="human"),
)


class Models:
    """Knows none of the words."""

    async def part(self, turn: Turn) -> Decided:
        made = Decision("out_of_scope", 0.9, "out_of_scope", (Candidate("phone.call", 0.1),))
        return Decided(made, turn, turn)


def parts(text: str, exact: str = "") -> list[tuple[str, str]]:
    turn = Turn(text=text)

    async def meaning(part: Turn) -> str:
        return MEANT.get(part.utterance, "")

    clause = Clause(text, 0, len(text), "request")
    models: Any = Models()
    request = Request(text, (clause,))
    found = asyncio.run(joined(turn, exact, meaning, models, INTENTS, [request], lambda words: "call" in words))
    return [(part.turn.utterance, part.decision.intent) for part in found]


@pytest.mark.parametrize(
    "text",
    [
        "roll a die and wake me at seven",
        "roll a die, wake me at seven",
        "roll a die then wake me at seven",
    ],
)
def test_two_sure_requests_are_decided_in_order(text: str) -> None:
    assert parts(text) == [("roll a die", "dice.roll"), ("wake me at seven", "clock.wake")]


def test_a_joint_beside_refused_words_divides_nothing_and_the_next_one_may(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parts("roll a die and don't call") == []
    monkeypatch.setitem(MEANT, "wake me at seven and don't ring twice", "clock.wake")
    two = [("roll a die", "dice.roll"), ("wake me at seven and don't ring twice", "clock.wake")]
    assert parts("roll a die, wake me at seven and don't ring twice") == two


def test_a_joint_at_which_nothing_is_known_divides_nothing_and_the_next_one_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(MEANT, "wake me at seven and a half", "clock.wake")
    two = [("roll a die", "dice.roll"), ("wake me at seven and a half", "clock.wake")]
    assert parts("roll a die, wake me at seven and a half") == two


def test_two_requests_that_both_change_something_are_not_done_at_once() -> None:
    assert parts("cancel A1002 and wake me at seven") == []


def test_whoever_wants_a_person_wants_nothing_else() -> None:
    assert parts("roll a die and get me a human") == [("roll a die and get me a human", "shop.person")]


def test_what_nothing_serves_before_a_sure_request_is_kept() -> None:
    both = [("call mum", "out_of_scope"), ("wake me at seven", "clock.wake")]
    assert parts("call mum and wake me at seven", exact="clock.wake") == both
    assert parts("good mum and wake me at seven", exact="clock.wake") == []
