"""Reads days excluded from a recurrence: "every day at 7 except weekends", 周末不用."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from assistant.understanding.entities import Recurrence

__all__ = ["blanked", "days_left_out", "moved_days", "without_days"]

ALL_DAYS = frozenset(range(7))
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekends?|week ?days?"
_HAN = r"(?:周末|双休日|工作日|(?:周|星期|礼拜)[一二三四五六日天](?:[和、跟及](?:周|星期|礼拜)?[一二三四五六日天])*)"
CLAUSE = re.compile(
    r"[\s,]*(?:\b(?:and|but)\s+)?\b(?:except(?: for)?|excluding|apart from|other than|skip(?:ping)?|not"
    r"|never|but|leav(?:e|ing) (?:out|off)|drop|without|no"
    r"|no need(?: for it)?)(?: on| at| for)?(?: the)? "
    rf"(?P<en>(?:{_DAY})(?:(?:\s*,\s*|\s+and\s+|\s+or\s+|\s*&\s*)(?:on )?(?:{_DAY}))*)\b"
    rf"|\b(?P<also>{_DAY})s?,? (?:neither|not either|either not|also not|not as well|not too|nor|off"
    rf"|aren't needed|not needed|too is off)\b"
    rf"|[\s，,]*(?:每个?)?(?<![下上本这])(?P<zh>{_HAN})就?(?:也|都)?(?:别|不用|不必|不需要|不要?|除外|休息|免了|算了)(?:再|响|叫|闹|提醒|了|我)*"
    rf"|(?<![下上本这])(?P<why>{_HAN})[^，,。！？不别点\d要]{{1,10}}[，,\s]+就?(?:不用|不必|不需要)(?:再|响|叫|闹|提醒|了|我)*\W*$",
    re.IGNORECASE,
)


def days_left_out(text: str) -> tuple[frozenset[int], list[tuple[int, int]]]:
    """Returns the weekdays (0 is Monday) that a text excludes, and the spans of these words."""
    found = list(CLAUSE.finditer(text))
    days = {day for each in found for day in _days((each["en"] or each["also"] or each["zh"] or each["why"]).lower())}
    return frozenset(days), [each.span() for each in found]


MOVED = re.compile(
    rf"(?P<new>{_DAY})(?: is| are|'s)?(?: now)?,? (?:instead of|not|rather than) (?:on )?(?P<old>{_DAY})"
    rf"|\bnot (?:on )?(?P<old2>{_DAY})(?: any ?more)?,?(?: but| it'?s| now)*(?: on)? (?P<new2>{_DAY})"
    rf"|\b(?:from )?(?P<old3>{_DAY})'?s?(?: (?:one|lesson|class|session|slot|practice|training))?(?: (?:is|was"
    rf"|has|been|got|now|moved"
    rf"|changed|switched|swapped|shifted))+ (?:to|for|on)? ?(?P<new3>{_DAY})"
    rf"|\bfrom (?P<old5>{_DAY}) to (?P<new5>{_DAY})"
    r"|(?P<old4>(?:周|星期|礼拜)[一二三四五六日天])(?:的|那[节次天个]|的课|上课)*(?:都|也|就)?(?:改|换|挪|调|移)(?:到|成|在|为|至)*(?:了)?(?:下)?"
    r"(?P<new4>(?:周|星期|礼拜)[一二三四五六日天])",
    re.IGNORECASE,
)
"""says which day is another one from now on"""


def moved_days(text: str, repeat: Recurrence | None) -> Recurrence | None:
    """Replaces one weekday of a recurrence that has several; None if no day changes."""
    found = MOVED.search(text)
    if found is None or repeat is None or repeat.unit != "week" or len(repeat.weekdays) < 2:
        return None
    old, new = (next(filter(None, (found[f"{name}{n}"] for n in ("", 2, 3, 4, 5))), "") for name in ("old", "new"))
    gone = _days(old.lower())
    if not gone or not gone <= set(repeat.weekdays):
        return None
    return replace(repeat, weekdays=tuple(sorted((set(repeat.weekdays) - gone) | _days(new.lower()))))


def blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with spaces in place of some stretches."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _days(said: str) -> set[int]:
    days = {5, 6} if re.search(r"weekend|周末|双休", said) else set()
    days |= {0, 1, 2, 3, 4} if re.search(r"week ?day|工作日", said) else set()
    days |= {NAMES.index(word[:3]) for word in re.findall(r"[a-z]+day", said) if word[:3] in NAMES}
    named = re.sub("周末|双休日|工作日", "", said)
    return days | {"一二三四五六日".index(each.replace("天", "日")) for each in re.findall("[一二三四五六日天]", named)}


def without_days(repeat: Recurrence, days: Iterable[int]) -> Recurrence | None:
    """Removes weekdays from a recurrence; None if none remains, or if it does not recur by days."""
    left_out = frozenset(days)
    if not left_out or repeat.unit not in ("day", "week") or repeat.every != 1:
        return repeat if not left_out else None
    all_of_them = ALL_DAYS if repeat.unit == "day" or not repeat.weekdays else frozenset(repeat.weekdays)
    kept = tuple(sorted(all_of_them - left_out))
    return replace(repeat, unit="week", weekdays=kept) if kept else None
