"""Identifiers are recognised however they are spelled, and never guessed."""

from __future__ import annotations

import pytest

from assistant.understanding.entities.identifiers import identifier_readings, named_identifiers

KNOWN = ["A1001", "A1002", "A1007", "A1008", "RMA-204", "2024-0815"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("A ten oh seven", ["A1007"]),
        ("Cancel Order 10-07.", ["A1007"]),
        ("a 10 07", ["A1007"]),
        ("Where's order 1 0 0 1?", ["A1001"]),
        ("Please cancel. Order 1-0-0-2.", ["A1002"]),
        ("where is order one zero zero one", ["A1001"]),
        ("cancel order ten oh seven", ["A1007"]),
        ("order one thousand and seven", ["A1007"]),
        ("A one double zero eight", ["A1008"]),
        ("A１００１", ["A1001"]),
        ("where is A1 001", ["A1001"]),
        ("where is order A 1001", ["A1001"]),
        ("where is A1001's parcel", ["A1001"]),
        ("A-1002", ["A1002"]),
        ("order number 1002 please", ["A1002"]),
        ("cancel A1002, A1007 and A1008", ["A1002", "A1007", "A1008"]),
        ("cancel 1001 1008", ["A1001", "A1008"]),
        ("A1002 2 grinders", ["A1002"]),
        ("rma 204", ["RMA-204"]),
        ("R M A two oh four", ["RMA-204"]),
        ("ticket 2024-0815", ["2024-0815"]),
        ("2024 0815", ["2024-0815"]),
        ("订单一零零一到哪了", ["A1001"]),
        ("A幺零零七", ["A1007"]),
        ("取消订单A1002和A1007", ["A1002", "A1007"]),
    ],
)
def test_known_identifiers_are_found(text: str, named: list[str]) -> None:
    assert identifier_readings(text, KNOWN) == named


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("13800138000", ["13800138000"]),
        ("where is A1009", ["A1009"]),
        ("B1002", ["B1002"]),
        ("order 1 0 0 1 5", ["10015"]),
        ("order 10010", ["10010"]),
        ("call me at 555 1001 567", ["5551001567"]),
    ],
)
def test_unknown_identifiers_are_read_back_and_never_taken_for_another(text: str, unknown: list[str]) -> None:
    assert identifier_readings(text, KNOWN) == unknown


@pytest.mark.parametrize(
    "text",
    [
        "refund $1001",
        "1002 euros",
        "I want 3 instead of 1",
        "in 2024",
        "",
        "at 10:07",
        "10.07.2026",
        "1001 days",
        "5 %",
        "100 - 20%",
        "1.234,56 + 1",
        "12 000 / 4",
    ],
)
def test_other_numbers_are_no_identifiers(text: str) -> None:
    assert identifier_readings(text, KNOWN) == []


def test_digits_that_several_identifiers_share_name_them_all() -> None:
    assert identifier_readings("where is 1001", ["A1001", "B1001", "C2002"]) == ["A1001", "B1001"]
    assert identifier_readings("where is B1001", ["A1001", "B1001"]) == ["B1001"]


def test_named_letter_by_letter_comes_first() -> None:
    assert identifier_readings("1001, no, A1008", KNOWN) == ["A1008", "A1001"]


def test_places_are_those_of_the_text() -> None:
    text = "change A ten oh two, then A1008"
    assert [(name, text[start:end]) for name, start, end in named_identifiers(text, KNOWN)] == [
        ("A1002", "A ten oh two"),
        ("A1008", "A1008"),
    ]
