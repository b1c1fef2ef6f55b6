"""Intents as tools for programs: names, JSON schemas, and arguments back to slots."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pytest

from assistant.errors import InputError
from assistant.plugins.api import Intent
from assistant.plugins.registration import Collector
from assistant.plugins.tool_schema import input_schema, read_arguments, tool_name
from assistant.understanding.entities import DateRange, Money

NOW = datetime(2026, 5, 4, 12, 0)  # a Monday


def book(
    city: str,
    nights: int,
    room: Literal["single", "double"] = "single",
    start: date | None = None,
    at: time | None = None,
    wake: datetime | None = None,
    stay: timedelta | None = None,
    price: Money | None = None,
    days: DateRange | None = None,
    share: float = 1.0,
    breakfast: bool = False,
) -> str:
    """Book a room.

    Args:
        city: the city. It may be abroad.
    """
    return city


@pytest.fixture
def intent() -> Intent:
    return Collector("hotel", Path()).intent(book, examples=["book a room"])


def test_a_tools_name_is_an_intents_without_a_dot(intent: Intent) -> None:
    assert tool_name(intent) == "hotel-book"


def test_every_kind_of_slot_has_a_type_and_says_how_it_is_written(intent: Intent) -> None:
    schema = input_schema(intent)
    assert schema["required"] == ["city", "nights"]
    assert schema["additionalProperties"] is False
    properties = schema["properties"]
    assert properties["city"] == {"type": "string", "description": "the city. It may be abroad"}
    assert properties["room"]["enum"] == ["single", "double"]
    assert {name: each["type"] for name, each in properties.items()}["nights"] == "integer"
    assert all(each["type"] == "string" for name, each in properties.items() if name in {"start", "at", "price"})
    assert "2026-05-01" in properties["start"]["description"]


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("start", "2026-05-09", date(2026, 5, 9)),
        ("start", "tomorrow", date(2026, 5, 5)),
        ("start", "明天", date(2026, 5, 5)),
        ("at", "19:30", time(19, 30)),
        ("at", "half past seven", time(7, 30)),
        ("wake", "2026-05-09T07:15", datetime(2026, 5, 9, 7, 15)),
        ("stay", "PT1H30M", timedelta(hours=1.5)),
        ("stay", "ten minutes", timedelta(minutes=10)),
        ("price", "20 EUR", Money(Decimal(20), "EUR")),
        ("price", "€20", Money(Decimal(20), "EUR")),
        ("days", "2026-05-01/2026-05-03", DateRange(date(2026, 5, 1), date(2026, 5, 3))),
        ("days", "2026-05-01", DateRange(date(2026, 5, 1), date(2026, 5, 1))),
        ("share", 1, 1.0),
        ("breakfast", True, True),
        ("room", "double", "double"),
    ],
)
def test_an_argument_becomes_its_slots_value(intent: Intent, name: str, given: Any, read: Any) -> None:
    assert read_arguments(intent, {"city": "Oslo", "nights": 2, name: given}, NOW)[name] == read


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"nights": 2}, "needs the argument city"),
        ({"city": "Oslo", "nights": 2, "nigths": 3}, "did you mean nights?"),
        ({"city": "Oslo", "nights": "two"}, "nights cannot be 'two'; it takes a whole number"),
        ({"city": "Oslo", "nights": 2.5}, "nights cannot be 2.5"),
        ({"city": "Oslo", "nights": True}, "nights cannot be True"),
        ({"city": "Oslo", "nights": float("nan")}, "nights cannot be nan"),
        ({"city": ["Oslo"], "nights": 1}, "city cannot be"),
        ({"city": "x" * 50_000, "nights": 1}, "city cannot be"),
        ({"city": "Oslo", "nights": 1, "room": "suite"}, "it takes one of single, double"),
        ({"city": "Oslo", "nights": 1, "start": "someday"}, "it takes a day, such as"),
        ({"city": "Oslo", "nights": 1, "days": "2026-05-03/2026-05-01"}, "days cannot be"),
        ({"city": "Oslo", "nights": 1, **{f"a{n}": n for n in range(200)}}, "has no argument 'a0'"),
    ],
)
def test_what_is_no_argument_gets_one_line_that_says_what_would_do(
    intent: Intent, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_arguments(intent, given, NOW)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 400


def test_null_is_an_argument_left_out(intent: Intent) -> None:
    assert read_arguments(intent, {"city": "Oslo", "nights": 1, "start": None}) == {"city": "Oslo", "nights": 1}
