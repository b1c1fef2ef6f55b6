"""An intent as a tool for programs: its name, its arguments as a JSON schema, and arguments back to slots."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from assistant.errors import InputError
from assistant.language import detect_language
from assistant.plugins.api import Intent, Slot
from assistant.plugins.schema import near
from assistant.understanding.entities import DateRange, Money, find_entities

__all__ = ["LONGEST", "input_schema", "read_arguments", "slot_description", "tool_name"]

LONGEST = 20_000
"""characters of one argument"""


@dataclass(frozen=True)
class _Kind:
    """JSON form of one kind of slot."""

    form: str
    """type and format of JSON Schema"""
    takes: str
    """what it takes, for people"""
    entity: str = ""
    """what is looked for in an argument that says its value in words"""
    read: Callable[[str], Any] = lambda text: text
    """a text in standard form as a value; None, or an error of what it is made by, for another form"""


_DURATION = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?"
    r"(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def tool_name(intent: Intent | str) -> str:
    """The name of an intent as a tool: ``everyday.roll_die`` is ``everyday-roll_die``.

    A dot is not a part of such names everywhere; a dash is, and no plugin or intent has one.
    """
    return (intent if isinstance(intent, str) else intent.name).replace(".", "-")


def slot_description(intent: Intent, slot: str) -> str:
    """A slot's line under ``Args:`` in the docstring of its intent's handler; "" for none."""
    doc = inspect.getdoc(intent.handler) or ""
    match = re.search(rf"^\s+{re.escape(slot)}(?:\s*\([^)]*\))?:\s*(.+)$", doc, re.MULTILINE)
    return match.group(1).strip() if match else ""


def input_schema(intent: Intent) -> dict[str, Any]:
    """The JSON schema (an object) of an intent's slots."""
    return {
        "type": "object",
        "properties": {slot.name: _property(intent, slot) for slot in intent.slots},
        "required": [slot.name for slot in intent.slots if slot.required],
        "additionalProperties": False,
    }


def _property(intent: Intent, slot: Slot) -> dict[str, Any]:
    kind = _KINDS[slot.kind]
    parts = (slot_description(intent, slot.name), kind.takes if kind.entity else "")  # JSON has no type for it
    told = "; ".join(part.rstrip(".") for part in parts if part)
    schema: dict[str, Any] = dict(zip(("type", "format"), kind.form.split(), strict=False))
    if slot.choices:
        schema["enum"] = list(slot.choices)
    return {**schema, "description": told} if told else schema


def read_arguments(intent: Intent, arguments: Mapping[str, Any], now: datetime | None = None) -> dict[str, Any]:
    """The slots that arguments mean; an argument that is null is left out.

    Args:
        now: what "tomorrow" counts from; the current moment by default.

    Raises:
        InputError: an argument is missing, unknown, or no value of its slot; says which and what would do.
    """
    slots = {slot.name: slot for slot in intent.slots}
    for name in arguments:
        if name not in slots:
            known = f"it takes {', '.join(slots)}" if slots else "it takes none"
            raise InputError(
                f"{intent.name} has no argument {str(name)[:60]!r}{near(str(name), list(slots))} ({known})."
            )
    given = {name: value for name, value in arguments.items() if value is not None}
    missing = [slot.name for slot in intent.slots if slot.required and slot.name not in given]
    if missing:
        raise InputError(f"{intent.name} needs the argument {', '.join(missing)}.")
    return {name: _value(intent, slots[name], value, now) for name, value in given.items()}


def _value(intent: Intent, slot: Slot, value: Any, now: datetime | None) -> Any:
    read = _read(slot, value, now)
    if read is None:
        what = f"one of {', '.join(slot.choices)}" if slot.choices else _KINDS[slot.kind].takes
        raise InputError(f"{intent.name}: {slot.name} cannot be {repr(value)[:60]}; it takes {what}.")
    return read


def _read(slot: Slot, value: Any, now: datetime | None) -> Any:
    if slot.kind is bool:
        return value if isinstance(value, bool) else None
    if slot.kind in (int, float):
        return _number(slot.kind, value)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        return None
    if slot.choices:
        return value if value in slot.choices else None
    return value if slot.kind is str else _written(slot.kind, value.strip(), now)


def _number(kind: type, value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == float("inf"):
        return None
    if kind is float:
        return float(value)
    return int(value) if value == int(value) else None


def _written(kind: type, text: str, now: datetime | None) -> Any:
    """A value in its standard form, or else in words."""
    try:
        found = _KINDS[kind].read(text)
    except (ValueError, ArithmeticError):
        found = None
    if found is not None:
        return found
    entities = find_entities(text, detect_language(text), now)
    values: list[Any] = [entity.value for entity in entities if entity.kind == _KINDS[kind].entity]
    if kind is DateRange and not values:
        days: list[Any] = [entity.value for entity in entities if entity.kind == "date"]
        values = [DateRange(day, day) for day in days]
    return values[0] if len(values) == 1 else None


def _duration(text: str) -> timedelta | None:
    match = _DURATION.fullmatch(text)
    parts = {name: float(value) for name, value in match.groupdict().items() if value} if match else {}
    return timedelta(**parts) if parts else None


def _at(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if len(text) > len("2026-05-01") else None


def _money(text: str) -> Money | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Z]{3})", text)
    return Money(Decimal(match[1]), match[2]) if match else None


def _days(text: str) -> DateRange | None:
    start, slash, end = text.partition("/")
    first = date.fromisoformat(start)
    last = date.fromisoformat(end) if slash else first
    return DateRange(first, last) if first <= last else None


_KINDS: dict[type, _Kind] = {
    str: _Kind("string", "text"),
    int: _Kind("integer", "a whole number"),
    float: _Kind("number", "a number"),
    bool: _Kind("boolean", "true or false"),
    date: _Kind("string date", "a day, such as 2026-05-01 or “tomorrow”", "date", date.fromisoformat),
    time: _Kind("string time", "a time of day, such as 19:30 or “half past seven”", "time", time.fromisoformat),
    datetime: _Kind("string date-time", "a day and a time, such as 2026-05-01T19:30 or “Friday at 8”", "datetime", _at),
    timedelta: _Kind("string duration", "a length of time, such as PT10M or “ten minutes”", "duration", _duration),
    Money: _Kind("string", "an amount with its currency, such as “€20” or “20 EUR”", "money", _money),
    DateRange: _Kind("string", "days, such as 2026-05-01/2026-05-03 or “last week”", "date_range", _days),
}
