"""Requests with a reason beside them, put right in one breath, or in a hurry; 30 November 2026 is a Monday."""

from datetime import datetime

import pytest

from assistant import Exchange
from plugins.clock.amending import time_told
from plugins.clock.asking import surely_means
from plugins.clock.counting import answer_count
from plugins.clock.hurried import spelled_out
from plugins.clock.shifting import repaired

MONDAY = datetime(2026, 11, 30, 9, 0)
GUESSED = Exchange("remind me friday to pay", "I'll remind you …", "clock.remind_me", "answer", {"guessed": True})


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("tmrw mornin at half seven", "tomorrow morning at half past seven"),
        ("rmeind me tonite 8ish", "remind me tonight at 8"),
        ("reward me at 8", "reward me at 8"),
        ("so 4 30", "so 4:30"),
        ("half a dozen", "half a dozen"),
        ("四个小时以后", "四个小时之后"),
        ("we ate half six eggs", "we ate half six eggs"),
    ],
)
def test_hurried_times_are_spelled_out(said: str, meant: str) -> None:
    assert spelled_out(said) == meant


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("蒸包子呢，帮我掐个一刻钟", "set_timer"),
        ("我要做三组平板支撑，每组一分半，先给我来一个", "set_timer"),
        ("过一个半小时叫我起来活动活动，坐太久了", "remind_me"),
        ("每天早上七点响一次", "set_alarm"),
        ("just ring at quarter to six so i catch the bus", "set_alarm"),
        ("七点响吗", ""),
        ("the phone will ring at 5", ""),
        ("每天七点响 烦死了 别响了", ""),
    ],
)
def test_a_reason_beside_a_request_does_not_hide_it(said: str, intent: str) -> None:
    acts = ("set_timer", "set_alarm", "remind_me", "cancel", "show")
    assert next((name for name in acts if surely_means(name)(said)), "") == intent


def test_what_is_meant_after_all_stands_behind_so() -> None:
    assert repaired("wake me at 7, no wait the train's at 7:30 so 6:15") == ("wake me at 7", "6:15")
    assert repaired("wake me at 7, no wait 8") is None


def test_the_time_a_reminder_should_rather_have() -> None:
    assert time_told("morning, like before first period at quarter past eight", [GUESSED])
    assert time_told("evening, around six", [GUESSED]) == "six in the evening" or time_told("at 6 pm", [GUESSED])
    assert time_told("what about at 8?", [GUESSED]) == ""
    assert time_told("remind me at 8 too", [GUESSED]) == ""
    assert time_told("book the dentist at 8", [GUESSED]) == ""
    assert time_told("那就早上八点", [GUESSED])
    assert time_told("at 8", [Exchange("hi", "Hello!", "fallback.greet", "answer")]) == ""


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("how many sleeps till xmas", "25 days"),
        ("how many working days are there until the 18th of december", "15 working days"),
        ("十二月八号到十二月二十号有几个工作日", "9个工作日"),
        ("这个月还剩几天", "今天就是最后一天"),
        ("how many days are left in the year", "31 days"),
        ("离五一还有几天", "152天"),
        ("离双十二还有几天", "12天"),
    ],
)
def test_days_and_working_days_are_counted(asked: str, told: str) -> None:
    assert told in answer_count(asked, MONDAY, "en" if asked.isascii() else "zh").text
