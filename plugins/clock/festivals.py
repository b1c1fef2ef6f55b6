"""Festivals that the date reader does not know: those of the lunar calendar, and those with a short name."""

from __future__ import annotations

import re
from datetime import date, timedelta

__all__ = ["FESTIVAL", "festival"]

SPRING = (
    "2025-01-29 2026-02-17 2027-02-06 2028-01-26 2029-02-13 2030-02-03 2031-01-23 2032-02-11 2033-01-31 2034-02-19"
    " 2035-02-08 2036-01-28"
)
DRAGON_BOAT = "2025-05-31 2026-06-19 2027-06-09 2028-05-28 2029-06-16 2030-06-05"
MID_AUTUMN = "2025-10-06 2026-09-25 2027-09-15 2028-10-03 2029-09-22 2030-09-12"
FIXED = {
    "三八(?:妇女)?节?|妇女节": (3, 8), r"愚人节|\bapril fool(?:s'?|'s)(?: day)?\b": (4, 1),
    "五一(?:劳动节|假期)?": (5, 1), "五四(?:青年节)?": (5, 4), "六一(?:儿童节)?|儿童节": (6, 1), "七一": (7, 1),
    "八一(?:建军节)?": (8, 1), "教师节": (9, 10), "十一(?:国庆节?|黄金周|假期|长假)": (10, 1), "国庆(?!节)": (10, 1),
    "双十一": (11, 11), "双十二": (12, 12), "圣诞(?![节树老礼卡歌])": (12, 25), r"\bburns night\b": (1, 25),
    r"\bvalentine'?s\b(?! day)": (2, 14), r"\b(?:st|saint) patrick'?s(?: day)?\b": (3, 17),
    r"\b(?:bonfire|guy fawkes) night\b": (11, 5),
}  # fmt: skip
"""names → month and day"""
_FIGURES = "零一二三四五六七八九十百千万两0-9"
FESTIVAL = re.compile(
    r"(?P<spring>春节|大年初一|农历新年|过年|\b(?:chinese|lunar) new year\b|\bspring festival\b)"
    r"|(?P<eve>除夕|大年三十|年三十)"
    r"|(?P<lantern>元宵节?|\blantern festival\b)|(?P<boat>端午节?|\bdragon boat festival\b)"
    r"|(?P<autumn>中秋节?|\bmid-?autumn(?: festival)?\b)"
    rf"|(?P<fixed>(?<![{_FIGURES}])(?:{'|'.join(FIXED)})(?![{_FIGURES}点号月日天个块年岁]))",
    re.IGNORECASE,
)


def festival(found: re.Match[str], text: str, today: date) -> date | None:
    """The day that a match of `FESTIVAL` means: of the year in the text, or the next; None where it is not known."""
    if found.lastgroup == "fixed":
        month, number = next(day for names, day in FIXED.items() if re.fullmatch(names, found.group(), re.IGNORECASE))
        ahead = date(today.year, month, number)
        year = _year(text, today)
        return ahead.replace(year=year) if year else ahead if ahead >= today else ahead.replace(year=today.year + 1)
    table, shift = {
        "spring": (SPRING, 0),
        "eve": (SPRING, -1),
        "lantern": (SPRING, 14),
        "boat": (DRAGON_BOAT, 0),
        "autumn": (MID_AUTUMN, 0),
    }[str(found.lastgroup)]
    days = [date.fromisoformat(each) + timedelta(days=shift) for each in table.split()]
    if asked := _year(text, today):
        return next((day for day in days if day.year == asked), None)
    return next((day for day in days if day >= today), None)


def _year(text: str, today: date) -> int:
    """The year that a text says; 0 for none."""
    year = re.search(r"\b(20\d\d)\b|(20\d\d)年|(今|明|后)年", text)
    return int(year[1] or year[2] or today.year + "今明后".index(year[3])) if year is not None else 0
