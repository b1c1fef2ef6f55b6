"""Facts of the calendar and the clock: leap years, days of a month, weeks, ages, summer time, how long till an hour."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from assistant import Reply
from assistant.intents.numbers import find_numbers
from assistant.language import detect_language, month_name
from assistant.understanding.entities import find_entities

from .hurried import spelled_out
from .places import Place
from .wording import Language, day_of, length, say

__all__ = ["asks_fact", "changes_of", "difference_then", "season_said", "tell_changes", "tell_fact"]

_YEAR = r"(?:1[5-9]|2[0-9])\d\d"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*"
NEXT_LEAP = re.compile(r"\b(?:next|upcoming) leap year\b|(?<!是)(?:下一?个|下次|下回|最近的?)闰年", re.IGNORECASE)
LEAP = re.compile(r"\bleap year\b|闰年", re.IGNORECASE)
MONTH_DAYS = re.compile(
    rf"(?!.*\b(?:till?|until|since|ago|between|left)\b)\bhow many days\b.{{0,14}}\b(?P<en>{_MONTH}|(?:this"
    rf"|next) month)\b(?! ?\d)(?!.*\b(?:till?|until|since|ago|left)\b)"
    rf"|\bhow many days\b.{{0,14}}\b(?:in|has) (?:the year )?(?P<year>{_YEAR})"
    r"|(?P<zh>[0-9一二三四五六七八九十]{1,3})月(?:份)?(?:一共|总共)?有(?:几|多少)天",
    re.IGNORECASE,
)
WEEK = re.compile(r"\b(?:which|what) week\b|\bweek number\b|第几周|第几个?(?:星期|礼拜)", re.IGNORECASE)
AGE = re.compile(r"\bhow old\b|\b(?:what|my|his|her) age\b|多大|几岁|多少岁", re.IGNORECASE)
BORN = re.compile(r"\bborn\b|\bbirthday\b|\bdate of birth\b|出生|生的|年的|生日", re.IGNORECASE)
CHANGE = re.compile(r"\bclocks? (?:go|change|going|put|spring|fall)\b|\bdaylight saving\b|夏令时|冬令时", re.IGNORECASE)
TILL = re.compile(
    r"\bhow (?:long|much time|many (?:hours|minutes))\b.*\b(?:till?|until|before|to|left)\b|^\W*(?:and "
    r"|what about )*(?:till?|until)\b|(?:离|到|距离?).*(?:还有|还剩|差)(?:多久|多长|多少|几)|还有多久到",
    re.IGNORECASE,
)
SUMMER = re.compile(r"\b(?:summer|july|june|august)\b|夏天|夏季|夏令|[六七八]月", re.IGNORECASE)
WINTER = re.compile(r"\b(?:winter|january|december|february)\b|冬天|冬季|冬令|(?:一|十二)月", re.IGNORECASE)


def _clock(text: str, now: datetime) -> datetime | None:
    """Returns the next moment of the only time that is named without a day."""
    said = re.sub(r"\b(to|till?|until|before) (\d{1,2})(?=\W*$)", r"\1 at \2", text, flags=re.IGNORECASE)
    found = [
        e
        for e in find_entities(said, detect_language(said), now)
        if e.kind in ("time", "date", "datetime", "date_range")
    ]
    if len(found) != 1 or not isinstance(found[0].value, time):
        return None
    at = datetime.combine(now.date(), found[0].value)
    known = re.search(
        r"[ap]\.?m\b|\d\d:|noon|midnight|morning|evening|[早上下晚午夜]|1[3-9]|2[0-3]", found[0].text.lower()
    )
    steps = (
        (timedelta(hours=12 * n) for n in range(5))
        if not known and at.hour <= 12
        else (timedelta(days=n) for n in range(2))
    )
    return next((at + step for step in steps if at + step > now), None)


def asks_fact(text: str) -> bool:
    """Returns whether `tell_fact` can answer the question."""
    return tell_fact(text, datetime.now(), "en") is not None


def tell_fact(text: str, now: datetime, language: Language) -> Reply | None:
    """The answer to a question about the calendar or the clock; None for another question."""
    text = spelled_out(text)
    if LEAP.search(text) and (year := _year(text, now)) is not None:
        following = next(each for each in range(year + 1, year + 9) if isleap(each))
        key = "leap_next" if NEXT_LEAP.search(text) else "leap_yes" if isleap(year) else "leap_no"
        return Reply(say(key, language, year=year, next=following), data={"year": year})
    if found := MONTH_DAYS.search(text):
        return _month(found, text, now, language)
    if WEEK.search(text):
        days = [e.value for e in find_entities(text, detect_language(text), now) if e.kind == "date"]
        day = days[0] if days and isinstance(days[0], date) else now.date()
        year, week, _ = day.isocalendar()
        return Reply(
            say("week_number", language, date=day_of(day, language), week=week, year=year), data={"week": week}
        )
    if AGE.search(text) and BORN.search(text):
        return _age(text, now, language)
    if TILL.search(text) and (at := _clock(text, now)) is not None:
        left = (at - now).total_seconds()
        minutes = timedelta(seconds=60 * round(left / 60)).total_seconds()
        told = say("until_clock", language, length=length(minutes, language), time=f"{at:%H:%M}")
        return Reply(told, data={"seconds": left, "clock": f"{at:%H:%M}"})
    return None


def _year(text: str, now: datetime) -> int | None:
    if found := re.search(rf"(?<!\d){_YEAR}(?!\d)", text):
        return int(found.group())
    if NEXT_LEAP.search(text):
        return now.year
    near = re.search(r"\b(this|next|last) year\b|([今明后去前])年", text, re.IGNORECASE)
    if near is None:
        return now.year if re.search(r"\bit\b|这年", text) else None
    steps = {"this": 0, "next": 1, "last": -1, "今": 0, "明": 1, "后": 2, "去": -1, "前": -2}
    return now.year + steps[(near[1] or near[2]).lower()]


def _month(found: re.Match[str], text: str, now: datetime, language: Language) -> Reply | None:
    year = _year(text, now) or now.year
    if found["year"]:
        return Reply(
            say("year_has", language, year=int(found["year"]), count=366 if isleap(int(found["year"])) else 365)
        )
    if found["zh"]:
        numbers = find_numbers(found["zh"])
        month = int(numbers[0].value) if numbers else 0
    elif "month" in found["en"].lower():
        month = now.month if "this" in found["en"].lower() else now.month % 12 + 1
        year += month < now.month
    else:
        month = _MONTHS.index(found["en"][:3].lower()) + 1
    if not 1 <= month <= 12:
        return None
    count = monthrange(year, month)[1]
    return Reply(
        say("month_has", language, month=month_name(month, language), year=year, count=count), data={"days": count}
    )


def _age(text: str, now: datetime, language: Language) -> Reply | None:
    today, year = now.date(), None
    days = [e.value for e in find_entities(text, detect_language(text), now) if e.kind == "date"]
    years = [int(each) for each in re.findall(rf"(?<!\d){_YEAR}(?!\d)", _figures(text)) if int(each) <= today.year]
    born = next((each for each in days if isinstance(each, date) and each < today and (each.year in years)), None)
    if born is not None:
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        return Reply(say("age_is", language, date=day_of(born, language), age=age), data={"age": age})
    if not years:
        return None
    year = years[0]
    return Reply(
        say("age_or", language, year=year, age=today.year - year, before=today.year - year - 1), data={"year": year}
    )


def _figures(text: str) -> str:
    """Years that are written out, in figures: 一九八八年, 88年."""
    digits = str.maketrans("零〇一二三四五六七八九", "00123456789")
    text = re.sub(r"[零〇一二三四五六七八九]{2,4}(?=年)", lambda said: said.group().translate(digits), text)
    return re.sub(r"(?<!\d)([3-9]\d)(?=年)", r"19\1", text)


def changes_of(zone: tzinfo, now: datetime) -> list[tuple[date, bool]]:
    """Returns the next clock changes, and whether each goes forward; [] where there are none."""
    found, day = [], now.replace(hour=12, tzinfo=zone)
    for _ in range(370):
        following = day + timedelta(days=1)
        before, behind = day.utcoffset() or timedelta(), following.utcoffset() or timedelta()
        if before != behind:
            found.append((following.date(), behind > before))
        day = following
    return found


def tell_changes(text: str, zone: tzinfo, place: str, now: datetime, language: Language) -> Reply:
    """Says when the clocks change in a place."""
    changes = changes_of(zone, now)
    back = re.search(r"\bback\b|\bfall\b|冬|拨慢|结束", text, re.IGNORECASE)
    forward = re.search(r"\bforward\b|\bspring\b|开始|拨快", text, re.IGNORECASE)
    asked = [each for each in changes if (not back or not each[1]) and (not forward or each[1])]
    if not asked:
        return Reply(say("clocks_stay", language, place=place))
    day, ahead = asked[0]
    way = say("clocks_forward" if ahead else "clocks_back", language)
    return Reply(
        say("clocks_change", language, place=place, way=way, date=day_of(day, language)), data={"date": day.isoformat()}
    )


def season_said(text: str, now: datetime) -> datetime | None:
    """Returns noon of the next 15 July or 15 January if the text speaks of summer or winter."""
    month = 7 if SUMMER.search(text) else 1 if WINTER.search(text) else 0
    if not month:
        return None
    at = now.replace(month=month, day=15, hour=12, minute=0)
    return at if at > now else at.replace(year=at.year + 1)


def difference_then(places: Sequence[Place], at: datetime, language: Language) -> Reply:
    """Says how far apart the clocks of two places are at a given moment."""
    first, second = places[0].at(at), places[-1].at(at)
    offset = (second.utcoffset() or timedelta()) - (first.utcoffset() or timedelta())
    if not offset:
        told = say("no_difference", language, place=places[-1].name, other=places[0].name, time=f"{second:%H:%M}")
    else:
        way = say("way_ahead" if offset > timedelta() else "way_behind", language)
        by = length(abs(offset).total_seconds(), language)
        told = say("difference_then", language, place=places[-1].name, other=places[0].name, by=by, way=way)
    said = say("in_season", language, date=day_of(at.date(), language), told=told)
    return Reply(
        said, data={"places": [each.name for each in places], "place": places[-1].name, "date": at.date().isoformat()}
    )
