"""Finds numbers, identifiers, amounts, dates, times, addresses and the like in what was said."""

from assistant.understanding.entities.finding import find_entities
from assistant.understanding.entities.types import AmountRange, DateRange, Entity, Kind, Money, Recurrence, Value

__all__ = ["AmountRange", "DateRange", "Entity", "Kind", "Money", "Recurrence", "Value", "find_entities"]
