"""Questions about what was set just now: "is that today or tomorrow?", 是早上还是晚上."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, time

from assistant.outputs.schedule import Scheduled
from assistant.understanding.entities import DateRange, Entity, Recurrence

from .kept import Visit, described
from .moments import PARTS
from .pieces import entities_of
from .wording import Language, day_of, say

__all__ = ["checked", "checks"]

LONGEST = 60
"""characters of a question"""
PART = re.compile(rf"\b[ap]\.?m\b\.?|\b(?:{'|'.join(p for p in PARTS if p.isascii())}|noon|midnight)\b"
    rf"|{'|'.join(p for p in PARTS if not p.isascii())}|凌晨", re.IGNORECASE)  # fmt: skip
ASKS = re.compile(
    r"\bor\b|还是|[?？吗么]\W*$|对[吧不]|^\W*(?:so |and |wait |ok )*(?:is|was|did you mean|do you mean)\b", re.I
)
EITHER = re.compile(r"\bor\b|还是", re.IGNORECASE)
SMALL = re.compile(
    r"\b(?:so|and|wait|ok|oh|hang on|is|was|it|its|it's|that|thats|that's|this|the|in|on|at|for|or|next|coming|did|do"
    r"|you|mean|meant|set|will|be|ring|right|yeah|yes|correct|again|a|one|first|week|just|then|too|also|as|well|on|still|there)\b"
    r"|[是还的吧吗呢么对那你说指就这嗯哦啊不没错定设在个到底一下呀会响也都有要叫提醒闹铃]|\W",
    re.IGNORECASE,
)
"""words of such a question, beside the times"""


def checks(text: str) -> bool:
    """Returns whether the text asks when an entry mentioned before rings, and names one or two times ("am or pm?")."""
    if len(text) > LONGEST or not ASKS.search(text):
        return False
    marks, rest = _marks(text)
    return bool(marks) and not SMALL.sub("", rest)


def _marks(text: str) -> tuple[list[Entity | str], str]:
    """Returns the times, days and parts of the day in a text, and the text without them."""
    marks: list[Entity | str] = []
    for entity in reversed(entities_of(text, datetime.now())):
        if entity.kind in ("time", "date", "datetime", "date_range"):
            marks.append(entity)
            text = text[: entity.start] + " " + text[entity.end :]
    marks += PART.findall(text)
    return marks, PART.sub(" ", text)


def checked(entries: Sequence[Scheduled], at: Visit) -> str:
    """Says when the entries ring, with the part of the day; begins with "yes" or "no" if one time is asked about."""
    lines = []
    for entry in entries:
        line = described(entry, at)
        line = f"{line[:1].upper()}{line[1:]}"
        if entry.due is not None and entry.reply.data.get("kind") != "timer":
            due = entry.due.replace(tzinfo=None)
            line = at.say("checked", what=line, day=day_of(due.date(), at.language), part=_part(due, at.language))
        lines.append(line)
    text = at.turn.utterance
    if len(entries) == 1 and entries[0].due is not None and not EITHER.search(text):
        due = entries[0].due.replace(tzinfo=None)
        fits = [_fits(mark, due, entries[0].repeat) for mark in _marks(text)[0]]
        lines[0] = at.say("check_yes" if all(fits) else "check_no", told=lines[0])
    return "\n".join(lines)


def _part(due: datetime, language: Language) -> str:
    names = ("night", "morning", "noon", "afternoon", "evening", "late")
    return say(f"part_{names[sum(due.hour >= hour for hour in (5, 12, 13, 18, 22))]}", language)


def _fits(mark: Entity | str, due: datetime, repeat: Recurrence | None) -> bool:
    if isinstance(mark, str):
        plain = mark.lower().replace(".", "")
        if plain in ("am", "pm"):
            return (due.hour >= 12) == (plain == "pm")
        hour = PARTS.get(plain, 12 if plain == "noon" else 0)
        return abs(due.hour - hour) <= 4
    value = mark.value
    if isinstance(value, datetime):
        return value == due
    if isinstance(value, date):
        days = repeat.weekdays or tuple(range(7)) if repeat is not None and repeat.unit in ("day", "week") else ()
        return value == due.date() or (value > due.date() and value.weekday() in days)
    if isinstance(value, time):
        return value == due.time() or value.replace(hour=(value.hour + 12) % 24) == due.time()
    if isinstance(value, DateRange) and value.start and value.end:
        return value.start <= due.date() <= value.end
    return False
