"""Tests alarms: set, moved, snoozed, asked for; and requests between the clock's intents."""

from datetime import datetime

import pytest

from plugins.clock.routing import meant

from .conftest import Desk


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("wake me at 6:45 tomorrow", "2026-12-01 06:45"),
        ("I need to be up at quarter past five", "2026-12-01 05:15"),
        ("set my alarm for half six tomorrow morning", "2026-12-01 06:30"),
        ("wake me up seven", "2026-12-01 07:00"),
        ("alarm at noon", "2026-11-30 12:00"),
        ("get me out of bed at 5 on sunday", "2026-12-06 05:00"),
        ("wake me in 25 minutes", "2026-11-30 09:25"),
        ("alarm every weekday at 7", "2026-12-01 07:00"),
        ("wake me every saturday and sunday at nine", "2026-12-05 09:00"),
        ("alarm monday to friday at 6:30", "2026-12-01 06:30"),
        ("明早六点半叫我起床", "2026-12-01 06:30"),
        ("每周一三五早上七点的闹钟", "2026-12-02 07:00"),
        ("工作日早上七点的闹钟", "2026-12-01 07:00"),
    ],
)
def test_an_alarm_is_set(desk: Desk, said: str, due: str) -> None:
    desk.ask("set_alarm", said)
    (entry,) = desk.entries
    assert entry.due == datetime.fromisoformat(due).astimezone()
    assert entry.insistent


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("alarms at 6, 6:20 and 6:40 tomorrow", ["2026-12-01 06:00", "2026-12-01 06:20", "2026-12-01 06:40"]),
        ("wake me up at 6 and 6:15", ["2026-12-01 06:00", "2026-12-01 06:15"]),
        ("明早六点、六点二十、六点四十各来一个闹钟", ["2026-12-01 06:00", "2026-12-01 06:20", "2026-12-01 06:40"]),
        ("闹钟六点和七点", ["2026-12-01 06:00", "2026-12-01 07:00"]),
    ],
)
def test_several_alarms_at_once(desk: Desk, said: str, due: list[str]) -> None:
    desk.ask("set_alarm", said)
    assert [entry.due for entry in desk.entries] == [datetime.fromisoformat(each).astimezone() for each in due]


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("move the alarm to 7:30", "2026-12-01 07:30"),
        ("make the alarm an hour earlier", "2026-12-01 06:00"),
        ("push my alarm back by 20 minutes", "2026-12-01 07:20"),
        ("change the alarm to 8", "2026-12-01 08:00"),
        ("move the alarm to Friday", "2026-12-04 07:00"),
        ("把闹钟改到八点半", "2026-12-01 08:30"),
        ("闹钟提前半小时", "2026-12-01 06:30"),
    ],
)
def test_an_alarm_moves(desk: Desk, said: str, due: str) -> None:
    desk.ask("set_alarm", "wake me at 7")
    desk.ask("change_alarm", said)
    (entry,) = desk.entries
    assert entry.due == datetime.fromisoformat(due).astimezone()
    assert due[-5:] in entry.reply.text


def test_an_alarm_does_not_move_into_the_past(desk: Desk) -> None:
    desk.ask("set_alarm", "wake me at 7")
    desk.ask("change_alarm", "make the alarm 40 hours earlier")
    (entry,) = desk.entries
    assert entry.due == datetime.fromisoformat("2026-12-01 07:00").astimezone()
    desk.ask("cancel", "cancel all alarms")
    assert desk.ask("change_alarm", "move the alarm to 9") == "No alarm is set."


def test_two_alarms_at_one_minute_both_ring(desk: Desk) -> None:
    desk.ask("set_alarm", "wake me at 7")
    desk.ask("set_alarm", "set an alarm for 7 am")
    assert len(desk.wait(days=1)) == 2


def test_an_alarm_without_a_time_asks_for_it(desk: Desk) -> None:
    assert "tomorrow at 07:30" in desk.ask("set_alarm", "set an alarm for tomorrow", "half past seven")
    assert "did not understand when" in desk.ask("set_alarm", "set an alarm", "purple")


def test_the_hour_that_is_skipped_is_told(desk: Desk) -> None:
    said = desk.ask("set_alarm", "wake me at 2:30 on 28 March 2027")
    assert "no 02:30 on that day; it rings at 03:30" in said
    assert desk.wait(days=150) == ["It is 03:30."]


def test_snooze_puts_off_what_rang_last(desk: Desk) -> None:
    assert "nothing to snooze" in desk.ask("snooze", "snooze")
    desk.ask("set_alarm", "alarm every day at 10")
    assert desk.wait(hours=1) == ["It is 10:00."]
    assert desk.ask("snooze", "snooze") == "I'll ring again in 9 minutes."
    assert desk.wait(minutes=9) == ["It is 10:09."]
    assert desk.ask("snooze", "再睡五分钟") == "好的，5分钟后再响。"
    assert len(desk.wait(minutes=5)) == 1
    assert desk.wait(days=1) == ["It is 10:00."]


@pytest.mark.parametrize(
    ("said", "taken_for", "intent"),
    [
        ("freeze my tea timer", "cancel", "change_timer"),
        ("tack on another minute to the rice timer", "set_timer", "change_timer"),
        ("forget the reminder about the bins", "remind_me", "cancel"),
        ("you don't have to remind me about the laundry any more", "remind_me", "cancel"),
        ("show me everything you will remind me of", "remind_me", "show"),
        ("remind me to cancel the alarm subscription", "cancel", "remind_me"),
        ("remind me to cancel the alarm subscription", "remind_me", "remind_me"),
        ("remind me to pause the timer at 5", "change_timer", "remind_me"),
        ("stop the rice timer", "cancel", "cancel"),
        ("set a timer for 5 minutes", "set_timer", "set_timer"),
        ("cancel the timer", "change_timer", "cancel"),
        ("再睡十分钟", "set_alarm", "snooze"),
        ("不用提醒我了", "remind_me", "cancel"),
        ("暂停计时器", "cancel", "change_timer"),
        ("提醒我取消闹钟会员", "cancel", "remind_me"),
    ],
)
def test_its_own_intents_are_told_apart(said: str, taken_for: str, intent: str) -> None:
    assert meant(said, taken_for) == intent


def test_what_is_in_doubt_is_asked(desk: Desk) -> None:
    assert desk.ask("set_timer", "play some music for an hour", "no") == "All right, I set nothing."
    assert desk.entries == []


@pytest.mark.parametrize(
    ("said", "rings"),
    [
        ("alarm for 5 tmrw mornin, no wait flights at 8 so 4 30", "tomorrow at 04:30"),
        ("wake me at 7 on friday, no wait the train's at 7:30 so make it 6 15", "4 December at 06:15"),
        ("明早七点叫我，不对，九点的飞机，还是五点半吧", "12月1日05:30"),
    ],
)
def test_an_alarm_is_set_for_what_is_meant_after_all(desk: Desk, said: str, rings: str) -> None:
    told = desk.ask("set_alarm", said).replace("明天", "12月1日")
    assert rings in told
    assert len(desk.entries) == 1


def test_an_alarm_put_right_in_doubt_is_asked_for(desk: Desk) -> None:
    assert "05:45" in desk.ask("set_alarm", "wake me at 7, no wait, it's at 8 so 6 or maybe at 6:30", "at 5:45")


def test_what_was_cancelled_together_is_named(desk: Desk) -> None:
    desk.ask("set_timer", "timers: 5 minutes for the eggs and 9 for the toast")
    told = desk.ask("cancel", "cancel all timers")
    assert "eggs" in told
    assert "toast" in told
