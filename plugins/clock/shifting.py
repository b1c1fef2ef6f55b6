"""Days that are counted from another: "three weeks from Wednesday", and a repair "no, the day after that"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from assistant.understanding.entities import DateRange, Entity

__all__ = ["counted_from", "lead_time", "month_later", "repaired", "repaired_by"]

REPAIR = re.compile(
    r"[\s,.;…—-]*(?:\b(?:oh|no|wait|sorry|actually|rather|or|i mean|make (?:it|that)|hang on|hmm)\b[\s,.…-]*)+"
    r"the (?P<unit>day|week)(?P<back> before)?(?: after)?(?: that| it)?\W*$"
    r"|[\s，,。]*(?:(?:哦|啊|噢)?不(?:对|是)?|等等|算了)[\s，,。]*(?:再)?(?:(?P<han>后|前)一?(?P<hunit>天|周)"
    r"|(?P<late>晚|早)一?(?P<lunit>天|周))吧?\W*$",
    re.IGNORECASE,
)
LEAD_BEFORE = re.compile(r"(?:提前|提早)\s*$")
LEAD_BEHIND = re.compile(
    r"\s*(?:before(?:hand)?|ahead(?: of time)?|early|in advance|earlier)\b(?: (?:of )?(?:it|that|then)\b)?",
    re.IGNORECASE,
)
EVE = re.compile(r"\bthe (?P<unit>night|evening|day|morning|afternoon|week) (?P<before>before)\b", re.IGNORECASE)
FROM = re.compile(r"\s*(?P<sign>from|after|past|before)\s+(?:the\s+)?", re.IGNORECASE)
FROM_HAN = re.compile(r"(?:开始|起|算起|之|以|过|再|往)*(?P<back>前)?(?:后|的|过|再)*")


AGAINST = re.compile(
    r"[\s,.;–—-]*\b(?:no[\s,]+wait|wait[\s,]+no|oh no|no[\s,]+actually|actually|hang on|hold on|scratch that"
    r"|on second thoughts?|wait|no)\b[\s,.]+|[\s，,]*(?:哦不|不对|等等|等一下|算了|不行|不是)[\s，,]*",
    re.IGNORECASE,
)
"""takes back what was said before it"""
THEREFORE = re.compile(
    r"(?:^|[\s,]+)(?:so|then|therefore|better|rather)\b(?:[\s,]+(?:make it|make that|set it|let's say|at|for|to|it's))*"
    r"|\bmake (?:it|that)\b(?: (?:at|for))?|[，,]?(?:所以)?(?:还是|那就?|改成?|就)(?=.*[点半刻时])",
    re.IGNORECASE,
)
"""before what is meant after all"""


def repaired(text: str) -> tuple[str, str] | None:
    """Splits a self-correction into the request and its repair: ("wake me at 7", "6:15"); None without a correction.

    "Wake me at 7, no wait, the train goes at 7:30 so 6:15": what stands before "so" is a reason. The second part may be
    empty, where the first was put right already.
    """
    taken_back = AGAINST.search(text)
    if taken_back is None or not text[: taken_back.start()].strip():
        return None
    after = text[taken_back.end() :]
    therefore = list(THEREFORE.finditer(after))
    if not therefore:
        return None
    return text[: taken_back.start()].strip(), after[therefore[-1].end() :].strip(" ,，")


def repaired_by(text: str) -> tuple[timedelta, tuple[int, int]] | None:
    """Returns by how much a final repair moves the day before it, and the repair's span; None without one."""
    found = REPAIR.search(text)
    if found is None:
        return None
    week = (found["unit"] or found["hunit"] or found["lunit"]) in ("week", "周")
    back = bool(found["back"]) or found["han"] == "前" or found["late"] == "早"
    return timedelta(days=(7 if week else 1) * (-1 if back else 1)), found.span()


def lead_time(text: str, found: Sequence[Entity]) -> tuple[timedelta, tuple[int, int]] | None:
    """Returns how long before an event it rings, and the span of these words: "half an hour before", 提前十分钟."""
    if eve := EVE.search(text):
        behind = re.search(r"\s+to\s", text[eve.end() :])
        days = [each for each in found if each.kind in ("date", "datetime") and each.start >= eve.end()]
        if behind and days and days[0].end <= eve.end() + behind.start() + 1:
            by = timedelta(weeks=1) if eve["unit"] == "week" else timedelta(days=1)
            return by, (eve.start("before"), days[0].start)
    for entity in found:
        if entity.kind != "duration" or not isinstance(entity.value, timedelta):
            continue
        before, behind = LEAD_BEFORE.search(text[: entity.start]), LEAD_BEHIND.match(text[entity.end :])
        if before or behind:
            start = before.start() if before else entity.start
            return entity.value, (start, entity.end + (behind.end() if behind else 0))
    return None


def month_later(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def _from_today(text: str, length: Entity) -> int:
    """1 for so long from today on, -1 for so long ago, 0 for neither."""
    ahead, behind = text[: length.start], text[length.end :]
    if re.match(r"\s*(?:ago|back|earlier)\b|[之以]?前", behind, re.IGNORECASE):
        return -1
    later = re.match(r"\s*(?:from (?:now|today)|later|hence|ahead)\b|'? time\b|[之以]?后", behind, re.IGNORECASE)
    return 1 if later or re.search(r"(?:再过|过|今天起|现在起|往后)\s*$", ahead) else 0


def counted_from(text: str, found: Sequence[Entity], today: date) -> list[tuple[int, int, date, str]]:
    """Returns the days counted from another day: start, end, the day, and the words for it."""
    days = []
    for length in (each for each in found if each.kind == "duration" and isinstance(each.value, timedelta)):
        for anchor in (each for each in found if each.kind in ("date", "date_range", "datetime")):
            said = text[length.end : anchor.end]
            joined = FROM.match(said) if anchor.end > length.end else None
            if joined and length.end + joined.end() >= anchor.start:
                day = _shifted(length, _day_of(anchor), -1 if joined["sign"].lower() == "before" else 1)
                days.append((length.start, anchor.end, day, text[length.start : anchor.end]))
            elif anchor.end <= length.start and (han := FROM_HAN.fullmatch(text[anchor.end : length.start])):
                behind = text[length.end : length.end + 2]
                back = bool(han["back"]) or re.match(r"[之以]?前", behind) is not None
                if not text.isascii():
                    day = _shifted(length, _day_of(anchor), -1 if back else 1)
                    days.append((anchor.start, length.end, day, text[anchor.start : length.end]))
        if not any(start <= length.start < end for start, end, _, _ in days) and (sign := _from_today(text, length)):
            day = _shifted(length, today, sign)
            days.append((length.start, length.end, day, length.text))
    return [(start, end, day, words) for start, end, day, words in days if day is not None]


def _day_of(entity: Entity) -> date | None:
    value = entity.value
    if isinstance(value, DateRange):  # "after Christmas" begins on the day after it
        if value.start is not None and re.match(r"(?:after|past)\b", entity.text, re.IGNORECASE):
            return value.start - timedelta(days=1)
        if value.start is None and value.end is not None and re.match(r"before\b", entity.text, re.IGNORECASE):
            return value.end + timedelta(days=1)
        if value.start is not None and re.search(r"[之以]?后$", entity.text):
            return value.start - timedelta(days=1)
        return value.start or value.end
    return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None


def _shifted(length: Entity, day: date | None, sign: int) -> date | None:
    assert isinstance(length.value, timedelta)
    if day is None:
        return None
    count = re.search(r"month|个?月", length.text), re.search(r"year|年", length.text)
    try:
        if count[0]:
            return month_later(day, sign * round(length.value.days / 30.4))
        if count[1]:
            return month_later(day, sign * 12 * round(length.value.days / 365))
        return day + sign * length.value
    except (OverflowError, ValueError):
        return None
