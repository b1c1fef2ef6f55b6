"""Days and spans of days: "ten days from now", "in October", 上周, 12/05/2026."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from assistant.understanding.entities.found import Found
from assistant.understanding.entities.types import DateRange
from assistant.understanding.entities.vocabulary import Vocabulary, vocabulary

__all__ = ["find_dates"]

_NEAR = {
    "the day after tomorrow": 2, "day after tomorrow": 2, "the day before yesterday": -2, "day before yesterday": -2,
    "today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1, "this morning": 0, "this afternoon": 0,
    "this evening": 0, "last night": -1, "大后天": 3, "大前天": -3, "今天": 0, "今晚": 0, "今早": 0, "今日": 0,
    "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "后天": 2, "後天": 2, "昨天": -1, "昨日": -1, "昨晚": -1, "前天": -2,
}  # fmt: skip
_UNITS = {"day": "day", "night": "day", "week": "week", "fortnight": "fortnight", "month": "month", "year": "year"}
_UNITS |= {
    "天": "day",
    "日": "day",
    "周": "week",
    "週": "week",
    "星期": "week",
    "礼拜": "week",
    "月": "month",
    "年": "year",
}
_HOLIDAYS = {
    "christmas": (12, 25), "christmas day": (12, 25), "christmas eve": (12, 24), "new year's eve": (12, 31),
    "new year's day": (1, 1), "new year": (1, 1),
    "new years eve": (12, 31), "new years day": (1, 1), "valentines day": (2, 14), "xmas": (12, 25),
    "xmas eve": (12, 24), "new year's": (1, 1), "boxing day": (12, 26),
    "halloween": (10, 31), "valentine's day": (2, 14),
    "圣诞节": (12, 25), "平安夜": (12, 24),
    "元旦": (1, 1), "国庆节": (10, 1), "劳动节": (5, 1), "情人节": (2, 14),
}  # fmt: skip
"""name → month and day"""
_DOUBTFUL = frozenset({"march", "mars", "marzo", "août"})
"""months that are words of other meanings too"""
_UNIT = r"day|night|week|fortnight|month|year"
_HAN_UNIT = r"天|日|周|週|个?星期|个?礼拜|个月|年"


@cache
def _pattern(language: str) -> re.Pattern[str]:
    words = vocabulary(language)
    month = "|".join(sorted(map(re.escape, words.months), key=len, reverse=True))
    day = "|".join(sorted(map(re.escape, words.weekdays), key=len, reverse=True))
    near = "|".join(sorted(map(re.escape, [*_NEAR, *words.near]), key=len, reverse=True))
    holiday = "|".join(sorted(map(re.escape, _HOLIDAYS), key=len, reverse=True))
    nth = r"\d{1,2}(?:st|nd|rd|th|\.)?"
    year = r"(?:,?\s+(?:of\s+|de\s+)?(?P<{}>(?:19|20)\d\d)\b)?"
    return re.compile(
        rf"""
        (?:(?<![a-z\d])|(?=[^\x00-\x7f]))(?:  # only where a word begins: most of the time is spent on the others
        (?P<iso>(?<![\d.-])(?P<iy>(?:19|20)\d\d)[-/.年]\s?(?P<im>\d{{1,2}})[-/.月]\s?(?P<id>\d{{1,2}})[日号]?(?!\d))
        |(?P<numeric>(?<![\d./-])(?P<na>\d{{1,2}})(?P<nsep>[./-])(?P<nb>\d{{1,2}})(?P=nsep)(?P<ny>\d{{4}}|\d\d)(?![\d/]|\.\d))
        |(?P<short>\b(?:on|by|for|until|till|before|since|from|after|am|dated?|to|zum|bis|le|el|em|op)\s
            (?P<sa>\d{{1,2}})(?P<ssep>[/.])(?P<sb>\d{{1,2}})\.?(?![\d/%]))
        |(?P<pair>(?<![^\W\d_])(?:(?P<pma>{month})\b\.?\s+(?P<pa>{nth})\s*(?:-|to|until|till|bis|and)\s*(?P<pb>{nth})(?![\d:])
            |(?:(?:from|between)\s+(?:the\s+)?)?(?P<pc>{nth})\s*(?:-|to|until|till|bis|and|à|al?)\s*(?:the\s+)?(?P<pe>{nth})\s+(?:of\s+|de\s+)?(?P<pmb>{month})\b\.?){year.format("py")})
        |(?P<hanpair>(?P<hpm>\d{{1,2}})月(?P<hpa>\d{{1,2}})[日号]?(?:到|至|-)(?P<hpb>\d{{1,2}})[日号])
        |(?P<months>(?:between|from)\s+(?P<ma1>{month})\s+(?:and|to|until|till)\s+(?P<ma2>{month})\b{year.format("may_")})
        |(?P<holiday>(?<![^\W\d_])(?:{holiday})(?![^\W\d_\u4e00-\u9fff])|圣诞节|平安夜|元旦|国庆节|劳动节|情人节)
        |(?P<han>(?:(?P<hw>今年|明年|去年|前年|(?:19|20)\d\d年))?(?P<hm>\d{{1,2}})月份?(?:(?P<hd>\d{{1,2}})[日号]?)?(?![\d个]))
        |(?P<handay>(?<!\d)(?P<hdd>\d{{1,2}})[号](?![码楼线院\w]?(?:码|楼|线)))
        |(?P<hanyear>(?<!\d)(?P<hyy>(?:19|20)\d\d)年|今年|明年|去年|前年|后年)
        |(?P<named>(?<![^\W\d_])(?:(?P<ma>{month})\b\.?\s+(?:the\s+)?(?P<da>{nth})(?![\d:]|\s?[ap]\.?m\b)
            |(?P<db>{nth})\s+(?:of\s+|de\s+)?(?P<mb>{month})\b\.?){year.format("my")})
        |(?P<month>(?<![^\W\d_])(?:(?P<mw>last|next|this|in|during|of|since|before|until|till|by|after|from|for|im|en|em)\s+)?
            (?P<mm>{month})\b\.?{year.format("mmy")})
        |(?P<monthyear>(?<![^\W\d_])(?P<ym>{month})\s+(?P<yy>(?:19|20)\d\d)\b)
        |(?P<onday>\b(?:on|by|for|until|before|since|after|from)\s+(?:the\s+)?(?P<pd>\d{{1,2}})(?:st|nd|rd|th)\b(?!\s+(?:of\s+)?(?:{month})\b))
        |(?P<near>(?<![^\W\d_\u4e00-\u9fff])(?:{near})(?![^\W\d_\u4e00-\u9fff])
            |{"|".join(n for n in _NEAR if not n.isascii())})
        |(?P<ahead>\b(?:in\s+(?P<ac>(?<!\d)\d{{1,4}}|an?|a\s+couple\s+of|a\s+few)\s+(?P<au>{_UNIT})s?(?:'\s?time)?
            |(?P<gc>(?<!\d)\d{{1,4}}|an?|a\s+couple\s+of|a\s+few)\s+(?P<gu>{_UNIT})s?\s+(?P<gs>ago|from\s+now|from\s+today|later|hence|back))\b)
        |(?P<hanahead>(?P<hc>(?<!\d)\d{{1,4}})(?P<hu>{_HAN_UNIT})(?:以|之)?(?P<hs>后|後|前)(?!的))
        |(?P<spanback>\b(?:(?:the|my)\s+)?(?:last|past|previous|next|coming)\s+(?P<bc>(?<!\d)\d{{1,4}})\s+(?P<bu>{_UNIT})s?\b)
        |(?P<hanback>(?:过去|最近|近|这)(?P<kc>(?<!\d)\d{{1,4}}|几)(?P<ku>{_HAN_UNIT}))
        |(?P<unit>\b(?P<uw>last|next|this|past|previous|coming)\s+(?P<uu>week(?:end)?|month|year|quarter)\b|\bthe\s+weekend\b)
        |(?P<hanunit>(?P<vw>上上|下下|上|下|这|本)个?(?P<vu>周末|周|週|星期|礼拜|月)(?![1-7一二三四五六日天末])(?:份)?)
        |(?P<year>\b(?:in|since|before|after|until|from|during)\s+(?P<yw>(?:19|20)\d\d)\b(?!\s*[.,]\d))
        |(?P<hanweekday>(?P<xw>上上|下下|上|下|这|本)?个?(?:周|週|星期|礼拜)(?P<xd>[1-6日天末]))
        |(?P<weekday>(?<![^\W\d_])(?:(?P<ww>next|this|last|coming|on|by|since|until|till|before|after|from)\s+)?(?P<wd>{day})\b(?!s)))
        """,
        re.VERBOSE,
    )


def find_dates(text: str, today: date, language: str = "en") -> Iterator[Found]:
    """Every day and span of days in a reading.

    A day and month without a year mean the one nearest to today; a weekday means the next one, today included; "next
    Friday" (下周五) is Friday of the week after this one; "last Friday" the latest before today.

    Args:
        today: what relative dates count from.
        language: ISO 639-1; English writes the month first in 12/05/2026, other languages the day.
    """
    words = vocabulary(language)
    for match in _pattern(language).finditer(text):
        part = {name: value for name, value in match.groupdict().items() if value is not None}
        try:
            value = _read(part, match.group(), today, words, language)
        except (ValueError, OverflowError):
            continue  # such as the 31st of February
        if value is not None:
            start = match.start()
            lead = re.match(
                r"(?:in|during|of|on|by|since|before|until|till|after|from|for|dated?|to|am|im|en|em|zum|bis|le|el|op)\s+",
                match.group(),
            )
            if lead and "ahead" not in part:
                start += lead.end()
            yield Found("date_range" if isinstance(value, DateRange) else "date", value, start, match.end())


def _read(part: dict[str, str], whole: str, today: date, words: Vocabulary, language: str) -> date | DateRange | None:
    if "iso" in part:
        return date(int(part["iy"]), int(part["im"]), int(part["id"]))
    if "numeric" in part:
        return _numeric(int(part["na"]), int(part["nb"]), part["ny"], part["nsep"], language)
    if "short" in part:
        month, day = _order(int(part["sa"]), int(part["sb"]), part["ssep"], language)
        return _nearest(month, day, today)
    if "pair" in part or "hanpair" in part:
        return _pair(part, today, words)
    if "named" in part:
        month = words.months[part.get("ma") or part["mb"]]
        day = int(re.sub(r"\D", "", part.get("da") or part["db"]))
        return date(int(part["my"]), month, day) if "my" in part else _nearest(month, day, today)
    if "months" in part:
        return _months(words.months[part["ma1"]], words.months[part["ma2"]], part.get("may_"), today)
    if "holiday" in part:
        return _nearest(*_HOLIDAYS[part["holiday"]], today)
    if "near" in part:
        return today + timedelta(days=_NEAR[part["near"]] if part["near"] in _NEAR else words.near[part["near"]])
    if "weekday" in part:
        return _weekday(words.weekdays[part["wd"]], part.get("ww", ""), whole, today)
    if "onday" in part or "handay" in part:
        return _day_of_month(int(part.get("pd") or part["hdd"]), today)
    return _chinese(part, today) or _span(part, whole, today, words)


def _pair(part: dict[str, str], today: date, words: Vocabulary) -> DateRange:
    month = int(part["hpm"]) if "hpm" in part else words.months[part.get("pma") or part["pmb"]]
    days = [part[name] for name in ("pa", "pb", "pc", "pe", "hpa", "hpb") if name in part]
    first, last = (int(re.sub(r"\D", "", day)) for day in days)
    start = date(int(part["py"]), month, first) if "py" in part else _nearest(month, first, today)
    if last < first:
        raise ValueError("ends before it begins")
    return DateRange(start, start.replace(day=last))


def _months(first: int, last: int, year: str | None, today: date) -> DateRange:
    begins = int(year) if year else _nearest_year(first, today)
    return DateRange(_month(begins, first).start, _month(begins + (last < first), last).end)


def _chinese(part: dict[str, str], today: date) -> date | DateRange | None:
    if "han" in part:
        year = _han_year(part.get("hw", ""), today)
        month = int(part["hm"])
        if "hd" in part:
            day = int(part["hd"])
            return date(year, month, day) if year else _nearest(month, day, today)
        return _month(year or _nearest_year(month, today), month)
    if "hanyear" in part:
        year = _han_year(part["hanyear"], today)
        return DateRange(date(year, 1, 1), date(year, 12, 31))
    if "hanahead" in part:
        sign = -1 if part["hs"] == "前" else 1
        return _shift(today, sign * int(part["hc"]), _UNITS[part["hu"].lstrip("个")])
    if "hanback" in part:
        count = 3 if part["kc"] == "几" else int(part["kc"])
        return DateRange(_shift(today, -count, _UNITS[part["ku"].lstrip("个")]), today)
    weeks = {"上上": -2, "下下": 2, "上": -1, "下": 1}.get(part.get("vw") or part.get("xw") or "", 0)
    if "hanunit" in part:
        return _whole({"月": "month", "周末": "weekend"}.get(part["vu"], "week"), weeks, today)
    if "hanweekday" not in part:
        return None
    if part["xd"] == "末":
        return _whole("weekend", weeks, today)
    day = 6 if part["xd"] in "日天" else int(part["xd"]) - 1
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(days=7 * weeks + day) if "xw" in part else _weekday(day, "", "", today)


def _han_year(word: str, today: date) -> int:
    offset = {"今年": 0, "明年": 1, "后年": 2, "去年": -1, "前年": -2}.get(word)
    return today.year + offset if offset is not None else int(word[:4]) if word else 0


def _span(part: dict[str, str], whole: str, today: date, words: Vocabulary) -> date | DateRange | None:
    if "month" in part or "monthyear" in part:
        month, year = words.months[part.get("mm") or part["ym"]], part.get("mmy") or part.get("yy")
        which = part.get("mw", "")
        doubtful = which in ("", "to", "for", "by", "on") and (
            len(part.get("mm", "long")) < 4 or part["mm"] in _DOUBTFUL
        )
        if not year and doubtful:
            return None
        return _month(int(year) if year else _year_of(month, which, today), month)
    if "year" in part:
        return DateRange(date(int(part["yw"]), 1, 1), date(int(part["yw"]), 12, 31))
    if "unit" in part:
        offset = {"last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1}.get(part.get("uw", ""), 0)
        return _whole(part.get("uu", "weekend"), offset, today)
    if "spanback" in part:
        ahead = "next" in whole or "coming" in whole
        other = _shift(today, int(part["bc"]) * (1 if ahead else -1), part["bu"])
        return DateRange(today, other) if ahead else DateRange(other, today)
    if "ahead" in part:
        count, unit = part.get("ac") or part["gc"], part.get("au") or part["gu"]
        amount = int(count) if count.isdigit() else 2 if "couple" in count else 3 if "few" in count else 1
        return _shift(today, -amount if part.get("gs") in ("ago", "back") else amount, unit)
    return None


def _numeric(first: int, second: int, year: str, mark: str, language: str) -> date:
    month, day = _order(first, second, mark, language)
    return date(int(year) + (2000 if len(year) == 2 else 0), month, day)


def _order(first: int, second: int, mark: str, language: str) -> tuple[int, int]:
    """Month and day: month first with slashes in English and Chinese, unless that cannot be."""
    month_first = mark != "." and language in ("en", "zh") and first <= 12
    return (first, second) if month_first or second > 12 else (second, first)


def _nearest(month: int, day: int, today: date) -> date:
    options = [
        date(year, month, day)
        for year in (today.year - 1, today.year, today.year + 1)
        if 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]
    ]
    if not options and (month, day) == (2, 29):
        options = [date(year, 2, 29) for year in range(today.year + 2, today.year + 9) if calendar.isleap(year)]
    if not options:
        raise ValueError("no such day")
    return min(options, key=lambda option: abs((option - today).days))


def _day_of_month(day: int, today: date) -> date:
    """The next day of that number, today included."""
    for ahead in range(3):
        first = _shift(today.replace(day=1), ahead, "month")
        if day <= calendar.monthrange(first.year, first.month)[1] and first.replace(day=day) >= today:
            return first.replace(day=day)
    raise ValueError("no such day")


def _nearest_year(month: int, today: date) -> int:
    return min((today.year + n for n in (-1, 0, 1)), key=lambda y: abs((y - today.year) * 12 + month - today.month))


def _year_of(month: int, which: str, today: date) -> int:
    if which == "last":
        return today.year if month < today.month else today.year - 1
    if which == "next":
        return today.year if month > today.month else today.year + 1
    if which == "since":
        return today.year if month <= today.month else today.year - 1
    return _nearest_year(month, today)


def _month(year: int, month: int) -> DateRange:
    return DateRange(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def _whole(unit: str, offset: int, today: date) -> DateRange:
    """A whole week, weekend, month, quarter or year; 0 is the present one."""
    if unit == "year":
        return DateRange(date(today.year + offset, 1, 1), date(today.year + offset, 12, 31))
    if unit == "month":
        first = _shift(today.replace(day=1), offset, "month")
        return _month(first.year, first.month)
    if unit == "quarter":
        first = _shift(date(today.year, (today.month - 1) // 3 * 3 + 1, 1), 3 * offset, "month")
        return DateRange(first, _shift(first, 3, "month") - timedelta(days=1))
    monday = today - timedelta(days=today.weekday()) + timedelta(days=7 * offset)
    return DateRange(monday + timedelta(days=5 if unit == "weekend" else 0), monday + timedelta(days=6))


def _shift(day: date, count: int, unit: str) -> date:
    if abs(count) > 4_000:
        raise OverflowError("too far away")
    if unit in ("month", "year"):
        months = day.year * 12 + day.month - 1 + count * (12 if unit == "year" else 1)
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    return day + timedelta(days=count * {"week": 7, "fortnight": 14}.get(unit, 1))


def _weekday(day: int, which: str, whole: str, today: date) -> date | None:
    if (
        which == ""
        and len(whole) <= 3
        and whole.isascii()
        and whole in ("sat", "sun", "mon", "wed", "fri", "tue", "thu")
    ):
        return None  # "he sat"
    if which == "next":
        return today - timedelta(days=today.weekday()) + timedelta(days=7 + day)
    if which in ("last", "since"):
        back = (today.weekday() - day) % 7
        return today - timedelta(days=back or (0 if which == "since" else 7))
    return today + timedelta(days=(day - today.weekday()) % 7)
