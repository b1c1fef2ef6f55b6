"""Days that are left out of what comes again: "every day at 7 except weekends", 周末不用."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.understanding.entities import Entity, Recurrence

__all__ = ["days_left_out", "stretches", "without_days"]

ALL_DAYS = frozenset(range(7))
EXCEPT = re.compile(
    r"\b(?:except(?: for)?|excluding|apart from|other than|skip(?:ping)?|but not|not|never|no need(?: for it)?|but)"
    r"(?: on| at| for)?(?: the)?\s*$",
    re.IGNORECASE,
)
LEFT_OUT = re.compile(r"\s*就?(?:都)?(?:别|不要?|不用|不必|除外|休息|免了|算了)")
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HAN = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")


def days_left_out(text: str, found: Sequence[Entity]) -> tuple[frozenset[int], list[Entity]]:
    """The weekdays (0 is Monday) that a text leaves out, and the entities that name them or what is not meant."""
    days: set[int] = set()
    named = []
    for entity in found:
        if entity.kind not in ("date", "date_range", "recurrence"):
            continue
        inside = re.match(r"(?:from|but)\b", entity.text, re.IGNORECASE)
        before = text[: entity.start] + (inside.group() if inside else "")
        if EXCEPT.search(before) or LEFT_OUT.match(text[entity.end :]):
            days |= _days(entity)
            named.append(entity)
    return frozenset(days), named


def stretches(text: str, named: Sequence[Entity]) -> list[tuple[int, int]]:
    """The stretches that say which days are left out, with "except" before and 不用 after them."""
    spans = []
    for entity in named:
        lead, trail = EXCEPT.search(text[: entity.start]), LEFT_OUT.match(text[entity.end :])
        end = entity.end + (trail.end() if trail else 0)
        end += len(text[end:]) - len(re.sub(r"^(?:响|叫|闹|提醒|了|我)+", "", text[end:])) if trail else 0
        spans.append((lead.start() if lead else entity.start, end))
    return spans


def _days(entity: Entity) -> set[int]:
    said = entity.text.lower()
    if isinstance(entity.value, Recurrence) and entity.value.weekdays:
        return set(entity.value.weekdays)
    if re.search(r"weekend|周末|双休", said):
        return {5, 6}
    if re.search(r"week ?day|工作日", said):
        return {0, 1, 2, 3, 4}
    days = {NAMES.index(word[:3]) for word in re.findall(r"[a-z]+day", said) if word[:3] in NAMES}
    return days | {"一二三四五六日".index(each.replace("天", "日")) for each in HAN.findall(said)}


def without_days(repeat: Recurrence, days: Iterable[int]) -> Recurrence | None:
    """What comes again without some weekdays; None where none is left, or it is not by days."""
    left_out = frozenset(days)
    if not left_out or repeat.unit not in ("day", "week") or repeat.every != 1:
        return repeat if not left_out else None
    all_of_them = ALL_DAYS if repeat.unit == "day" or not repeat.weekdays else frozenset(repeat.weekdays)
    kept = tuple(sorted(all_of_them - left_out))
    return replace(repeat, unit="week", weekdays=kept) if kept else None
