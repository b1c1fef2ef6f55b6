"""From what plugins declare to sentences a model can learn: slots filled, duplicates reported."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from assistant.plugins.api import Intent, Slot

__all__ = ["Examples", "collect", "fill_slots", "is_latin", "sentences"]

_PLACEHOLDER = re.compile(r"\{(\w+)\}")

_BY_NAME: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ticket|case|reference|number|code|id", ("4071", "B-2290", "77315")),
    ("item|product|article|thing|object", ("shoes", "headphones", "lamp", "jacket")),
    ("topic|subject|concept|chapter", ("gravity", "the weather", "jazz", "gardening")),
    ("term|word|phrase", ("horizon", "rhythm", "harbour")),
    ("city|place|location|country|destination|address|town", ("Berlin", "Lisbon", "Boston")),
    ("name|person|contact|who|recipient", ("Anna", "Tom", "Maria")),
    ("language", ("Spanish", "French", "Italian")),
    ("time|hour|clock", ("7 am", "noon", "half past five")),
    ("date|day|when", ("tomorrow", "Friday", "next week")),
    ("duration|minutes|seconds|hours|length", ("10 minutes", "an hour", "30 seconds")),
    ("amount|price|money|sum|cost|budget", ("20 euros", "50 dollars", "5 pounds")),
    ("food|dish|meal|ingredient|drink", ("pasta", "salad", "coffee")),
    ("song|artist|music|album", ("a jazz song", "Queen", "some blues")),
    ("colou?r", ("blue", "red", "green")),
    ("room", ("kitchen", "bedroom", "hall")),
)
_BY_KIND: dict[str, tuple[str, ...]] = {
    "int": ("six", "20", "three"),
    "float": ("2.5", "7", "1.2"),
    "bool": ("yes", "no"),
    "date": ("tomorrow", "Friday", "next week"),
    "time": ("7 am", "noon", "half past five"),
    "datetime": ("Friday at 8", "tomorrow at noon", "Monday at 7 pm"),
    "timedelta": ("10 minutes", "an hour", "30 seconds"),
    "Money": ("20 euros", "50 dollars", "5 pounds"),
    "DateRange": ("last week", "October", "this month"),
}
_ANYTHING = ("something", "that", "one")


@dataclass(frozen=True)
class Examples:
    """Sentences with their intents."""

    texts: tuple[str, ...]
    labels: tuple[int, ...]
    """index of each sentence's intent"""
    warnings: tuple[str, ...]


def collect(intents: Sequence[Intent]) -> Examples:
    """All sentences of all intents, in order, each once.

    A sentence that two intents claim is left out of the later one; that is reported, as are repeats and
    intents with nothing to learn from. Nothing here is fatal.
    """
    texts: list[str] = []
    labels: list[int] = []
    warnings: list[str] = []
    owner: dict[str, int] = {}
    for index, intent in enumerate(intents):
        before = len(texts)
        for number, example in enumerate(intent.examples):
            text = fill_slots(example, intent.slots, number)
            key = " ".join(text.casefold().split())
            if not key:
                warnings.append(f"{intent.name}: an example is empty")
            elif key not in owner:
                owner[key] = index
                texts.append(text)
                labels.append(index)
            elif owner[key] == index:
                warnings.append(f"{intent.name}: {example!r} is given twice")
            else:
                warnings.append(
                    f"{intent.name}: {example!r} already means {intents[owner[key]].name}; it was left out here"
                )
        if len(texts) == before and not intent.looks_like:
            warnings.append(f"{intent.name} has no examples and no looks_like, so it is never recognised")
    return Examples(tuple(texts), tuple(labels), tuple(warnings))


def fill_slots(example: str, slots: Sequence[Slot], number: int = 0) -> str:
    """Put a typical value in place of each ``{slot}``: "call {number}" → "call 4071".

    Args:
        example: what people say.
        slots: the intent's slots; their kinds and choices decide what is typical.
        number: which of the typical values; examples of one intent take turns.
    """
    known = {slot.name: slot for slot in slots}

    def typical(match: re.Match[str]) -> str:
        values = _typical(match.group(1), known.get(match.group(1)))
        return values[number % len(values)]

    return " ".join(_PLACEHOLDER.sub(typical, example).split())


def _typical(name: str, slot: Slot | None) -> tuple[str, ...]:
    if slot is not None and slot.choices:
        return slot.choices
    if slot is not None and slot.typical:
        return slot.typical
    if slot is not None and slot.kind.__name__ in _BY_KIND:
        return _BY_KIND[slot.kind.__name__]
    for pattern, values in _BY_NAME:
        if re.search(rf"(?:^|_)(?:{pattern})s?(?:$|_|\d)", name.lower()):
            return values
    return _ANYTHING


@lru_cache(16_384)
def is_latin(text: str) -> bool:
    """Returns whether a text is mostly in Latin letters, which an English encoder reads; True without letters."""
    if text.isascii():
        return True
    letters = [char for char in text[:2000] if char.isalpha()]
    latin = sum(1 for char in letters if char < "\u0250")
    return 2 * latin >= len(letters)


def sentences(name: str) -> tuple[str, ...]:
    """The lines of a shipped list of sentences: "asides", "deictic" or "foreign"; comments left out."""
    lines = files("assistant.intents").joinpath("sentences", f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))
