"""Dates, as people write and say them in English and Chinese."""

from __future__ import annotations

import re
from datetime import date, timedelta

from assistant.intents.numbers import HAN_DIGITS, UNITS, Mention, read_number

__all__ = ["find_dates"]

_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905
_MONTH = "|".join(f"{name[:3]}(?:{name[3:]})?" if name != "may" else "may" for name in _MONTHS)
_DAY = "|".join(_DAYS)
_NEAR = {
    "day after tomorrow": 2, "day before yesterday": -2, "today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1,
    "next week": 7, "last week": -7, "大后天": 3, "今天": 0, "今晚": 0, "明天": 1, "后天": 2, "昨天": -1, "前天": -2,
}  # fmt: skip
_COUNT = rf"(?:\d+|an?|{'|'.join(UNITS[1:13])}|[{HAN_DIGITS}]+)"
_DATE = re.compile(
    rf"""
    (?P<iso>(?<!\d)(?P<iy>\d{{4}})[-/.年](?P<im>\d{{1,2}})[-/.月](?P<id>\d{{1,2}})[日号]?(?!\d))
    |(?P<dotted>(?<!\d)(?P<dd>\d{{1,2}})\.(?P<dm>\d{{1,2}})\.(?P<dy>\d{{4}})(?!\d))
    |(?P<slashed>(?<!\d)(?P<sa>\d{{1,2}})/(?P<sb>\d{{1,2}})/(?P<sy>\d{{4}})(?!\d))
    |(?P<han>(?P<hm>[{HAN_DIGITS}\d]{{1,3}})月(?P<hd>[{HAN_DIGITS}\d]{{1,3}})[日号])
    |(?P<named>\b(?:(?P<na>{_MONTH})\.?\s+(?P<nb>\d{{1,2}})(?:st|nd|rd|th)?
        |(?P<nc>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<nd>{_MONTH}))\b\.?(?:,?\s+(?P<ny>\d{{4}})\b)?)
    |(?P<near>{"|".join(_NEAR).replace(" ", r"[ ]")})
    |(?P<ahead>\b(?:in\s+(?P<ac>{_COUNT})\s+(?P<au>day|week)s?|(?P<gc>{_COUNT})\s+(?P<gu>day|week)s?\s+ago)\b)
    |(?P<hanahead>(?P<hc>\d+|[{HAN_DIGITS}]+)(?P<hu>天|周|个?星期)(?:以|之)?(?P<hs>后|前))
    |(?P<weekday>\b(?:(?P<ww>next|this|last|coming)\s+)?(?P<wd>{_DAY})\b
        |(?P<hw>下个?|上个?|这个?|本)?(?:周|星期|礼拜)(?P<hday>[一二三四五六日天]))
    """,
    re.IGNORECASE | re.VERBOSE,
)


def find_dates(text: str, today: date | None = None) -> list[Mention[date]]:
    """Every date in a text, in order.

    A day and month without a year mean the one nearest to today. A weekday means the next one, today included;
    "next Friday" (下周五) is Friday of the week after this one; "last Friday" is the latest before today.

    Args:
        today: what relative dates count from; the current day by default.
    """
    today = today or date.today()
    found = []
    for match in _DATE.finditer(text):
        try:
            value = _read_date({k: v for k, v in match.groupdict().items() if v is not None}, today)
        except (ValueError, OverflowError):
            continue  # such as the 31st of February
        found.append(Mention(match.start(), match.end(), value))
    return found


def _read_date(part: dict[str, str], today: date) -> date:
    if "iso" in part:
        return date(int(part["iy"]), int(part["im"]), int(part["id"]))
    if "dotted" in part:
        return date(int(part["dy"]), int(part["dm"]), int(part["dd"]))
    if "slashed" in part:  # month first as in the US, unless that cannot be
        first, second = int(part["sa"]), int(part["sb"])
        month, day = (second, first) if first > 12 else (first, second)
        return date(int(part["sy"]), month, day)
    if "han" in part:
        return _nearest(_count(part["hm"]), _count(part["hd"]), today)
    if "named" in part:
        month = next(n for n, name in enumerate(_MONTHS, 1) if name[:3] == (part.get("na") or part["nd"])[:3].lower())
        day = int(part.get("nb") or part["nc"])
        return date(int(part["ny"]), month, day) if "ny" in part else _nearest(month, day, today)
    if "near" in part:
        return today + timedelta(days=_NEAR[part["near"].lower()])
    if "weekday" in part:
        return _weekday(part, today)
    return today + timedelta(days=_distance(part))


def _nearest(month: int, day: int, today: date) -> date:
    options = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            options.append(date(year, month, day))
        except ValueError:
            continue
    if not options:
        raise ValueError("no such day")
    return min(options, key=lambda option: abs((option - today).days))


def _count(text: str) -> int:
    if text.lower() in ("a", "an"):
        return 1
    value = read_number(text)
    if value is None:
        raise ValueError(text)
    return int(value)


def _distance(part: dict[str, str]) -> int:
    if "ahead" in part:
        count, unit, sign = part.get("ac") or part["gc"], part.get("au") or part["gu"], 1 if "ac" in part else -1
        return sign * _count(count) * (7 if unit.lower() == "week" else 1)
    days = _count(part["hc"]) * (1 if part["hu"] == "天" else 7)
    return days if part["hs"] == "后" else -days


def _weekday(part: dict[str, str], today: date) -> date:
    day = _DAYS.index(part["wd"].lower()) if "wd" in part else "一二三四五六日".index(part["hday"].replace("天", "日"))
    which = (part.get("ww") or part.get("hw") or "").lower()
    monday = today - timedelta(days=today.weekday())
    if which == "next" or which.startswith("下"):
        return monday + timedelta(days=7 + day)
    if which == "last":
        return today - timedelta(days=(today.weekday() - day - 1) % 7 + 1)
    if which.startswith("上"):
        return monday + timedelta(days=day - 7)
    return today + timedelta(days=(day - today.weekday()) % 7)
