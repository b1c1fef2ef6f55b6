"""Computes when something ends or has to begin: "if I leave at 9:40 and it takes 2 h 35 min, when do I arrive"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from assistant import Reply

from .cues import NOUN, REMIND, REMIND_ZH
from .hurried import spelled_out
from .pieces import entities_of
from .wording import Language, length, say

__all__ = ["answer_arrival", "asks_arrival", "shifts_arrival"]

LONGEST = 160
"""characters that are read"""
BEGINS = (
    r"leave|set off|head (?:out|off)|start|begin|go\b|get up|put (?:it|them) in|出发|走|动身|出门|开始|起床|起来|下锅"
)
ENDS = (
    r"arrive|get (?:there|here|home|in|back)|be (?:there|here|home|back|done|ready|finished|over)|finish|end|over\b"
    r"|done|ready|land|到|结束|完|好|落地|抵达|回来"
)
ASKED = re.compile(
    rf"\b(?:when|what time)\b.{{0,30}}?\b(?:(?P<begins>{BEGINS})|(?P<ends>{ENDS}))"
    rf"|(?:几点|什么时候|啥时候)(?:[钟能会可以要得该才我们就必须需应]*)(?:(?P<begins_zh>{BEGINS})|(?P<ends_zh>{ENDS}))",
    re.IGNORECASE,
)
NOW = re.compile(r"\b(?:right )?now\b|现在|马上|这会儿", re.IGNORECASE)
EARLIER = re.compile(r"\b(?:earl(?:y|ier)|sooner|before|less|faster|quicker)\b|早|提前|少|快", re.IGNORECASE)
INSTEAD = re.compile(
    r"\b(?:make (?:it|that)|say|takes?|instead)\b|改成|换成|要(?:花|用)?(?=[\d一二两三四五六七八九十半])", re.IGNORECASE
)
"""another length in place of the one before"""
ON = re.compile(r"^\W*(?:and|but|what|so|if|ok|make|no|actually)\b|\bif\b|呢|的话|如果|要是|那", re.IGNORECASE)


def asks_arrival(text: str) -> bool:
    """Returns whether the text names a time of day and a duration, and asks when that ends or has to begin."""
    return _read(text, datetime.now()) is not None


def shifts_arrival(text: str, told: Mapping[str, Any]) -> bool:
    """Returns whether the text repeats such a question with another duration: "and if I stop for half an hour"."""
    lengths, clocks = _times(text, datetime.now())
    return "begins" in told and bool(lengths) and not clocks and bool(ON.search(text)) and not _wants(text)


def answer_arrival(text: str, now: datetime, told: Mapping[str, Any], language: Language) -> Reply | None:
    """Answers with the time asked for; None if the text asks for none.

    Args:
        told: the data of the answer before.
    """
    if (found := _read(text, now)) is not None:
        clock, by, back = found
        fixed = "ends" if back else "begins"
    elif shifts_arrival(text, told):
        asked, fixed = ASKED.search(text), str(told["fixed"])
        begins, ends = (datetime.fromisoformat(told[each]) for each in ("begins", "ends"))
        by = sum(_times(text, now)[0], timedelta())
        if not INSTEAD.search(text):
            by = ends - begins + by * (-1 if EARLIER.search(text) else 1)
            if asked and asked["begins_zh"] and EARLIER.search(text):  # 早到二十分钟的话几点出发
                ends, by = ends + by - (ends - begins), ends - begins
                fixed = "ends"
        back, clock = fixed == "ends", ends if fixed == "ends" else begins
    else:
        return None
    begins, ends = (clock - by, clock) if back else (clock, clock + by)
    result, other = (begins, ends) if back else (ends, begins)
    near = (
        say({1: "next_day", -1: "day_before"}[days], language)
        if (days := (result.date() - other.date()).days) in (1, -1)
        else ""
    )
    values = {"time": f"{result:%H:%M}", "other": f"{other:%H:%M}", "near": near}
    text = say(
        "begins_at" if back else "ends_at", language, length=length((ends - begins).total_seconds(), language), **values
    )
    return Reply(
        text, data={"begins": begins.isoformat(), "ends": ends.isoformat(), "fixed": fixed, "at": result.isoformat()}
    )


def _read(text: str, now: datetime) -> tuple[datetime, timedelta, bool] | None:
    """Returns the known time, the duration, and whether the start is asked for; None for other texts."""
    asked = ASKED.search(text) if len(text) <= LONGEST else None
    if asked is None or _wants(text):
        return None
    lengths, clocks = _times(text, now)
    if len(clocks) > 1 or not lengths or not (clocks or NOW.search(text)):
        return None
    clock = datetime.combine(now.date(), clocks[0]) if clocks else now.replace(second=0, microsecond=0)
    if clock < now.replace(second=0, microsecond=0):
        clock += timedelta(days=1)
    return clock, sum(lengths, timedelta()), bool(asked["begins"] or asked["begins_zh"])


def _wants(text: str) -> bool:
    return (
        any(cue.search(text) for cue in (NOUN, REMIND, REMIND_ZH)) or re.search("闹[钟铃]|计时|提醒", text) is not None
    )


def _times(text: str, now: datetime) -> tuple[list[timedelta], list[time]]:
    found = entities_of(spelled_out(text), now)
    lengths = [each.value for each in found if each.kind == "duration" and isinstance(each.value, timedelta)]
    clocks = [each.value for each in found if each.kind == "time" and isinstance(each.value, time)]
    clocks += [each.value.time() for each in found if each.kind == "datetime" and isinstance(each.value, datetime)]
    return lengths, clocks
