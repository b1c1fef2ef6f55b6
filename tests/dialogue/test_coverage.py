"""Tests which parts of a request its reply does not cover."""

from datetime import datetime, timedelta

import pytest

from assistant.dialogue.coverage import left_out
from assistant.types import Reply

NOW = datetime(2026, 11, 30, 12, 0)


@pytest.mark.parametrize(
    ("text", "reply", "pieces"),
    [
        ("alarm at 7 on saturdays and at 9 on sundays", "Every Sunday at 09:00.", ["alarm at 7 on saturdays"]),
        ("timer 20 minutes for the rice, pasta 9", "Timer set for 20 minutes.", ["pasta 9"]),
        ("定个十分钟的计时，再记一下三块五", "计时10分钟。", ["再记一下三块五"]),
        ("remind me on friday at 8 to pay 30 euros", "On Friday, 4 December at 08:00: pay 30 euros.", []),
        ("wake me at quarter past seven", "Tomorrow at 07:15.", []),
        ("remind me in 45 minutes", "Today at 12:45.", []),
        ("周五早上八点叫我", "12月4日星期五08:00。", []),
        ("cancel that one", "Cancelled.", []),
        ("a timer for ninety minutes", "1 hour 30 minutes.", []),
        ("put two things on the list", "Added.", []),
    ],
)
def test_what_a_reply_shows_nothing_of_is_named(text: str, reply: str, pieces: list[str]) -> None:
    """Values shown in another form count as shown."""
    assert left_out(text, Reply(reply, data={"list": ["a", "b"]}), {}, NOW) == pieces


def test_a_slot_covers_what_it_was_read_from() -> None:
    """A handler was given the value; what it does with it is its own affair."""
    said = Reply("Booked.", data={"done": True})
    assert left_out("book for 25 minutes", said, {}, NOW) == ["book for 25 minutes"]
    assert left_out("book for 25 minutes", said, {"length": timedelta(minutes=25)}, NOW) == []


def test_a_reply_that_did_nothing_leaves_nothing_out() -> None:
    """It says itself that nothing was done."""
    assert left_out("snooze 5 minutes", Reply("Nothing has rung."), {}, NOW) == []


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("wake me at 7, no wait the train's at 7:30 so 6:15", "Tomorrow at 06:15."),
        ("我要做三组平板支撑，每组一分半", "计时1分钟30秒。"),
    ],
)
def test_what_is_put_right_or_counts_something_else_is_not_left_out(text: str, reply: str) -> None:
    """The last of several times is meant; three sets of an exercise are no wish."""
    assert left_out(text, Reply(reply, data={"set": True}), {}, NOW) == []
