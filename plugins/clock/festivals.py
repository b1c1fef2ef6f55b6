"""Festivals of the lunar calendar, which fall on another date each year."""

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
FESTIVAL = re.compile(
    r"(?P<spring>春节|大年初一|农历新年|过年|\b(?:chinese|lunar) new year\b|\bspring festival\b)"
    r"|(?P<eve>除夕|大年三十|年三十)"
    r"|(?P<lantern>元宵节?|\blantern festival\b)|(?P<boat>端午节?|\bdragon boat festival\b)"
    r"|(?P<autumn>中秋节?|\bmid-?autumn(?: festival)?\b)",
    re.IGNORECASE,
)


def festival(found: re.Match[str], text: str, today: date) -> date | None:
    """The day that a match of `FESTIVAL` means: of the year in the text, or the next; None where it is not known."""
    table, shift = {
        "spring": (SPRING, 0),
        "eve": (SPRING, -1),
        "lantern": (SPRING, 14),
        "boat": (DRAGON_BOAT, 0),
        "autumn": (MID_AUTUMN, 0),
    }[str(found.lastgroup)]
    days = [date.fromisoformat(each) + timedelta(days=shift) for each in table.split()]
    year = re.search(r"\b(20\d\d)\b|(20\d\d)年|(今|明|后)年", text)
    if year is not None:
        asked = int(year[1] or year[2] or today.year + "今明后".index(year[3]))
        return next((day for day in days if day.year == asked), None)
    return next((day for day in days if day >= today), None)
