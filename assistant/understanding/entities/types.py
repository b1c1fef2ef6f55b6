"""The entities of a text: numbers, dates, amounts, identifiers and the like."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal

__all__ = ["AmountRange", "DateRange", "Entity", "Kind", "Money", "Recurrence", "Value"]

Kind = Literal[
    "number",
    "ordinal",
    "identifier",
    "money",
    "money_range",
    "percentage",
    "date",
    "date_range",
    "time",
    "datetime",
    "duration",
    "recurrence",
    "timezone",
    "phone",
    "email",
    "address",
]


@dataclass(frozen=True)
class Money:
    """An amount of money."""

    amount: Decimal
    currency: str = ""
    """ISO 4217; "" where the text names none"""


@dataclass(frozen=True)
class AmountRange:
    """A lower and an upper bound on an amount; None where there is none."""

    low: Decimal | None
    high: Decimal | None
    currency: str = ""
    """ISO 4217; "" where the text names none"""
    low_included: bool = True
    high_included: bool = True

    def holds(self, amount: Decimal) -> bool:
        """Returns whether an amount lies within the bounds."""
        above = self.low is None or amount > self.low or (self.low_included and amount == self.low)
        below = self.high is None or amount < self.high or (self.high_included and amount == self.high)
        return above and below


@dataclass(frozen=True)
class DateRange:
    """Days from start to end, both included; None where it is open."""

    start: date | None
    end: date | None

    def holds(self, day: date) -> bool:
        """Returns whether a day lies within."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Recurrence:
    """Something that comes again and again, such as "every other Monday"."""

    unit: Literal["minute", "hour", "day", "week", "month", "year"]
    every: int = 1
    """in units"""
    weekdays: tuple[int, ...] = ()
    """0 for Monday to 6 for Sunday"""


Value = int | float | str | Money | AmountRange | date | DateRange | time | datetime | timedelta | Recurrence


@dataclass(frozen=True)
class Entity:
    """A stretch of a text that has a value."""

    kind: Kind
    value: Value
    text: str
    """as written"""
    start: int
    """index of its first character"""
    end: int
    """index after its last character"""
