"""Resolves times relative to the last answer: "remind me two days before", "set an alarm half an hour before that"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from assistant import Exchange, Turn

from .moments import read_when
from .pieces import entities_of
from .shifting import LEAD_BEFORE, LEAD_BEHIND, month_later

__all__ = ["DAYS", "GOES_ON", "anchored", "day_after_last", "means_last_day"]

LONGEST = 200
"""characters that are read"""
DAYS = ("clock.count_days", "clock.tell_time")
GOES_ON = re.compile(
    r"(?:(?:and|what about|how about|ok|so|,)\s*)*(?:(?:in|during) )?(?:the )?(?:summer|winter|july|january)(?: "
    r"time| then)?\W*"
    r"|(?:那|到了?)?(?:夏天|冬天|夏令时|冬令时|[一七]月)(?:呢|的时候呢?)?\W*|.{0,4}比.{1,6}[早晚快慢](?:多少|几个?小时)\W*",
    re.IGNORECASE,
)
"""asks the same of another season, or how far the place that was named is ahead"""
_THAT_DAY = re.compile(
    r"(?:so |and |ok )*how (?:long|many (?:days|weeks|months))\b.{0,20}\b(?:then|that|it|that day|from (?:now"
    r"|today))\W*|(?:and |so )?(?:what|which) (?:day|weekday|date)(?: of the week)? (?:is|was|does) (?:that"
    r"|it)(?: fall on)?\W*|(?:那|离那|到那|距离?那)(?:天|时候|会儿)?还?有?(?:多久|多少天|几天|几周|多长时间).?"
    r"|(?:还有|还剩)(?:多久|多少天|几天|几周).?|那天?是?(?:星期|礼拜|周)几.?",
    re.IGNORECASE,
)


POINTS = re.compile(r"^\W*(?:and|then|so|plus)\b|\b(?:it|that|then)\b|^(?:那|然后|接着|之后)|^再.*呢", re.IGNORECASE)
NOW = re.compile(r"\b(?:from )?(?:now|today)\b|今天|现在", re.IGNORECASE)
BACK = re.compile(r"\b(?:before|earlier|back|ago)\b|前|早", re.IGNORECASE)


def anchored(turn: Turn, before: Sequence[Exchange]) -> Turn:
    """Returns the request with the moment named before it, minus the lead time; unchanged without either."""
    text, told = turn.utterance, before[-1].data if before else {}
    anchor = str(told.get("at") or told.get("date") or "")
    found = entities_of(text, datetime.fromtimestamp(turn.at))
    leads = [each for each in found if each.kind == "duration" and isinstance(each.value, timedelta)]
    if not anchor or len(leads) != 1 or any(each.kind in ("date", "datetime", "time", "date_range") for each in found):
        return turn
    lead = leads[0]
    ahead, behind = LEAD_BEFORE.search(text[: lead.start]), LEAD_BEHIND.match(text[lead.end :])
    if not (ahead or behind) or not isinstance(lead.value, timedelta):
        return turn
    moment = datetime.fromisoformat(anchor) - lead.value
    said = f"{moment:%Y-%m-%d %H:%M}" if "T" in anchor else f"{moment:%Y-%m-%d}"
    start = ahead.start() if ahead else lead.start
    end = lead.end + (behind.end() if behind else 0)
    joint = "" if not text.isascii() else " on " if "T" not in anchor else " "
    words = f"{text[:start].rstrip()}{joint}{said}{text[end:]}"
    words = words if text.isascii() else words.replace("到时候", "").replace("到时", "")
    return (
        replace(turn, text=words, transcript=None)
        if read_when(words, datetime.fromtimestamp(turn.at), "reminder").at
        else turn
    )


def day_after_last(text: str, told: str, now: datetime) -> date | None:
    """Returns the day that is a span away from the named one: "10 days before it", 再过一个星期呢; None without one.

    Args:
        told: in ISO 8601; "" for none.
    """
    found = entities_of(text, now)
    lengths = [each for each in found if each.kind == "duration" and isinstance(each.value, timedelta)]
    if not told or len(lengths) != 1 or any(each.kind in ("date", "date_range", "datetime") for each in found):
        return None
    if POINTS.search(text) is None or NOW.search(text):
        return None
    length = lengths[0]
    back = -1 if BACK.search(text) else 1
    day = date.fromisoformat(told[:10])
    if re.search(r"month|个月", length.text):
        return month_later(day, back * round(length.value.days / 30.4))  # type: ignore[union-attr]
    return day + back * length.value  # type: ignore[operator]


def means_last_day(text: str) -> bool:
    """Returns whether the text may ask about the day that was named before: "how long till then"."""
    return len(text) <= LONGEST and _THAT_DAY.fullmatch(" ".join(text.split())) is not None
