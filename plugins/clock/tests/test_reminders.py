"""Tests reminders, what each session sees of them, and replies when no program can ring."""

import re
from datetime import datetime

import pytest

from .conftest import Desk


@pytest.mark.parametrize(
    ("said", "due", "task"),
    [
        ("remind me to call my mother at 6 pm", "2026-11-30 18:00", "call my mother"),
        ("remind me at 3 to stand up", "2026-11-30 15:00", "stand up"),
        ("in twenty minutes remind me to take the bread out", "2026-11-30 09:20", "take the bread out"),
        ("don't let me forget the dentist on friday at 8", "2026-12-04 08:00", "the dentist"),
        ("every monday remind me to put the bins out", "2026-12-07 09:00", "put the bins out"),
        ("remind me tomorrow at 3 to buy 2 litres of milk", "2026-12-01 15:00", "buy 2 litres of milk"),
        ("remind me this evening to lock the door", "2026-11-30 19:00", "lock the door"),
        ("set a reminder for the 3rd of March: renew passport", "2027-03-03 09:00", "renew passport"),
        ("remind me on 29 February that it is a leap day", "2028-02-29 09:00", "a leap day"),
        ("remind me at 9 pm Tokyo time to join the call", "2026-11-30 13:00", "join the call"),
        ("remind me at 3 pm to buy 40 marbles", "2026-11-30 15:00", "buy 40 marbles"),
        ("ping me about the laundry in 40 minutes", "2026-11-30 09:40", "the laundry"),
        ("提醒我下午三点开会", "2026-11-30 15:00", "开会"),
        ("一小时后提醒我关火", "2026-11-30 10:00", "关火"),
        ("明天上午十点提醒我给老板回邮件", "2026-12-01 10:00", "给老板回邮件"),
        ("每周五提醒我交报告", "2026-12-04 09:00", "交报告"),
        ("周五五点提醒我接孩子", "2026-12-04 17:00", "接孩子"),
        ("每个月一号提醒我交房租", "2026-12-01 09:00", "交房租"),
    ],
)
def test_a_reminder_is_set(desk: Desk, said: str, due: str, task: str) -> None:
    desk.ask("remind_me", said)
    (entry,) = desk.entries
    assert (entry.due, entry.reply.data["name"]) == (datetime.fromisoformat(due).astimezone(), task)
    assert entry.reply.text.endswith(task)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("remind me yesterday to smile", "passed already"),
        ("remind me on 30 February to smile", "no such day: 30 February"),
        ("remind me in -5 minutes to smile", "in the past"),
        ("remind me in 4000000 days to smile", "did not understand when|too far|set nothing"),
        ("昨天提醒我开会", "已经过去"),
        ("2月30日提醒我开会", "没有这一天"),
    ],
)
def test_a_reminder_that_cannot_be_is_refused(desk: Desk, said: str, told: str) -> None:
    assert re.search(told, desk.ask("remind_me", said, "never"))
    assert desk.entries == []


def test_what_a_reminder_lacks_is_asked_for(desk: Desk) -> None:
    assert "tomorrow at 12:00: buy milk" in desk.ask("remind_me", "remind me to buy milk", "tomorrow at noon")
    assert "today at 17:00: feed the cat" in desk.ask("remind_me", "set a reminder", "feed the cat", "at 5")


def test_control_codes_neither_survive_nor_harm(desk: Desk) -> None:
    said = desk.ask("remind_me", "remind me at 5 pm to \x1b[31mcall\x07 \u202emum\x00 and\r\n dad")
    (entry,) = desk.entries
    assert entry.reply.data["name"] == "call mum and dad"
    assert said.isprintable()


def test_a_very_long_reminder_is_cut_and_kept(desk: Desk) -> None:
    desk.ask("remind_me", "remind me at 5 pm to " + "very " * 2_000 + "quietly leave")
    (entry,) = desk.entries
    assert len(entry.reply.data["name"]) == 300


def test_one_client_of_the_server_does_not_see_anothers(desk: Desk) -> None:
    desk.ask("remind_me", "remind me to hide at 5 pm", session="http/ann/x")
    assert desk.ask("show", "what reminders do I have", session="http/bob/x") == "There are no reminders."
    assert "hide" in desk.ask("show", "what reminders do I have", session="http/ann/y")
    assert desk.ask("cancel", "delete all reminders") == "There are no reminders."


def test_where_nothing_runs_that_rings_the_reply_says_so(desk: Desk) -> None:
    desk.services.rings = False
    for intent, said in (
        ("set_timer", "set a timer for 5 minutes"),
        ("set_alarm", "wake me at 7"),
        ("remind_me", "remind me to go at 5"),
    ):
        assert "assistant service start" in desk.ask(intent, said)
    desk.services.rings = True
    assert "service" not in desk.ask("set_timer", "set a timer for 5 minutes")


def test_a_time_alone_keeps_the_day_of_a_reminder(desk: Desk) -> None:
    desk.ask("remind_me", "remind me friday to pay rent")
    assert "4 December at 07:30" in desk.ask("change_alarm", "make it half seven in the morning")
    assert "4 December at 18:00" in desk.ask("change_alarm", "make it 6 in the evening")
    assert "tomorrow at 18:00" in desk.ask("change_alarm", "make it tomorrow")
