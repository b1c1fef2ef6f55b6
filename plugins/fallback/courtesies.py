"""Greeting, thanks, goodbye, and the clock."""

from __future__ import annotations

import re
from datetime import datetime

from assistant import Services, Turn

from .wording import Language, language_of, say

__all__ = ["about_me", "current_time", "goodbye", "greet", "say_again", "thanks"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAYS_ZH = "一二三四五六日"
ASKS_TIME = re.compile(r"\b(time|clock|late|hour)\b|几点|时间|时候", re.IGNORECASE)
ASKS_ZH_WEEKDAY = re.compile(r"(?:星期|周|礼拜)([一二三四五六日天])")


async def greet(turn: Turn, services: Services) -> str:
    """Greet back, by name where it was told."""
    language, words = language_of(turn.utterance), turn.utterance.lower()
    name = (await services.remembered()).get("name", "")
    named = name and f"{'，' if language == 'zh' else ', '}{name}"
    if "morning" in words or "早" in words:
        return say("hello_morning", language, name=named)
    if "evening" in words or "晚上好" in words:
        return say("hello_evening", language, name=named)
    return say("hello", language, name=named)


def about_me(turn: Turn) -> str:
    """Say what I am."""
    return say("about_me", language_of(turn.utterance))


async def say_again(turn: Turn, services: Services) -> str:
    """Say the last answer again."""
    last = await services.conversation(turn.session, 1)
    return last[-1].reply if last else say("nothing_said", language_of(turn.utterance))


def thanks(turn: Turn) -> str:
    """Take thanks kindly."""
    return say("welcome", language_of(turn.utterance))


def goodbye(turn: Turn) -> str:
    """Say goodbye."""
    words = turn.utterance.lower()
    return say("good_night" if "night" in words or "晚安" in words else "goodbye", language_of(words))


def current_time(turn: Turn) -> str:
    """Say the time, the date or the day of the week."""
    language = language_of(turn.utterance)
    now = datetime.fromtimestamp(turn.at).astimezone()
    date = written_date(now, language)
    asked = asked_weekday(turn.utterance)
    if asked is not None:
        return say("weekday_yes" if asked == now.weekday() else "weekday_no", language, date=date)
    if ASKS_TIME.search(turn.utterance):
        return say("time", language, time=f"{now:%H:%M}", date=date)
    return say("date", language, date=date)


def written_date(now: datetime, language: Language) -> str:
    """The date with its weekday, as people write it; independent of the machine's locale."""
    if language == "zh":
        return f"{now.year}年{now.month}月{now.day}日星期{WEEKDAYS_ZH[now.weekday()]}"
    return f"{WEEKDAYS[now.weekday()]}, {now.day} {now:%B} {now.year}"


def asked_weekday(text: str) -> int | None:
    """The weekday a question such as "is it Tuesday?" names, 0 for Monday; None when it names none."""
    if found := ASKS_ZH_WEEKDAY.search(text):
        return WEEKDAYS_ZH.index(found[1].replace("天", "日"))
    lower = text.lower()
    return next((i for i, day in enumerate(WEEKDAYS) if re.search(rf"\b{day.lower()}\b", lower)), None)
