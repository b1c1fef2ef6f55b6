"""Reads slots whose values are entities: days, times, durations, amounts of money and spans of days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Any

from assistant.language import detect_language
from assistant.understanding.entities import DateRange, Entity, Money, find_entities

__all__ = ["ENTITY_KINDS", "find_days", "read_entities"]

ENTITY_KINDS: dict[type, str] = {
    date: "date",
    time: "time",
    datetime: "datetime",
    timedelta: "duration",
    Money: "money",
    DateRange: "date_range",
}
"""types that a slot may have, and the kind of entity that fills each"""
_DAYS = ("date", "date_range", "datetime")


def find_days(text: str) -> list[Entity]:
    """Returns the days and spans of days in a text, in order, with or without a time."""
    return [each for each in find_entities(text, detect_language(text)) if each.kind in _DAYS]


def read_entities(kind: type, text: str, now: datetime | None = None, taken: Collection[Any] = ()) -> list[Any]:
    """Returns the values of one of `ENTITY_KINDS` in a text, in order.

    A single day counts as a span of days, and a day with a time as a day.

    Args:
        now: what relative times count from; the current moment by default.
        taken: values that are spoken for.
    """
    found: list[Any] = []
    for entity in find_entities(text, detect_language(text), now):
        value: Any = entity.value
        if kind is DateRange and entity.kind == "date":
            value = DateRange(value, value)
        elif kind is date and entity.kind == "datetime":
            value = value.date()
        elif entity.kind != ENTITY_KINDS[kind]:
            continue
        if value not in taken:
            found.append(value)
    return found
