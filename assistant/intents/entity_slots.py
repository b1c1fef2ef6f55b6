"""Reads slots whose values are entities: times, durations, amounts of money and spans of days."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any

from assistant.language import detect_language
from assistant.understanding.entities import DateRange, Money, find_entities

__all__ = ["ENTITY_KINDS", "read_entities"]

ENTITY_KINDS: dict[type, str] = {
    time: "time",
    datetime: "datetime",
    timedelta: "duration",
    Money: "money",
    DateRange: "date_range",
}
"""types that a slot may have, and the kind of entity that fills each"""


def read_entities(kind: type, text: str, now: datetime | None = None, taken: Collection[Any] = ()) -> list[Any]:
    """Returns the values of one of `ENTITY_KINDS` in a text, in order; a single day counts as a span of days.

    Args:
        now: what relative times count from; the current moment by default.
        taken: values that are spoken for.
    """
    found: list[Any] = []
    for entity in find_entities(text, detect_language(text), now):
        value: Any = entity.value
        if kind is DateRange and entity.kind == "date":
            value = DateRange(value, value)
        elif entity.kind != ENTITY_KINDS[kind]:
            continue
        if value not in taken:
            found.append(value)
    return found
