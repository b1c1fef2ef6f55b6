"""Rewrites customers' days and amounts into forms that the entity readers understand."""

from __future__ import annotations

import re
from datetime import date, timedelta

from assistant import find_entities
from assistant.understanding.entities.han import read_han

__all__ = ["in_plain_words"]

PLACES = 5
"""up to which an ordinal is a place in a list, and no day of a month"""
_NUMERAL = "[零〇一二两三四五六七八九十百千万\\d]"
_EURO = re.compile(rf"(?<={_NUMERAL})(?<!几十)(?<!几百)(?:块钱?|欧(?![元洲]))|\b(?:quid|bucks)\b", re.IGNORECASE)
"""the shop counts in euros, whatever these are elsewhere"""
_TO = re.compile(rf"({_NUMERAL}+)(?:欧元?|块)?[到至-]({_NUMERAL}+)(?=欧元)")
_MONTH = re.compile(
    r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|月|\bweek|[周期拜][一-日天]", re.IGNORECASE
)
_DAY = re.compile(
    r"\bthe (\d{1,2})(?:st|nd|rd|th)\b"
    r"|(?<![\d零一二三四五六七八九十第])([零一二三四五六七八九十\d]{1,3})[号日](?![楼线单店])",
    re.IGNORECASE,
)
_TURNED = re.compile(
    r"\b(?P<month>(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*|may) (?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?!:)",
    re.IGNORECASE,
)
_UNTIL_NOW = re.compile(r"(?:\bfrom )?(\S+) (?:un)?(?:till?|to|up to) (?:now|today)\b", re.IGNORECASE)
_UNTIL_NOW_ZH = re.compile(r"(月份?|[号日])[到至](?:现在|今天|目前|如今)")
_THIRD = re.compile(
    r"\b(?P<part>early|mid|late)[- ](?P<month>(?:jan|feb|mar|apr|jun|jul|aug|sep|oct|nov|dec)[a-z]*|may)\b"
    r"|(?P<zh>[\d一二三四五六七八九十]+月)(?:份?)(?P<third>[上中下]旬|初|底)",
    re.IGNORECASE,
)
_THIRDS = {"early": (1, 10), "mid": (11, 20), "late": (21, 28), "上": (1, 10), "初": (1, 10), "中": (11, 20)}
_YEAR = re.compile(r"\b(?:of|in|from|during) (20\d\d)\b(?! (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))")
_YEAR_ZH = re.compile(r"(20\d\d)年(?!\s*[\d一二三四五六七八九十])")


def in_plain_words(text: str, today: date) -> str:
    """A question about past orders as the readers of days and amounts know it best.

    "the 20th" and 二十号 are of the last month that has had such a day, "Nov 25" is 25 November, and 四十欧, 五十块,
    "fifty quid" are euros.

    Args:
        text: what was asked.
        today: when.
    """
    plain = _EURO.sub(lambda found: " euros" if found[0].isascii() else "欧元", text)
    plain = _TO.sub(r"\1欧元到\2", plain)
    plain = _TURNED.sub(r"\g<day> \g<month>", plain)
    plain = _UNTIL_NOW_ZH.sub(r"\1以来", _UNTIL_NOW.sub(r"since \1", plain))
    plain = _THIRD.sub(_third, plain)
    plain = _YEAR.sub(r"between 1 January \1 and 31 December \1", plain)
    plain = _YEAR_ZH.sub(r"\g<1>年1月1日到\g<1>年12月31日", plain)
    if _MONTH.search(plain):
        return plain
    for each in reversed(find_entities(plain) if " the " in f" {plain}" else ()):
        if each.kind == "ordinal" and isinstance(each.value, int) and each.value > PLACES and each.text.isascii():
            plain = f"{plain[: each.start]}{each.value}th{plain[each.end :]}"  # "the nineteenth"
    return _DAY.sub(lambda found: _of_last_month(found, today), plain)


def _third(found: re.Match[str]) -> str:
    """A part of a month as days: "mid November" is between 11 and 20 November, 下旬 ends with the 28th at least."""
    first, last = _THIRDS.get((found["part"] or found["third"][0]).lower(), (21, 28))
    if found["part"]:
        return f"between {first} {found['month']} and {last} {found['month']}"
    behind = found.string[found.end() : found.end() + 2]
    opens = behind in ("以后", "之后", "以来", "开始", "起的") or behind[:1] == "起"
    return f"{found['zh']}{first}日" if opens else f"{found['zh']}{first}日到{found['zh']}{last}日"


def _of_last_month(found: re.Match[str], today: date) -> str:
    """A day of a month that is not said, with the month of the last such day."""
    day = int(found[1] or read_han(found[2]) or 0)
    month = next((last for last in _months(today) if _holds(last, day, today)), None)
    if month is None:
        return found[0]
    return f"{day} {month:%B}" if found[1] else f"{month.month}月{day}日"


def _months(today: date) -> list[date]:
    """The first days of this month and the three before it, the latest first."""
    months = [today.replace(day=1)]
    for _ in range(3):
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def _holds(month: date, day: int, today: date) -> bool:
    try:
        return month.replace(day=day) <= today
    except ValueError:
        return False
