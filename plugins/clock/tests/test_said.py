"""Tests how the clock reads requests, alone or after an answer; today is Monday, 30 November 2026."""

from collections.abc import Sequence
from datetime import date, datetime

import pytest

from assistant import Exchange
from plugins.clock.amending import follows
from plugins.clock.asking import surely_means
from plugins.clock.hurried import spelled_out
from plugins.clock.labels import timers_in
from plugins.clock.moments import read_when
from plugins.clock.pieces import timed_pieces, with_context
from plugins.clock.reminders import task_in

MONDAY = datetime(2026, 11, 30, 9, 0)
ACTS = (  # noqa: SIM905
    "set_timer change_timer set_alarm remind_me change_alarm cancel show count_days tell_time"
).split()
UNDO = {"undo": [{"key": "x"}]}
TIMER = Exchange(
    "timer 5 min", "Timer set for 5 minutes.", "clock.set_timer", "answer", {"timers": ["timer:1:0"], **UNDO}
)
TIMERS = Exchange(
    "time both", "2 timers set: beans 8 minutes, rice 20 minutes.", "clock.set_timer", "answer", {"timers": ["a", "b"]}
)
ALARM = Exchange(
    "wake me at 7",
    "The alarm will ring tomorrow at 07:00.",
    "clock.set_alarm",
    "answer",
    {"alarm": "alarm:1:0", **UNDO},
)
FEED = Exchange(
    "remind me", "I'll remind you tomorrow at 09:00: feed the cat.", "clock.remind_me", "answer", {"reminder": "r"}
)
REMINDER = Exchange(
    "提醒我吃药", "好的，今天20:00提醒你：吃药。", "clock.remind_me", "answer", {"reminder": "reminder:1:0"}
)
HOURS = Exchange("时差", "伦敦比北京慢8小时。", "clock.tell_time", "answer", {"places": ["北京", "伦敦"]})
OTHER = Exchange("hello", "Hello!", "fallback.greet", "answer")


def meant(said: str) -> str:
    return next((name for name in ACTS if surely_means(name)(said)), "")


def meant_after(said: str, *before: Exchange) -> str:
    return next((name for name in ACTS if follows(name)(said, before)), "")


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("20 min timer pls", "set_timer"),
        ("could you do me a timer for the bread, forty minutes", "set_timer"),
        ("timers: 5 minutes for the eggs and 9 for the toast", "set_timer"),
        ("给我定个一刻钟的，敷面膜用", "set_timer"),
        ("alarm for 6:45 please", "set_alarm"),
        ("wake me up at 8 every day except sundays", "set_alarm"),
        ("半小时后叫我一声", "set_alarm"),
        ("周末早上九点的闹钟", "set_alarm"),
        ("on friday at noon poke me about the invoice", "remind_me"),
        ("i need a reminder to water the ferns every tuesday", "remind_me"),
        ("明晚八点要交作业，别让我忘了", "remind_me"),
        ("are there any alarms on right now", "show"),
        ("我现在有几个闹钟", "show"),
        ("get rid of all my reminders", "cancel"),
        ("把所有提醒都删了", "cancel"),
        ("what's 4 weeks after this sunday", "count_days"),
        ("carrots need 12 min and the peas 4, can you time both", "set_timer"),
        ("start a tiemr for an hour and a half pls, i'm glazing pots", "set_timer"),
        ("in half an hour tell me to turn the oven off, it's the good roast", "remind_me"),
        ("i've to be in by nine on friday so get me up at half seven", "set_alarm"),
        ("what have you got down for me this week", "show"),
        ("was 1996 a leap year", "count_days"),
        ("how old is somebody born on 2 may 1970", "count_days"),
    ],
)
def test_what_is_surely_asked(said: str, intent: str) -> None:
    assert meant(said) == intent


@pytest.mark.parametrize(
    "said",
    [
        *("don't set a timer for 5 minutes", "did you set a timer for ten minutes"),
        *("should I set an alarm for 7", "I set a timer for ten minutes and it was too loud", "别提醒我吃药"),
        *(
            "你提醒我了吗",
            "取消八点的提醒，再提醒我一次行吗？",
            "the oven takes 20 minutes to heat",
            "what is an alarm",
        ),
        *("my alarm goes off at 6 every day and it's too loud", "my dad used to wake me at 5", "我妈每天六点叫我起床"),
    ],
)
def test_a_refusal_a_question_or_a_story_is_not_surely_asked(said: str) -> None:
    assert meant(said) in ("", "show")


@pytest.mark.parametrize(
    ("said", "before", "intent"),
    [
        ("stop", [TIMER], "cancel"),
        ("bin the tea one, i drank it", [TIMER], "cancel"),
        ("make it 8", [TIMER], "change_timer"),
        ("give it another two minutes", [TIMER], "change_timer"),
        ("and one for the rice, 12 minutes", [TIMER], "set_timer"),
        ("how long's left", [TIMER], "show"),
        ("how long's left", [TIMER, OTHER], "show"),
        ("too late, twenty minutes earlier", [ALARM], "change_alarm"),
        ("no, half past six", [ALARM], "change_alarm"),
        ("weekdays only", [ALARM], "change_alarm"),
        ("and another at 7:15", [ALARM], "set_alarm"),
        ("周末不用", [REMINDER], "change_alarm"),
        ("还有中午十二点也要", [REMINDER], "remind_me"),
        ("算了不要了", [REMINDER], "cancel"),
        ("hmm can you push that back a quarter of an hour", [ALARM], "change_alarm"),
        ("not on saturdays though", [ALARM], "change_alarm"),
        ("the plumber says tuesday now, same time", [FEED], "change_alarm"),
        ("it's the fish not the cat", [FEED], "change_alarm"),
        ("undo that", [ALARM], "change_alarm"),
        ("and to lock the shed at half 6", [FEED], "remind_me"),
        ("kill the last one", [TIMERS], "cancel"),
        ("how long on the beans", [TIMERS], "show"),
        ("冬天呢", [HOURS], "tell_time"),
        ("i have lunch at 1 now", [ALARM], ""),
        ("it's 5 now", [ALARM], ""),
        ("see you at 7", [ALARM], ""),
        ("i'm off on monday", [ALARM], ""),
        ("how long is the flight to rome", [TIMER], ""),
        ("把牛奶加到清单", [TIMER], ""),
        ("stop", [OTHER], ""),
        ("make it 8", [TIMER, OTHER], ""),
        ("stop", [], ""),
    ],
)
def test_what_words_mean_after_an_answer(said: str, before: Sequence[Exchange], intent: str) -> None:
    assert (meant_after(said, *before) if before else "") == intent


@pytest.mark.parametrize(
    ("said", "timers"),
    [
        ("six minutes for the eggs, nine for the toast", [(360, "eggs"), (540, "toast")]),
        ("a 40 minute one for the bread and a 5 minute one for the tea", [(2400, "bread"), (300, "tea")]),
        ("the kettle for 3 minutes and another 20 for the oven", [(180, "kettle"), (1200, "oven")]),
        ("蒸鱼八分钟、焖饭二十五分钟", [(480, "蒸鱼"), (1500, "焖饭")]),
        ("set a timer for an hour and ten minutes", [(4200, "")]),
        ("5, 10 and 15 minutes", [(300, ""), (600, ""), (900, "")]),
        ("ten minutes for the pasta", [(600, "pasta")]),
        ("the ham needs 40 minutes and the gravy only 6", [(2400, "ham"), (360, "gravy")]),
    ],
)
def test_several_timers_are_read_each_with_its_name(said: str, timers: list[tuple[float, str]]) -> None:
    assert timers_in(spelled_out(said), MONDAY) == timers


@pytest.mark.parametrize(
    ("said", "pieces"),
    [
        ("remind me to ring Al at 5 and Bo at 6", ["remind me to ring Al at 5", "Bo at 6"]),
        ("wake me half six weekdays and 9 at weekends", ["wake me half past six weekdays", "wake me at 9 at weekends"]),
        ("周六七点半一个闹钟 周日九点", ["周六七点半一个闹钟", "一个闹钟 周日九点"]),
        ("pills at 8 am and 8 pm", ["pills at 8 am", "pills at 8 pm"]),
        ("remind me at 3 to tell Bo that it begins at 5", []),
    ],
)
def test_each_time_goes_with_its_thing(said: str, pieces: list[str]) -> None:
    assert timed_pieces(spelled_out(said), MONDAY) == pieces


def test_what_only_tells_gives_its_day() -> None:
    assert with_context("my shift starts at six tomorrow so get me up at five", MONDAY) == (
        "so get me up at five tomorrow",
        "my shift starts at six tomorrow",
    )


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("remind me on friday at noon to pay, no wait, the day after that", datetime(2026, 12, 5, 12)),
        ("remind me 20 minutes before the call tomorrow at 3 pm to print it", datetime(2026, 12, 1, 14, 40)),
        ("remind me the evening before the trip on saturday to pack", datetime(2026, 12, 4, 19)),
        ("周五下午三点开会，提前一刻钟提醒我", datetime(2026, 12, 4, 14, 45)),
    ],
)
def test_a_time_may_be_counted_from_another(said: str, at: datetime) -> None:
    assert read_when(said, MONDAY, "reminder").at == at


@pytest.mark.parametrize(
    ("said", "weekdays"),
    [
        ("every day at 7 except weekends", (0, 1, 2, 3, 4)),
        ("every weekday at 7 but not on wednesdays", (0, 1, 3, 4)),
        ("每天早上七点，周日除外", (0, 1, 2, 3, 4, 5)),
        ("工作日早上七点十分，周末不用", (0, 1, 2, 3, 4)),
    ],
)
def test_days_may_be_left_out(said: str, weekdays: tuple[int, ...]) -> None:
    repeat = read_when(said, MONDAY, "alarm").repeat
    assert repeat is not None
    assert repeat.weekdays == weekdays


@pytest.mark.parametrize(
    ("said", "task"),
    [
        ("明天七点提醒我遛狗，别忘了带绳子", "遛狗，别忘了带绳子"),
        ("好吧那后天九点提醒我退书", "退书"),
        ("周三上午十点要开会，别让我忘了", "要开会"),
        ("remind me to um take the bins out at 8 anyway", "take the bins out"),
    ],
)
def test_the_whole_task_is_kept(said: str, task: str) -> None:
    assert task_in(said, read_when(said, MONDAY, "reminder")) == task


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("what's the date three weeks from wednesday", date(2026, 12, 23)),
        ("which day is 2 months after the 5th of january", date(2027, 3, 5)),
        ("再过一百天是几号", date(2027, 3, 10)),
        ("2028年国庆节是星期几", date(2028, 10, 1)),
        ("明年中秋节是哪天", date(2027, 9, 15)),
        ("when is chinese new year", date(2027, 2, 6)),
    ],
)
def test_a_day_is_counted_from_another(said: str, day: date) -> None:
    from plugins.clock.counting import answer_count

    assert answer_count(said, MONDAY, "en").data["date"] == day.isoformat()


def test_a_day_that_is_not_known_is_asked_for() -> None:
    from plugins.clock.counting import answer_count

    assert "哪一天" in answer_count("今天到泼水节还有几天", MONDAY, "zh").text
