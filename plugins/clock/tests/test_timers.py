"""Tests timers: set, named, paused, cut short, several at once."""

import re

import pytest

from .conftest import Desk


@pytest.mark.parametrize(
    ("said", "seconds", "name"),
    [
        ("set a timer for ten minutes", 600, ""),
        ("start a 25 minute timer called pasta", 1500, "pasta"),
        ("time me for an hour and a half", 5400, ""),
        ("set a timer for an hour and 10 minutes", 4200, ""),
        ("egg timer, 7 minutes please", 420, "egg"),
        ("set a timer for 4 minutes for the tea", 240, "tea"),
        ("count down thirty seconds", 30, ""),
        ("定一个五分钟的倒计时", 300, ""),
        ("帮我设个半小时的计时器", 1800, ""),
        ("设置一个煮面的计时器，八分钟", 480, "煮面"),
    ],
)
def test_a_timer_rings_when_its_time_is_over(desk: Desk, said: str, seconds: int, name: str) -> None:
    desk.ask("set_timer", said)
    (entry,) = desk.entries
    assert entry.reply.data == {"kind": "timer", "name": name, "seconds": seconds}
    assert entry.due is not None
    assert entry.due.timestamp() - desk.now.timestamp() == seconds
    assert entry.insistent
    assert desk.wait(seconds=seconds - 1) == []
    assert len(desk.wait(seconds=1)) == 1


@pytest.mark.parametrize("said", ["minus five minutes", "-5 minutes", "−5 minutes", "0 seconds", "900000 hours"])
def test_a_timer_that_cannot_be_is_refused(desk: Desk, said: str) -> None:
    assert re.search("backwards|a second or more|a year at most", desk.ask("set_timer", f"set a timer for {said}"))
    assert desk.entries == []


def test_several_timers_at_once(desk: Desk) -> None:
    assert "3 timers set" in desk.ask("set_timer", "set timers for 5, 10 and 15 minutes")
    desk.ask("set_timer", "a 20 minute pizza timer")
    shown = desk.ask("show", "which timers are running")
    assert shown.splitlines()[0] == "There are 4:"
    assert "pizza timer: 20 minutes left" in shown
    assert "10-minute timer: 10 minutes left" in shown
    assert desk.ask("change_timer", "add 5 minutes to the pizza timer") == "The pizza timer runs, 25 minutes left."
    assert "13 minutes left" in desk.ask("change_timer", "take 2 minutes off it", "the 15 minute one")
    assert "cancelled nothing" in desk.ask("cancel", "cancel the rice timer")
    assert desk.ask("cancel", "cancel the 5 minute timer") == "Cancelled: 5-minute timer: 5 minutes left."
    cancelled = desk.ask("cancel", "cancel all the timers")
    assert cancelled.startswith("Cancelled 3: ")
    assert "pizza timer" in cancelled


@pytest.mark.parametrize(
    "said",
    [
        "set a timer for 10 minutes and another one for 20 minutes",
        "set a timer for 10 minutes and one for 20 minutes",
        "start a 10 minute timer and a 20 minute timer",
        "定一个十分钟的计时器，再定一个二十分钟的",
        "设两个计时器，十分钟和二十分钟",
    ],
)
def test_none_of_two_timers_is_dropped(desk: Desk, said: str) -> None:
    desk.ask("set_timer", said)
    assert [each.reply.data["seconds"] for each in desk.entries] == [600, 1200]


def test_a_timer_is_paused_and_resumed(desk: Desk) -> None:
    desk.ask("set_timer", "set a tea timer for 4 minutes")
    desk.wait(minutes=1)
    assert desk.ask("change_timer", "pause the timer") == "The tea timer is paused with 3 minutes left."
    assert desk.wait(hours=1) == []
    assert "paused, 3 minutes left" in desk.ask("show", "how long is left on the tea timer")
    assert "4 minutes left" in desk.ask("change_timer", "add a minute to the timer")
    assert desk.ask("change_timer", "resume the timer") == "The tea timer runs, 4 minutes left."
    assert desk.wait(minutes=4) == ["Your tea timer is done."]


def test_a_timer_cut_short_rings_at_once(desk: Desk) -> None:
    desk.ask("set_timer", "set a tea timer for 4 minutes")
    assert "done now" in desk.ask("change_timer", "take ten minutes off the timer")
    assert desk.wait(seconds=0) == ["Your tea timer is done."]


def test_ten_thousand_timers_are_bounded_and_none_is_lost(desk: Desk) -> None:
    desk.ask("set_timer", "set a timer for an hour")
    table = desk.services.schedule._database.table("scheduled")
    with desk.services.schedule._database.begin() as connection:
        row = dict(connection.execute(table.select()).mappings().one())
        connection.execute(table.insert(), [{**row, "key": f"timer:{n}", "due": row["due"] + n} for n in range(9_999)])
    shown = desk.ask("show", "which timers are running")
    assert "There are 10,000+:" in shown
    assert "and 9,990 more" in shown
    assert len(shown.splitlines()) == 12
    assert desk.ask("cancel", "cancel all timers") == "Cancelled 10,000."
    assert desk.entries == []


def test_to_stop_what_rings_is_not_to_delete_it(desk: Desk) -> None:
    desk.ask("set_alarm", "alarm every day at 10")
    desk.wait(hours=1)
    assert "ring again tomorrow at 10:00" in desk.ask("cancel", "turn off the alarm")
    desk.wait(hours=3)
    assert "Cancelled" in desk.ask("cancel", "turn off the alarm")
    desk.ask("set_timer", "set a timer for a minute")
    desk.wait(minutes=1)
    assert desk.ask("cancel", "stop the timer") == "All right."


def test_a_timer_has_its_name_behind_its_length(desk: Desk) -> None:
    assert "tea timer is set for 10 minutes" in desk.ask("set_timer", "set a timer for 10 minutes, the tea")


def test_something_else_being_done_cancels_no_timer_unasked(desk: Desk) -> None:
    desk.ask("set_timer", "set a timer 45 mins laundry")
    assert "stays" in desk.ask("cancel", "the pasta's done, no need to wait", "no")
    assert len(desk.entries) == 1
    assert "laundry" in desk.ask("cancel", "the laundry's done, no need to wait")
    assert not desk.entries
