"""Counts the days left in a week, month or year, and the working days between two days."""

from __future__ import annotations

import re
from datetime import date, timedelta

from assistant import Reply

from .shifting import month_later
from .wording import Language, day_of, say

__all__ = ["answer_left", "answer_working", "asks_left", "asks_working"]

LEFT = re.compile(
    r"\b(?:left|remain\w*|to go|more)\b.{0,12}?\b(?:in|of|until|till|before)?\s*(?:this |the |our )(?P<a>week|month"
    r"|year)\b|\b(?:this |the )?(?P<b>week|month|year)\b.{0,10}\b(?:left|remaining)\b|\b(?:the )?end of (?:this "
    r"|the )?(?P<c>week|month|year)\b|(?P<d>这个?[周月]|本[周月]|这个?(?:星期|礼拜)|今年|本年)(?:里|内)?(?:还|只|就"
    r"|总共|一共)*(?:剩|有)(?:下|了)?(?:几|多少)|(?:离|到|距)?(?P<e>年底|月底|周[末底]|月末|年末)(?=.{0,4}(?:还|有"
    r"|剩|几|多少))",
    re.IGNORECASE,
)
WORKING = re.compile(
    r"\b(?:working|work|business) days? (?:between|until|till|left|before|from|to)\b"
    r"|\b(?:how many|number of)\b.{0,8}\b(?:working days?|work days?|workdays?|business days?|week ?days)\b"
    r"|(?:几|多少)(?:个)?(?:工作日|上班日)|(?:工作日|上班日)(?:还)?有(?:几|多少)",
    re.IGNORECASE,
)
MOST = 400 * 366
"""days that are counted one by one"""


def asks_working(text: str) -> bool:
    """Returns whether a question is about working days (Monday to Friday)."""
    return WORKING.search(text) is not None


def asks_left(text: str, today: date) -> date | None:
    """The last day of the week, month or year that a question asks the rest of; None where it asks for none."""
    found = LEFT.search(text)
    if found is None:
        return None
    said = next(filter(None, found.groups())).lower()
    if re.search(r"year|年", said):
        return date(today.year, 12, 31)
    if re.search(r"month|月", said):
        return month_later(today.replace(day=1), 1) - timedelta(days=1)
    return today + timedelta(days=6 - today.weekday())


def answer_left(last: date, today: date, language: Language, count: str) -> Reply:
    """Says how long it is to the last day of a period.

    Args:
        count: the days from today to then, in words.
    """
    days = (last - today).days
    told = say("left_after_today" if days else "last_day", language, count=count, date=day_of(last, language))
    return Reply(told, data={"days": days, "date": last.isoformat()})


def answer_working(first: date, last: date, language: Language) -> Reply | None:
    """The days from Monday to Friday of a stretch, both its ends counted; None where it is too long."""
    first, last = sorted((first, last))
    if (last - first).days > MOST:
        return None
    weeks, rest = divmod((last - first).days + 1, 7)
    days = 5 * weeks + sum((first + timedelta(days=each)).weekday() < 5 for each in range(rest))
    values = {"first": day_of(first, language), "last": day_of(last, language)}
    plural = "" if days == 1 or language == "zh" else "s"
    return Reply(say("working_days", language, count=days, plural=plural, **values), data={"days": days})
