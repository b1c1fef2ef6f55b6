"""Days between days, weekdays of dates, and dates so far away."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from assistant import Reply
from assistant.language import detect_language
from assistant.understanding.entities import DateRange, Entity, find_entities

from .festivals import FESTIVAL, festival
from .hurried import spelled_out
from .moments import impossible_day, rolled
from .periods import answer_left, answer_working, asks_left, asks_working
from .shifting import counted_from, month_later
from .wording import WEEKDAYS, WEEKDAYS_ZH, Language, counted, day_of, say

__all__ = ["HOW_MANY", "answer_count", "asks_count", "asks_day", "easter", "names_day"]

HOW_MANY = re.compile(
    r"\bhow (?:many (?:more )?(?P<unit>days?|weeks?|months?|years?|weekends?|nights?|sleeps?)|long)\b"
    r"|\bdays? (?:left|until|till|to go|since|between)\b|\bcount ?down to\b|^\W*(?:(?:and|what about"
    r"|how about) )?(?:until|till?)\b|^\W*(?:那|到|离|距离?).{1,10}呢\W*$|\bnumber of (?P<unit2>days|weeks)\b"
    r"|多少[天日周]|几[天晚夜觉]|还有多[久长少]|多少个?(?:星期|礼拜)|几个?(?:星期|周|礼拜)|倒数日",
    re.IGNORECASE,
)
WEEKS = re.compile(r"\bweeks?\b|几个?(?:星期|周|礼拜)|多少个?(?:星期|周|礼拜)", re.IGNORECASE)
MANY_WEEKS = re.compile(r"\bmany (?:more )?weeks\b|几个?(?:星期|周)|多少个?(?:星期|周)", re.IGNORECASE)
BETWEEN = re.compile(r"\bbetween\b|\bfrom\b.*\bto\b|相差|之间|到.*(?:多少天|几天|工作日|几晚)", re.IGNORECASE)
WEEKDAY = re.compile(
    r"\b(?:week\s?day|what day|which day|day of the week|on (?:a|what|which) \w*day)\b|星期几|周几|礼拜几",
    re.IGNORECASE,
)
COUNTS = re.compile(
    r"\bwhat(?:'s| is| will| was| would)?\b.*\bdate\b|\bwhen (?:is|was|does|do|will)\b|\bwhat (?:day|date)\b"
    r"|\bwhich (?:day|date|weekday)\b|是几[月号]|是哪[天一]|几月几[号日]|是星期几|是周几|是礼拜几|日期",
    re.IGNORECASE,
)
AWAY = re.compile(
    r"\b(?P<n>\d{1,6})\s+(?P<u>day|week|month|year)s?\s+(?P<s>from now|from today|later|hence|ahead|ago|back|before"
    r"|after|from)\b|\bin\s+(?P<n2>\d{1,6})\s+(?P<u2>day|week|month|year)s?\b|(?P<n3>\d{1,6})(?P<u3>天|周|个?星期"
    r"|个?月|年)(?:以|之)?(?P<s3>后|前)",
    re.IGNORECASE,
)
EASTER = re.compile(r"\beaster(?P<monday>\s+monday)?\b|\bgood (?P<friday>friday)\b|复活节", re.IGNORECASE)
MOST = 3_000_000
"""days"""


def easter(year: int) -> date:
    """Easter Sunday of a year of the Gregorian calendar (Meeus, Jones and Butcher)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    day = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * day) // 451
    month, number = divmod(moon + day - 7 * late + 114, 31)
    return date(year, month, number + 1)


DAY_ZH = re.compile(
    r"(?!.*(?:提醒|闹钟|订单|包裹|送|到货|营业|上班)).{0,12}[⏰⏱].{0,12}(?:(?:是|在)?(?:星期|礼拜|周)几|几号|哪天|几月几[号日]).{0,3}"
)
DAY = re.compile(
    r"(?:what(?:'?s| is| will| was)?|when(?:'?s| is))(?: the)?(?: (?:date|day|weekday))?(?: (?:be|is|was))?"
    r"(?: in| on)? ?[⏰⏱](?:'?s?,? date| (?:from|after|before|past)(?: the)? ⏰)?\W*",
    re.I,
)


def asks_day(said: str) -> bool:
    """Returns whether the text, with ``⏰`` in place of the day, asks for the weekday or date of a day."""
    return DAY.fullmatch(said) is not None or DAY_ZH.fullmatch(said) is not None


def asks_count(text: str) -> bool:
    """Returns whether a question about time is about days: how many, which weekday, which date."""
    text, today = spelled_out(text), datetime.now()
    if asks_working(text) or asks_left(text, today.date()):
        return True
    found = any(e.kind in ("date", "date_range") for e in find_entities(text, detect_language(text), today))
    return bool(HOW_MANY.search(text)) or bool(
        (found or EASTER.search(text) or FESTIVAL.search(text) or AWAY.search(text))
        and COUNTS.search(text)
        and not _about_today(text, today)
    )


def _about_today(text: str, now: datetime) -> bool:
    days = [e.value for e in find_entities(text, detect_language(text), now) if e.kind == "date"]
    return (
        bool(days)
        and all(day == now.date() for day in days)
        and re.search(r"\btoday\b|今[天日]", text.lower()) is not None
    )


def names_day(text: str, now: datetime) -> bool:
    """Returns whether the text names a day and does not ask for a time today."""
    return bool(_named(text, now)) and not _about_today(text, now)


def answer_count(text: str, now: datetime, language: Language) -> Reply:
    """The answer to a question about days."""
    text = spelled_out(text)
    if day := impossible_day(text):
        return Reply(say("when_no_such_day", language, day=day))
    today = now.date()
    days, last = _named(text, now), asks_left(text, today)
    if asks_working(text) and (ends := _ends(days, last, today)) is not None:
        return answer_working(*ends, language) or Reply(say("which_date", language))
    if last is not None and not asks_working(text):
        unit = "weeks" if MANY_WEEKS.search(text) else ""
        return answer_left(last, today, language, _count((last - today).days, unit, language))
    if BETWEEN.search(text) and len(days) > 1:
        return _between(days[0][0], days[1][0], text, language)
    if len(days) == 1 and days[0][0] == today and BETWEEN.search(text):
        days = []  # the other day is not known
    if not days:
        return Reply(say("which_date", language))
    named, name = days[0]
    if HOW_MANY.search(text) and not WEEKDAY.search(text):
        return _until(named, name, today, text, language)
    if AWAY.search(text) or re.search(r"tomorrow|yesterday|[今明后昨前]天", text):
        return Reply(
            say("date_is", language, date=day_of(named, language), name=_capital(name)),
            data={"date": named.isoformat()},
        )
    key = "weekday_is" if named >= today else "weekday_was"
    if (asked := asked_weekday(text, name)) is not None:
        key = f"{key}_{'yes' if asked == named.weekday() else 'no'}"
    return Reply(
        say(key, language, date=day_of(named, language), name=_capital(name)), data={"date": named.isoformat()}
    )


def _ends(days: list[tuple[date, str]], last: date | None, today: date) -> tuple[date, date] | None:
    """Returns the first and last day of a span: two named days, or from today to one; None if none is named."""
    named = [day for day, _ in days if day != today]
    if last is not None:
        return today, last
    if len(named) > 1:
        return named[0], named[1]
    return (today, named[0]) if named else None


def asked_weekday(text: str, name: str) -> int | None:
    """Returns the weekday in a question such as "was 9 November 1989 a Thursday?", 0 for Monday; or None."""
    rest = text.replace(name, " ")
    found = re.search(
        rf"\b(?:a|an|on a|fall on a)\s+({'|'.join(WEEKDAYS)})\b|(?:是|不是)(?:星期|周|礼拜)([一二三四五六日天])",
        rest,
        re.IGNORECASE,
    )
    if found is None:
        return None
    return WEEKDAYS.index(found[1].capitalize()) if found[1] else WEEKDAYS_ZH.index(found[2].replace("天", "日"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _named(text: str, now: datetime) -> list[tuple[date, str]]:
    """The days that a text names, with its words for them, in order."""
    today = now.date()
    found: list[tuple[int, date, str]] = []
    found += [(match.start(), _easter_meant(match, text, today), match.group()) for match in EASTER.finditer(text)]
    festivals = [(match.start(), festival(match, text, today), match.group()) for match in FESTIVAL.finditer(text)]
    found += [(start, day, words) for start, day, words in festivals if day is not None]
    entities = find_entities(text, detect_language(text), now)
    counted = counted_from(text, entities, today)
    found += [(start, day, words) for start, _, day, words in counted]
    for match in AWAY.finditer(text):
        known = any(start < match.end() and match.start() < end for start, end, _, _ in counted)
        if not known and (day := _away(match, today)) is not None and not _anchored(match):
            found.append((match.start(), day, match.group()))
    for entity in entities:
        if entity.kind in ("date", "date_range", "datetime") and not any(
            start <= entity.start < start + len(words) for start, _, words in found
        ):
            found += [(entity.start, *each) for each in _days(entity, text, today)]
    found.sort()
    days = [(_of_year(day, words, text, today), words) for _, day, words in found]
    year_only = [each for each in days if not re.fullmatch(r"[今明去]年|(?:in )?\d{4}年?", each[1])]
    return year_only or days


def _of_year(day: date, words: str, text: str, today: date) -> date:
    """A day in the year that is said beside it: "Christmas 2027", 2027年国庆节."""
    said = re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)|(今|明|后|去|前)年", text)
    if len(said) != 1 or re.search(r"\d{4}", words) or FESTIVAL.search(words) or EASTER.search(words):
        return day
    year = int(said[0][0]) if said[0][0] else today.year + {"今": 0, "明": 1, "后": 2, "去": -1, "前": -2}[said[0][1]]
    try:
        return day.replace(year=year) if day.year != year and not re.search(r"天|周|星期|day", words) else day
    except ValueError:
        return day


def _days(entity: Entity, text: str, today: date) -> list[tuple[date, str]]:
    words = re.sub(
        r"^(?:until|till|to|before|since|from|between|by|on)\s+(?:the\s+)?|[到至]$",
        "",
        entity.text,
        flags=re.IGNORECASE,
    )
    value = entity.value
    if isinstance(value, DateRange):
        if value.start and value.end and BETWEEN.search(text) and value.start != value.end:
            return [(value.start, words), (value.end, words)]
        ends = value.end if value.start is None else value.start
        if ends is not None and value.start is None and re.match(r"before\b", entity.text):
            ends += timedelta(days=1)
        return [(rolled(ends, today, text), words)] if ends is not None else []
    day = value.date() if isinstance(value, datetime) else value
    return [(rolled(day, today, text), words)] if isinstance(day, date) else []


def _easter_meant(match: re.Match[str], text: str, today: date) -> date:
    year = re.search(r"\b((?:19|20)\d\d)\b", text)
    shift = timedelta(days=1 if match["monday"] else -2 if match["friday"] else 0)
    if year:
        return easter(int(year[1])) + shift
    ahead = easter(today.year) + shift
    return ahead if ahead >= today else easter(today.year + 1) + shift


def _anchored(match: re.Match[str]) -> bool:
    return (match["s"] or "").lower() in ("before", "after", "from")


def _away(match: re.Match[str], today: date) -> date | None:
    count = int(match["n"] or match["n2"] or match["n3"])
    unit = (match["u"] or match["u2"] or match["u3"]).lower().lstrip("个")
    sign = -1 if (match["s"] or match["s3"] or "") in ("ago", "back", "前") else 1
    try:
        if unit in ("day", "天"):
            return today + timedelta(days=sign * count)
        if unit in ("week", "周", "星期"):
            return today + timedelta(weeks=sign * count)
        return month_later(today, sign * count * (12 if unit in ("year", "年") else 1))
    except (OverflowError, ValueError):
        return None


def _count(days: int, text: str, language: Language) -> str:
    if WEEKS.search(text) is None:
        return counted(days, "day", language)
    whole, rest = divmod(days, 7)
    weeks = counted(whole, "week", language)
    return say("weeks_and_days", language, weeks=weeks, days=counted(rest, "day", language)) if rest else weeks


def _until(day: date, name: str, today: date, text: str, language: Language) -> Reply:
    days = (day - today).days
    key = "days_until" if days > 0 else "days_since" if days < 0 else "is_today"
    told = say(key, language, count=_count(abs(days), text, language), date=day_of(day, language), name=name)
    return Reply(told, data={"days": days, "date": day.isoformat()})


def _between(first: date, second: date, text: str, language: Language) -> Reply:
    days = abs((second - first).days)
    told = say(
        "days_between",
        language,
        count=_count(days, text, language),
        first=day_of(first, language),
        second=day_of(second, language),
    )
    return Reply(told, data={"days": days})
