"""Puts neighbouring values together: a date and a time, two bounds of a range, a bound and its word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise

from assistant.understanding.entities.found import Found
from assistant.understanding.entities.types import AmountRange, DateRange, Money

__all__ = ["join_amounts", "join_dates"]

_TO = re.compile(r"\s*(?:-|to|and|until|till|through|bis|à|a|al|tot|到|至|~|和)\s*")
_AT = re.compile(r"\s*(?:morning|afternoon|evening|night)?\s*(?:,|at|around|about|um|à|a las|alle|om|的|在)?\s*")
_LATE = re.compile(r"tonight|night|evening|afternoon|晚")
_PART = re.compile(r"\s+(?:morning|afternoon|evening|night)\b")
_ON = re.compile(r"\s*(?:,|on|am|le|el)?\s*")
_SINCE = re.compile(r"\b(?:since|starting|as of|seit|depuis|desde|dal?|ab|自从|自)\s*(?:the\s+)?$")
_BEFORE = re.compile(r"\b(?:before|earlier than|prior to|vor dem|vor|avant|antes del?|prima del?|voor)\s+(?:the\s+)?$")
_UNTIL = re.compile(
    r"\b(?:until|till|up to|by|no later than|bis zum|bis|jusqu'au|hasta|fino a|截至|截止到?)\s*(?:the\s+)?$"
)
_AFTER = re.compile(r"\b(?:after|later than|nach dem|nach|après|después del?|dopo|na)\s+(?:the\s+)?$")
_OPENS = re.compile(r"\b(?:between|from|zwischen|vom|von|du|entre|dal|tra|从|在)\s*(?:the\s+)?$")
_BETWEEN = re.compile(r"between|zwischen|entre|tra|在")
_HAN_AFTER = re.compile(
    r"(?P<before>(?:之|以)?前(?![天年日往台面]))|(?P<after>(?:之|以)?后(?![天年面来]))"
    r"|(?P<since>以来|起|开始|\s+(?:on|onwards?|and later)\b(?!\s+(?:the|my|a)\b))"
)

_NOT_COUNTED = (
    r"(?!\s*(?:%|percent|°|degrees?|hours?|minutes?|seconds?|days?|weeks?|months?|years?|am|pm|times|o'clock"
    r"|[个岁天年月小分秒]))"
)
_LOW = re.compile(
    r"(?:\b(?P<least>at least|no less than|not less than|minimum(?: of)?|min|starting at|from"
    r"|mindestens|ab|au moins|al menos|almeno)"
    r"|\b(?P<over>over|above|more than|greater than|exceeding|bigger than|dearer than|upwards of|higher than"
    r"|über|mehr als"
    r"|plus de|más de|più di|meer dan)|(?P<hleast>至少|不少于|不低于|最少)"
    r"|(?P<hover>超过|高于|大于|多于))\s*(?:the\s+)?$"
)
_HIGH = re.compile(
    r"(?:\b(?P<most>at most|no more than|not more than|up to|maximum(?: of)?|max"
    r"|höchstens|au plus|como máximo|al massimo)"
    r"|\b(?P<under>under|below|less than|cheaper than|lower than|fewer than"
    r"|unter|weniger als|moins de|menos de|meno di|minder dan)"
    r"|(?P<hmost>最多|不超过|不高于|不多于)|(?P<hunder>低于|少于|小于|不到))\s*(?:the\s+)?$"
)
_MORE = re.compile(
    r"\s*(?:(?P<over>or more|and (?:over|up|above|more)|以上|或更多)"
    r"|(?P<under>or less|or under|and (?:under|below)|以下|以内|之内))"
)
_NEAR = 24
"""characters before a value in which its word stands"""


def join_dates(found: Sequence[Found], text: str) -> Iterator[Found]:
    """Datetimes, and spans of days with one or two ends, out of the dates and times of a reading.

    Args:
        found: dates, spans and times in order of their place, none overlapping.
    """
    used: set[Found] = set()
    for first, second in pairwise(found):
        between = text[first.end : second.start]
        if first in used:
            continue
        joined = _moment(first, second, between, text) or _span(first, second, between, text)
        if joined is not None:
            used |= {first, second}
            yield joined
    for each in found:
        if each not in used and each.kind != "time" and (bound := _bound(each, text)) is not None:
            yield bound


def _moment(first: Found, second: Found, between: str, text: str) -> Found | None:
    day, clock = (first, second) if first.kind == "date" else (second, first)
    if day.kind != "date" or clock.kind != "time" or len(between) > 16:
        return None
    if not (_AT if day is first else _ON).fullmatch(between):
        return None
    assert isinstance(day.value, date)
    assert isinstance(clock.value, time)
    moment = datetime.combine(day.value, clock.value)
    part = _PART.match(text, second.end) if second is day else None  # "at eight tomorrow evening"
    end = part.end() if part else second.end
    if moment.hour < 12 and _LATE.search(text[day.start : max(end if part else day.end, clock.start)]):
        moment += timedelta(hours=12)
    return Found("datetime", moment, first.start, end)


def _ends(found: Found) -> tuple[date | None, date | None]:
    if isinstance(found.value, DateRange):
        return found.value.start, found.value.end
    return (found.value, found.value) if isinstance(found.value, date) else (None, None)


def _span(first: Found, second: Found, between: str, text: str) -> Found | None:
    if first.kind not in ("date", "date_range") or second.kind not in ("date", "date_range") or len(between) > 9:
        return None
    opened = _OPENS.search(text[max(0, first.start - _NEAR) : first.start])
    if not _TO.fullmatch(between) or (between.strip() in ("and", "和", "a") and not opened):
        return None
    (start, _), (_, end) = _ends(first), _ends(second)
    if start is None or end is None or end < start:
        return None
    return Found("date_range", DateRange(start, end), first.start - (len(opened.group()) if opened else 0), second.end)


def _bound(found: Found, text: str) -> Found | None:
    start, end = _ends(found)
    if start is None or end is None:
        return None
    before, day = text[max(0, found.start - _NEAR) : found.start], timedelta(days=1)
    try:
        for pattern, span in (
            (_BEFORE, DateRange(None, start - day)),
            (_UNTIL, DateRange(None, end)),
            (_AFTER, DateRange(end + day, None)),
        ):
            if word := pattern.search(before):
                return Found("date_range", span, found.start - len(word.group().lstrip()), found.end)
        if after := _HAN_AFTER.match(text, found.end):
            if after["before"]:
                return Found("date_range", DateRange(None, start - day), found.start, after.end())
            return Found(
                "date_range", DateRange(end + day if after["after"] else start, None), found.start, after.end()
            )
        if word := _SINCE.search(before):
            return Found("date_range", DateRange(start, None), found.start - len(word.group().lstrip()), found.end)
    except OverflowError:
        return None
    return None


def join_amounts(found: Sequence[Found], text: str) -> Iterator[Found]:
    """Ranges of amounts out of the money and the plain numbers of a reading, in order of their place."""
    used: set[Found] = set()
    for first, second in pairwise(found):
        between = text[first.end : second.start]
        opened = _OPENS.search(text[max(0, first.start - _NEAR) : first.start])
        if first in used or len(between) > 9 or not _TO.fullmatch(between):
            continue
        both = opened and _BETWEEN.match(opened.group())
        if not both and (between.strip() in ("and", "和", "a") or "money" not in (first.kind, second.kind)):
            continue
        if _other_unit(second, text) or _amount(first) > _amount(second):
            continue
        used |= {first, second}
        currency = _currency(second) or _currency(first)
        start = first.start - (len(opened.group().lstrip()) if opened else 0)
        yield Found("money_range", AmountRange(_amount(first), _amount(second), currency), start, second.end)
    for each in found:
        if each not in used and not _other_unit(each, text) and (bound := _limit(each, text)) is not None:
            yield bound


def _other_unit(found: Found, text: str) -> bool:
    return found.kind == "number" and not re.compile(_NOT_COUNTED).match(text, found.end)


def _amount(found: Found) -> Decimal:
    return found.value.amount if isinstance(found.value, Money) else Decimal(str(found.value))


def _currency(found: Found) -> str:
    return found.value.currency if isinstance(found.value, Money) else ""


def _limit(found: Found, text: str) -> Found | None:
    before = text[max(0, found.start - _NEAR) : found.start]
    amount, currency = _amount(found), _currency(found)
    if word := _HIGH.search(before):
        included = bool(word["most"] or word["hmost"])
        span = AmountRange(None, amount, currency, high_included=included)
        return Found("money_range", span, found.start - len(word.group()), found.end)
    if (word := _LOW.search(before)) and not (word["least"] in ("from", "ab", "min") and found.kind == "number"):
        included = bool(word["least"] or word["hleast"])
        span = AmountRange(amount, None, currency, low_included=included)
        return Found("money_range", span, found.start - len(word.group()), found.end)
    if after := _MORE.match(text, found.end):
        span = AmountRange(amount, None, currency) if after["over"] else AmountRange(None, amount, currency)
        return Found("money_range", span, found.start, after.end())
    return None
