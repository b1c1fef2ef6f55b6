"""The phrases and example utterances of this plugin, and how times and lengths of time are written."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path

from assistant import Language, Wording, language_of
from assistant.language import month_name, written_day

__all__ = [
    "Language",
    "clock_of",
    "counted",
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
WEEKDAYS_ZH = "一二三四五六日"
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def counted(count: int, unit: str, language: Language) -> str:
    """A number of units of time: "1 hour", "20 minutes", 20分钟."""
    return say(f"unit_{unit}{'s' * (count != 1)}", language, count=f"{count:,}" if language == "en" else count)


def length(seconds: float, language: Language) -> str:
    """A length of time in its two largest units: "1 hour 20 minutes", 1小时20分钟."""
    left, parts = max(0, round(seconds)), []
    for unit, size in UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(counted(count, unit, language))
    return say("gap", language).join(parts[:2]) or counted(0, "second", language)


def short_name(seconds: float, language: Language) -> str:
    """Names a timer by its duration: "10-minute", 10分钟."""
    written = length(seconds, language)
    return re.sub(r" (\w+?)s?\b(?= |$)", r"-\1", written) if language == "en" else written


def day_of(day: date, language: Language, today: date | None = None) -> str:
    """A day with its weekday, as people write it; "today" and "tomorrow" where `today` is given."""
    near = {0: "today", 1: "tomorrow"}.get((day - today).days) if today else None
    if near is not None:
        return say(near, language)
    return written_day(day, language, year=today is None or day.year != today.year)


def clock_of(when: datetime) -> str:
    """A time of day: "07:05", with seconds where there are some."""
    return f"{when:%H:%M}" if when.second == 0 else f"{when:%H:%M:%S}"


def moment(when: datetime, now: datetime, language: Language) -> str:
    """A time with its day: "tomorrow at 07:05", 明天7:05."""
    near = 0 <= (when.date() - now.date()).days <= 1
    day = day_of(when.date(), language, now.date())
    return say("moment_near" if near else "moment", language, day=day, time=clock_of(when))


def _ranged(names: list[str], days: tuple[int, ...], language: Language) -> list[str]:
    """Names of weekdays, or where four or more follow each other the first to the last: "Monday to Saturday"."""
    if len(days) < 4 or days[-1] - days[0] != len(days) - 1:
        return names
    return [say("from_to", language, first=names[0], last=names[-1])]


def repeats(unit: str, every: int, weekdays: tuple[int, ...], at: datetime, language: Language) -> str:
    """Describes a recurrence: "every Monday and Friday at 07:00", 每周一、周五7:00."""
    key, days = f"repeat_{unit}{'s' * (every != 1)}", weekdays or (at.weekday(),)
    if unit == "week" and every == 1:
        key = {(0, 1, 2, 3, 4): "repeat_working", (5, 6): "repeat_weekend"}.get(weekdays, key)
    names = _ranged([say("repeat_weekdays", language).split()[day] for day in days], days, language)
    comma, last = say("comma", language), say("and" if language != "zh" else "comma", language)
    listed = last.join(filter(None, [comma.join(names[:-1]), names[-1]]))
    values = {"every": every, "time": clock_of(at), "day": at.day, "month": month_name(at.month, language)}
    return say(key, language, days=listed, **values)
