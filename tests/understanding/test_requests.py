"""Clauses of one turn as the requests that they make."""

from __future__ import annotations

import pytest

from assistant.evaluation.understanding import Read
from assistant.understanding.requests import (
    Request,
    answer_apart,
    split_requests,
    without_dropped,
    without_withdrawn,
)
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


@pytest.mark.parametrize(
    ("said", "requests"),
    [
        ("my head hurts and by the way did the grinder ship", 2),
        ("cancel the mugs, oh and btw my chest feels tight", 2),
        ("i'm shattered, oh and before I forget add milk to the list", 2),
        ("the towels faded. while I have you, what time do you close", 2),
        ("我这两天老拉肚子，对了水管到底啥时候到啊", 2),
        ("取消杯子那单，完了给我接个人工", 2),
        ("我孩子发烧了，话说我的快递到哪了", 2),
        ("I want to know when the shoes come and I also want to send back the towels", 2),
        ("cancel it. one more question, do you open on sunday", 2),
        ("what is photosynthesis by the way", 1),
        ("I love this lamp, by the way. Where's the manual?", 1),
        ("把另外一个也取消", 1),
        ("他说对了我就放心了", 1),
    ],
)
def test_another_subject_begins_a_request_of_its_own(read: Read, said: str, requests: int) -> None:
    assert len(split_requests(read(said, "", ""))) == requests


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("they crackle, never mind that, is my hose coming today?", "is my hose coming today?"),
        ("戴着夹头，算了不说这个，磨豆机寄出没", "磨豆机寄出没"),
        ("the left one rattles. forget it. set a timer for 5 minutes", "set a timer for 5 minutes"),
        ("cancel A1002, never mind, where is A1008", "cancel A1002, never mind, where is A1008"),
        ("never mind that", "never mind that"),
        ("thanks, one last thing, how many days till Easter", "thanks, how many days till Easter"),
        ("对了，水管到哪了", "水管到哪了"),
        ("我背疼，对了，水管到哪了", "我背疼，对了，水管到哪了"),
        ("I never mind rain, is it raining?", "I never mind rain, is it raining?"),
    ],
)
def test_what_was_told_and_dropped_is_left_out(read: Read, said: str, kept: str) -> None:
    assert without_dropped(read(said, "", "")) == kept
