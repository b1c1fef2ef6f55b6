"""Dates and amounts as fields: read where a file is taken in, and asked for in a question.

They are kept among an item's metadata as plain text, "2026-03-18 2026-04-01" and "EUR:176.00 :24.00".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from assistant.retrieval.entries import Plain
from assistant.retrieval.items import Item
from assistant.understanding.entities import AmountRange, DateRange, Money, find_entities

__all__ = ["AMOUNTS", "DATES", "Wanted", "read_wanted", "with_fields"]

DATES, AMOUNTS = "dates", "amounts"
"""keys among the metadata"""
MOST = 40
"""dates, and amounts, that are kept of one item"""
_TELLING = re.compile(r"[^\n]*\d[^\n]*")
"""lines that may hold a date or an amount"""
_YEAR = re.compile(
    r"(?:19|20)\d\d|\b(?:last|this|past|yesterday|today)\b|去年|今年|前年|上个?月|昨天|今天", re.IGNORECASE
)
"""matches a date with its year, or relative to today"""
_DATED = re.compile(r"\b(?:from|of|in|since|dated)\s+$", re.IGNORECASE)
"""what stands before the month of a thing: "the letter from March" """
_TELLS = re.compile(
    r"\d|\b(?:over|above|under|below|more|less|between|last|this|past|yesterday|today|january|february|march|april|may"
    r"|june|july|august|september|october|november|december)\b|超过|以上|以下|多于|少于|月|年|昨天|今天",
    re.IGNORECASE,
)
"""quick: whether there may be a date or an amount at all"""


@dataclass(frozen=True)
class Wanted:
    """Dates and amounts that a thing must have."""

    days: DateRange | None = None
    amounts: AmountRange | None = None

    def __bool__(self) -> bool:
        """Returns whether anything is asked for."""
        return self.days is not None or self.amounts is not None

    @property
    def where(self) -> str:
        """An SQL condition on an item's metadata that keeps the wanted items and few others; "" for none."""
        parts = []
        if self.days is not None and self.days.start is not None and self.days.end is not None:
            months = _months(self.days.start, self.days.end)
            parts.append(" OR ".join(f"metadata LIKE '%{month}%'" for month in months))
        if self.amounts is not None:
            parts.append(f"metadata LIKE '%\"{AMOUNTS}\"%'")
        return " AND ".join(f"({part})" for part in parts if part)

    def held_by(self, metadata: Mapping[str, Plain]) -> bool:
        """Returns whether one of an item's dates and one of its amounts are asked for."""
        days = map(date.fromisoformat, str(metadata.get(DATES, "")).split())
        dated = self.days is None or any(map(self.days.holds, days))
        return dated and (self.amounts is None or self._amounts_in(str(metadata.get(AMOUNTS, ""))))

    def _amounts_in(self, kept: str) -> bool:
        assert self.amounts is not None
        asked = self.amounts
        for currency, _, amount in (part.partition(":") for part in kept.split()):
            if (not asked.currency or not currency or currency == asked.currency) and asked.holds(Decimal(amount)):
                return True
        return False


def read_wanted(text: str) -> Wanted:
    """The dates and amounts that a request for things names: "letter from March 2026", "bills over 100 ringgit"."""
    days: DateRange | None = None
    amounts: AmountRange | None = None
    if not _TELLS.search(text):
        return Wanted()
    for entity in find_entities(text):
        value = entity.value
        if isinstance(value, AmountRange):
            amounts = value
        elif isinstance(value, DateRange | date) and _YEAR.search(entity.text):
            days = _range(value)
        elif isinstance(value, DateRange) and (_DATED.search(text[: entity.start]) or text[entity.end :][:1] == "的"):
            days = _past(value)
    return Wanted(days, amounts)


def _past(month: DateRange) -> DateRange:
    """A month without a year, which is read as the next one to come: the last one that has begun."""
    if month.start is None or month.end is None or month.start <= date.today():
        return month
    year = month.start.year - 1
    return DateRange(month.start.replace(year=year), month.end.replace(year=year, day=min(month.end.day, 28)))


def with_fields(item: Item) -> Item:
    """The item with its dates and amounts among the metadata, where it has any."""
    days: dict[str, None] = {}
    amounts: dict[str, None] = {}
    for line in _TELLING.findall(item.text):
        for entity in find_entities(line):
            value = entity.value
            if isinstance(value, Money):
                amounts[f"{value.currency}:{value.amount}"] = None
            elif isinstance(value, date) and _YEAR.search(entity.text):
                days[_range(value).start.isoformat()] = None  # type: ignore[union-attr]
            elif isinstance(value, DateRange) and value.start is not None and _YEAR.search(entity.text):
                days[value.start.isoformat()] = None
    found = {DATES: _joined(days), AMOUNTS: _joined(amounts)}
    added: dict[str, Plain] = {key: value for key, value in found.items() if value}
    return replace(item, metadata={**item.metadata, **added}) if added else item


def _range(value: DateRange | date) -> DateRange:
    if isinstance(value, DateRange):
        return value
    day = value.date() if isinstance(value, datetime) else value
    return DateRange(day, day)


def _joined(parts: Iterable[str]) -> str:
    return " ".join(list(parts)[:MOST])


def _months(start: date, end: date) -> list[str]:
    """The months from one day to another, as a date's text begins; [] for more than two years."""
    first, last = start.year * 12 + start.month - 1, end.year * 12 + end.month - 1
    if last - first > 24:
        return []
    return [f"{month // 12:04d}-{month % 12 + 1:02d}-" for month in range(first, last + 1)]
