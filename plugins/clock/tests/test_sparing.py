"""Tests requests that keep some entries, add timers, move days, and ask for the time between two times."""

import pytest

from assistant import Exchange
from assistant.understanding.entities import Recurrence
from plugins.clock.amending import after, asks_another
from plugins.clock.asking import asks
from plugins.clock.between import answer_between
from plugins.clock.excepting import moved_days
from plugins.clock.hurried import spelled_out
from plugins.clock.places import unknown_place
from plugins.clock.sparing import ended_and_spared, told_apart

UNDO = {"undo": [{"key": "x"}]}


def said(reply: str, intent: str = "set_timer", key: str = "timers") -> Exchange:
    return Exchange("x", reply, f"clock.{intent}", "answer", {key: ["timer:1:0"], **UNDO})


TIMERS = [said("好的，“煮蛋”计时5分钟，现在开始。"), said("好的，“烤箱”计时20分钟，现在开始。")]
PASTA = [said("The pasta timer is set for 9 minutes."), said("The rice timer is set for 18 minutes.")]
ALARMS = [said("闹钟已设好：明天07:00。", "set_alarm", "alarm"), said("闹钟已设好：明天09:00。", "set_alarm", "alarm")]
ALARM = [said("The alarm will ring tomorrow at 05:00.", "set_alarm", "alarm")]
DAILY = [said("闹钟已设好：每天07:00，第一次是明天07:00。", "set_alarm", "alarm")]


@pytest.mark.parametrize(
    ("text", "ended", "spared"),
    [
        ("烤箱的留着，把煮蛋那个取消", "把煮蛋那个取消", "烤箱的留着"),
        ("泡茶的取消，洗衣的别动", "泡茶的取消", "洗衣的别动"),
        ("leave the rice running and cancel the pasta one", "cancel the pasta one", "leave the rice running"),
        ("kill the rice and the pasta, not the stew", "kill the rice , the pasta", "not the stew"),
        ("the nine one stays, get rid of the other", "get rid of the other", "the nine one stays"),
        ("cancel the pasta", "cancel the pasta", ""),
    ],
)
def test_what_is_ended_and_what_is_left_alone(text: str, ended: str, spared: str) -> None:
    assert ended_and_spared(text) == (ended, spared)


@pytest.mark.parametrize(
    ("text", "before", "intent"),
    [
        ("烤箱的留着，把煮蛋那个取消", TIMERS, "cancel"),
        ("再来个煮蛋的 八分钟", TIMERS, "set_timer"),
        ("还要一个煮蛋的，七分钟", TIMERS, "set_timer"),
        ("煮蛋的再加3分钟", TIMERS, "change_timer"),
        ("再加个五分钟", TIMERS, "change_timer"),
        ("leave the rice running and cancel the pasta one", PASTA, "cancel"),
        ("keep the rice", PASTA, ""),
        ("give the pasta another 3", PASTA, "change_timer"),
        ("call it bake off", PASTA, "change_timer"),
        ("name it cut off point", PASTA, "change_timer"),
        ("call it off", PASTA, "cancel"),
        ("九点的不要动，七点的删了", ALARMS, "cancel"),
        ("pm obviously", ALARM, "change_alarm"),
        ("am obviously", ALARM, "change_alarm"),
        ("saturdays neither actually, just workdays", DAILY, "change_alarm"),
        ("噢周六也不要了", DAILY, "change_alarm"),
        ("saturdays also not", DAILY, "change_alarm"),
        ("再加一个煮蛋的 四分钟", TIMERS, "set_timer"),
        ("再来一个，晚十分钟", ALARMS, "set_alarm"),
    ],
)
def test_what_words_mean_after_it(text: str, before: list[Exchange], intent: str) -> None:
    assert after(text, before) == intent


def test_one_more_with_its_reason() -> None:
    assert asks_another("Hmm. And one ten minutes after that, in case I don't hear it.")


@pytest.mark.parametrize(
    "text",
    [
        "they changed it, it's Tuesdays now instead of Mondays",
        "周一的改到周二了",
        "the Monday one is moved to Tuesday",
        "not mondays any more, now tuesdays",
    ],
)
def test_one_day_of_several_moves(text: str) -> None:
    moved = moved_days(text, Recurrence("week", 1, (0, 3)))
    assert moved is not None
    assert moved.weekdays == (1, 3)


def test_a_day_that_it_does_not_come_on_moves_nothing() -> None:
    assert moved_days("it's Tuesdays now instead of Fridays", Recurrence("week", 1, (0, 3))) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("an hour and three quarters", "an hours and 45 minutes"),
        ("one and three quarter hours", "one hours and 45 minutes"),
        ("2 hours and a quarter", "2 hours and 15 minutes"),
    ],
)
def test_quarters_of_hours(text: str, plain: str) -> None:
    assert spelled_out(text) == plain


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("that joke was so bad i wanted to jump out the window, tell me the date will you", ""),
        ("帮我看下几点了", ""),
        ("what time is it in xyzton", "xyzton"),
        ("请问蓝星城现在几点", "蓝星城"),
    ],
)
def test_a_place_is_a_noun(text: str, place: str) -> None:
    assert unknown_place(text) == place


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("从上午九点十分到下午五点四十是多长时间", "8小时30分钟"),
        ("从早上八点二十到下午三点零五是多长时间", "6小时45分钟"),
        ("晚上十点半到早上六点一刻一共几个小时", "7小时45分钟"),
        ("how long is it from 9:10 am to 5:40 pm", "8 hours 30 minutes"),
        ("how many hours between quarter to nine and half five", "8 hours 45 minutes"),
    ],
)
def test_between_two_times(text: str, length: str) -> None:
    reply = answer_between(text, "en" if text.isascii() else "zh")
    assert reply is not None
    assert length in reply.text
    assert asks(text) == "count_days"


def test_between_two_places_is_no_time() -> None:
    assert answer_between("how long from london to paris", "en") is None


def test_an_alarm_is_asked_for_politely() -> None:
    assert asks("2018年我做过心脏手术 现在挺好的 麻烦定个晚上八点的闹钟") == "set_alarm"


@pytest.mark.parametrize(
    ("said", "ended", "spared"),
    [
        ("lose all but the 8", "lose all ", " the 8"),
        ("只留八点那个", "all", "八点那个"),
        ("keep only the bread one", "all", " the bread one"),
    ],
)
def test_what_goes_and_what_stays(said: str, ended: str, spared: str) -> None:
    assert told_apart(said) == (ended, spared)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("alarms for 7, 8 and 9 please", "alarms for 7 o'clock, 8 o'clock and 9 o'clock please"),
        ("wake me 6.30 and again 6.45", "wake me 6:30 and again 6:45"),
        ("定七点八点九点三个闹钟", "定七点、八点、九点、三个闹钟"),
        ("put 7, 8 and 9 on my list", "put 7, 8 and 9 on my list"),
    ],
)
def test_numbers_beside_an_alarm_are_hours(said: str, meant: str) -> None:
    assert spelled_out(said) == meant
