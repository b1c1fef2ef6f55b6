"""Slots of times, durations, amounts and spans are read off what was said, asked for, and survive a restart."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from assistant import DateRange, Money
from assistant.dialogue.questions import InvalidAnswer, Question, read_answer
from assistant.intents.slots import extract_slots
from assistant.plugins.registration import Collector
from assistant.plugins.serialization import deserialize, serialize
from assistant.types import Turn

MONDAY = date(2026, 11, 30)
OCTOBER = DateRange(date(2026, 10, 1), date(2026, 10, 31))


def set_timer(length: timedelta, label: str = "") -> str:
    """Set a timer."""
    return f"{length} {label}"


def wake_me(at: time) -> str:
    """Wake somebody."""
    return str(at)


def remind(when: datetime) -> str:
    """Remind somebody."""
    return str(when)


def spend(most: Money) -> str:
    """Look for something cheaper."""
    return str(most)


def spent(span: DateRange) -> str:
    """Add up what was spent."""
    return str(span)


@pytest.mark.parametrize(
    ("handler", "examples", "said", "value"),
    [
        (set_timer, ["set a timer for {length}"], "set a timer for ten minutes", timedelta(minutes=10)),
        (set_timer, ["set a timer for {length}"], "a timer, an hour and a half please", timedelta(minutes=90)),
        (set_timer, ["定一个{length}的计时器"], "定一个半小时的计时器", timedelta(minutes=30)),
        (wake_me, ["wake me at {at}"], "wake me at half past seven", time(7, 30)),
        (wake_me, ["wake me at {at}"], "could you wake me at 6:45", time(6, 45)),
        (remind, ["remind me {when}"], "remind me on Friday at 8", datetime(2026, 12, 4, 8, 0)),
        (spend, ["nothing over {most}"], "nothing over 20 euros", Money(Decimal(20), "EUR")),
        (
            spent,
            ["what did I spend {span}"],
            "what did I spend in october",
            DateRange(date(2026, 10, 1), date(2026, 10, 31)),
        ),
        (spent, ["what did I spend {span}"], "what did I spend today", DateRange(MONDAY, MONDAY)),
    ],
)
def test_a_slot_is_read_off_the_request(
    handler: Callable[..., str], examples: list[str], said: str, value: Any
) -> None:
    intent = Collector("own", Path()).intent(handler, examples=examples)
    assert extract_slots(intent, said, MONDAY)[intent.slots[0].name] == value


@pytest.mark.parametrize("said", ["set a timer", "set a timer for my eggs", "set a timer for 5"])
def test_a_value_that_is_not_there_is_left_out(said: str) -> None:
    intent = Collector("own", Path()).intent(set_timer, examples=["set a timer for {length}"])
    assert "length" not in extract_slots(intent, said, MONDAY)


@pytest.mark.parametrize(
    ("kind", "said", "value"),
    [
        (timedelta, "a quarter of an hour", timedelta(minutes=15)),
        (time, "at 8 pm", time(20, 0)),
        (Money, "12,50 €", Money(Decimal("12.50"), "EUR")),
        (Money, "两百块", Money(Decimal(200), "CNY")),
    ],
)
def test_an_answer_is_read_as_its_kind(kind: type, said: str, value: Any) -> None:
    assert read_answer(Question.of("Well?", kind, (), ""), Turn(text=said)) == value


def test_an_answer_of_another_kind_says_what_is_wanted() -> None:
    with pytest.raises(InvalidAnswer, match="ten minutes"):
        read_answer(Question.of("How long?", timedelta, (), ""), Turn(text="until it is done"))


@pytest.mark.parametrize(
    "value",
    [
        time(7, 30),
        datetime(2026, 12, 4, 8, 0),
        timedelta(seconds=90),
        Money(Decimal("0.10"), "EUR"),
        DateRange(None, MONDAY),
        MONDAY,
    ],
)
def test_values_survive_the_journal(value: Any) -> None:
    store: Any = None  # nothing of it is a picture or a clip
    assert deserialize(serialize(value, store), store) == value
