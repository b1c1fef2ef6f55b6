"""Clauses of one turn as the requests that they make."""

from __future__ import annotations

import pytest

from assistant.understanding.requests import Request, answer_apart, without_withdrawn
from assistant.understanding.types import Act, Clause


def request(*clauses: tuple[Act, str]) -> Request:
    return Request(" ".join(text for _, text in clauses), tuple(Clause(text, 0, 0, act) for act, text in clauses))


@pytest.mark.parametrize(
    ("clauses", "parts"),
    [
        ([("stop", "forget it,"), ("request", "wake me at seven")], ["forget it,", "wake me at seven"]),
        ([("request", "wake me at seven,"), ("stop", "forget it")], ["wake me at seven, forget it"]),
        ([("stop", "forget it")], ["forget it"]),
        (
            [("statement", "they crackle,"), ("statement", "oh and is my hose coming today?")],
            ["they crackle,", "oh and is my hose coming today?"],
        ),
        ([("yes", "yes,"), ("question", "where is it?")], ["yes,", "where is it?"]),
        ([("undo", "take it back,"), ("question", "where is it?")], ["take it back, where is it?"]),
        ([("statement", "they crackle")], ["they crackle"]),
    ],
)
def test_an_answer_is_told_from_the_request_behind_it(clauses: list[tuple[Act, str]], parts: list[str]) -> None:
    assert [part.text for part in answer_apart([request(*clauses)])] == parts


def test_requests_that_are_apart_already_stay_so() -> None:
    two = [request(("stop", "forget it")), request(("request", "wake me"))]
    assert answer_apart(two) == two


@pytest.mark.parametrize(
    ("requests", "stand"),
    [
        ([request(("request", "cancel A1002,")), request(("stop", "no, forget it"))], []),
        ([request(("request", "cancel A1002,"), ("no", "no, forget it"))], []),
        ([request(("request", "cancel A1002,")), request(("request", "wake me at seven"))], [0, 1]),
        ([request(("question", "where is it?")), request(("stop", "forget it"))], [0, 1]),
    ],
)
def test_only_what_was_asked_for_before_it_is_withdrawn(requests: list[Request], stand: list[int]) -> None:
    assert without_withdrawn(requests) == [requests[place] for place in stand]
