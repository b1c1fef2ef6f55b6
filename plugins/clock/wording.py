"""The phrases and example utterances of this plugin, and how times and lengths of time are written."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

from assistant import Language, Wording, language_of

__all__ = [
    "Language",
    "clock_of",
    "day_of",
    "examples_of",
    "language_of",
    "length",
    "moment",
    "repeats",
    "say",
    "short_name",
]

_wording = Wording(Path(__file__).parent)
say, examples_of = _wording.say, _wording.examples_of

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
WEEKDAYS_ZH = "一二三四五六日"
UNITS = (("day", 86_400, "天"), ("hour", 3_600, "小时"), ("minute", 60, "分钟"), ("second", 1, "秒"))


def length(seconds: float, language: Language) -> str:
    """A length of time in its two largest units: "1 hour 20 minutes", 1小时20分钟."""
    left, parts = max(0, round(seconds)), []
    for unit, size, han in UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{han}" if language == "zh" else f"{count:,} {unit}{'s' * (count != 1)}")
    if not parts:
        return "0秒" if language == "zh" else "0 seconds"
    return ("" if language == "zh" else " ").join(parts[:2])


def short_name(seconds: float, language: Language) -> str:
    """What a timer without a name is called: "10-minute", 10分钟."""
    written = length(seconds, language)
    return written if language == "zh" else re.sub(r" (\w+?)s?\b(?= |$)", r"-\1", written)


def day_of(day: date, language: Language, today: date | None = None) -> str:
    """A day with its weekday, as people write it; "today" and "tomorrow" where `today` is given."""
    if language == "zh":
        written = f"{day.year}年{day.month}月{day.day}日星期{WEEKDAYS_ZH[day.weekday()]}"
    else:
        written = f"{WEEKDAYS[day.weekday()]}, {day.day} {MONTHS[day.month - 1]} {day.year}"
    if today is None:
        return written
    near = {0: ("today", "今天"), 1: ("tomorrow", "明天")}.get((day - today).days)
    if near is not None:
        return near[language == "zh"]
    return written if day.year != today.year else written.removesuffix(f" {day.year}").removeprefix(f"{day.year}年")


def clock_of(when: datetime) -> str:
    """A time of day: "07:05", with seconds where there are some."""
    return f"{when:%H:%M}" if when.second == 0 else f"{when:%H:%M:%S}"


def moment(when: datetime, now: datetime, language: Language) -> str:
    """A time with its day: "tomorrow at 07:05", 明天7:05."""
    day, at = day_of(when.date(), language, now.date()), clock_of(when)
    if language == "zh":
        return f"{day}{at}"
    return f"{day} at {at}" if day in ("today", "tomorrow") else f"on {day} at {at}"


def repeats(unit: str, every: int, weekdays: tuple[int, ...], at: datetime, language: Language) -> str:
    """How often something comes: "every Monday and Friday at 07:00", 每周一、周五7:00."""
    zh, time = language == "zh", clock_of(at)
    if unit in ("minute", "hour"):
        return f"每{length(every * (60 if unit == 'minute' else 3600), language)}" if zh else _each(unit, every)
    if unit == "week" and weekdays in ((0, 1, 2, 3, 4), (5, 6)) and every == 1:
        names = {True: ("每个工作日", "每个周末"), False: ("every weekday", "every weekend day")}[zh]
        return f"{names[weekdays == (5, 6)]}{time if zh else f' at {time}'}"
    if unit == "week":
        days = weekdays or (at.weekday(),)
        if zh:
            named = "、".join(f"周{WEEKDAYS_ZH[day]}" for day in days)
            return f"每{named}{time}" if every == 1 else f"每{every}周的{named}{time}"
        named = " and ".join(filter(None, [", ".join(WEEKDAYS[d] for d in days[:-1]), WEEKDAYS[days[-1]]]))
        return f"every {named} at {time}" if every == 1 else f"every {every} weeks on {named} at {time}"
    if zh:
        day = {"day": "", "month": f"{at.day}日", "year": f"{at.month}月{at.day}日"}[unit]
        return f"每{'' if every == 1 else every}{ {'day': '天', 'month': '月', 'year': '年'}[unit] }{day}{time}"
    day = {"day": "", "month": f" on day {at.day}", "year": f" on {at.day} {MONTHS[at.month - 1]}"}[unit]
    return f"{_each(unit, every)}{day} at {time}"


def _each(unit: str, every: int) -> str:
    return f"every {unit}" if every == 1 else f"every {every} {unit}s"
