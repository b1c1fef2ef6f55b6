"""Computes the time between two times of day: "how long is it from 9:10 to half past five"."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from assistant import Reply

from .hurried import spelled_out
from .moments import HALF_KNOWN
from .pieces import entities_of
from .wording import Language, length, say

__all__ = ["answer_between", "asks_between"]

LONGEST = 80
"""characters that are read"""
ASKED = re.compile(
    r"(?:(?:so|and|hey|please|can you tell me|tell me)[\s,]+)*how (?:long|many (?:hours|minutes)|much time)(?: is"
    r"| are|'s| was)?(?: it| that| there| a shift| my shift| my day)?,? (?:if .{0,20})?(?:from"
    r"|between) (?P<a>.+?)(?<!quarter) (?:to|till?|until|and) (?P<b>.+?)(?: in (?:hours|minutes|all|total))?[\s?.]*"
    r"|from (?P<a2>.+?)(?<!quarter) (?:to|till?|until) (?P<b2>.+?),? (?:is |that'?s |how )+(?:long"
    r"|many hours)(?: is (?:it|that))?[\s?.]*|(?:那|请问|我|算一下|算算)*(?:从)?(?P<a3>[^，,]{2,10}?)(?:开始|上班"
    r"|出发|起)?[，,]?(?:到|至)(?P<b3>.{2,10}?)(?:结束|下班|为止)?[，,]?(?:一共|总共|共|是|有|要|算|隔了?|差|中间"
    r"|之间|经过)*(?:多长时间|多久|几个?(?:小时|钟头)|多少个?(?:小时|时间|钟头|分钟))[了啊呢？?。\s]*",
    re.IGNORECASE,
)


def asks_between(text: str) -> bool:
    """Returns whether the text asks for the time between two times of day."""
    return _times(text) is not None


def answer_between(text: str, language: Language) -> Reply | None:
    """Answers with the time between two named times; None without two. An earlier end is on the next day."""
    found = _times(text)
    if found is None:
        return None
    first, last = found
    start, end = (datetime.combine(datetime.min, each) for each in (first, last))
    key = "between_times"
    if end <= start:
        end, key = end + timedelta(days=1), "between_times_next"
    told = length((end - start).total_seconds(), language)
    return Reply(say(key, language, first=f"{first:%H:%M}", last=f"{last:%H:%M}", length=told))


def _times(text: str) -> tuple[time, time] | None:
    found = ASKED.fullmatch(" ".join(text.split())) if len(text) <= LONGEST else None
    if found is None:
        return None
    said = [next(filter(None, (found[f"{name}{n}"] for n in ("", "2", "3"))), "") for name in "ab"]
    first, last = (_time(each) for each in said)
    if first is None or last is None:
        return None
    if last <= first and last.hour < 12 and not HALF_KNOWN.search(said[1]):  # "9 to 5"
        last = last.replace(hour=last.hour + 12)
    return first, last


def _time(said: str) -> time | None:
    plain = re.sub(r"点零([一二三四五六七八九])(?!分)", r"点零\1分", said.strip(" ,，"))
    plain = spelled_out(f"at {plain}") if plain.isascii() else plain
    found = entities_of(plain, datetime.now())
    whole = [each for each in found if each.kind == "time" and isinstance(each.value, time)]
    rest = plain.replace(whole[0].text, "") if whole else plain
    return whole[0].value if len(whole) == 1 and not re.sub(r"\bat\b|\W", "", rest) else None  # type: ignore[return-value]
