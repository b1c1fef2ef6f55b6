"""Runs every finder over a text, and keeps the longest of what overlaps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache

from assistant.understanding.entities.combining import join_amounts, join_dates
from assistant.understanding.entities.contacts import find_addresses, find_emails, find_phones
from assistant.understanding.entities.dates import find_dates
from assistant.understanding.entities.found import Found
from assistant.understanding.entities.money import find_money, find_money_ranges, find_numbers, find_percentages
from assistant.understanding.entities.reading import Reading, plain, read_in_digits
from assistant.understanding.entities.times import find_durations, find_recurrences, find_times, find_zones
from assistant.understanding.entities.types import Entity

__all__ = ["gather"]

_CODE = re.compile(
    r"(?<![\w$€£¥₹.-])#?(?P<code>[a-z]{1,8}[-_]?\d[\da-z]*(?:[-_][\da-z]+)*|\d+(?:-\d+)+)(?![\w-])", re.ASCII
)
_CALLED = re.compile(
    r"(?:\b(?:order|ticket|invoice|tracking|reference|account)(?:\s+(?P<cue>number|no\.?|id|code|#))?\s*(?:is|:)?"
    r"|(?:订单|单)(?P<han>号码?)?(?:是|为|:)?|编号(?:是|为|:)?)\s*#?(?P<code>\d{3,18})(?![\w.,:/-]*\d)(?!\s?[%€$£])"
)
_RANK = {
    "address": 9,
    "email": 8,
    "datetime": 7,
    "date_range": 7,
    "money_range": 7,
    "date": 6,
    "recurrence": 6,
    "money": 6,
}
_RANK |= {
    "percentage": 6,
    "duration": 6,
    "time": 5,
    "phone": 4,
    "timezone": 4,
    "identifier": 3,
    "ordinal": 2,
    "number": 1,
}
_NOT_COUNTS = re.compile(r"\b(?:th(?:is|at|e)|the other|which|another|each|every|any|no|some|\d+th)\s+$")


@lru_cache(128)
def gather(text: str, language: str, today: date) -> tuple[Entity, ...]:
    """Every entity of a text, in order, without overlaps; see `find_entities`."""
    reading = read_in_digits(text, language)
    again = list(find_recurrences(reading.text, language))
    days = (day for day in find_dates(reading.text, today, language) if not _within(day, again))
    moments = _longest([*days, *find_times(reading.text)])
    amounts = _longest([*find_money(reading.text, language), *_counts(reading, language)])
    rest = [
        *find_money_ranges(reading.text, language),
        *find_percentages(reading.text, language),
        *again,
    ]
    rest += [*find_durations(reading.text), *find_zones(reading.text), *_codes(reading.text), *_called(reading.text)]
    rest += [*find_phones(reading.text), *find_emails(reading.text), *find_addresses(reading.text)]
    joined = [
        *join_dates(moments, reading.text),
        *join_amounts(_longest([*amounts, *rest], {"money", "number"}), reading.text),
    ]
    return tuple(_entity(each, reading, text) for each in _longest([*moments, *amounts, *rest, *joined]))


def _within(found: Found, others: Iterable[Found]) -> bool:
    """Returns whether it is a part of another: the Monday of "every Monday" is no day."""
    return any(other.start <= found.start and found.end <= other.end for other in others)


def _counts(reading: Reading, language: str) -> Iterator[Found]:
    for found in find_numbers(reading.text, language):
        written_out = reading.ends[found.end - 1] - reading.starts[found.start] != found.end - found.start
        if (
            written_out
            and found.value == 1
            and _NOT_COUNTS.search(reading.text[max(0, found.start - 12) : found.start])
        ):
            continue  # "that one"
        yield found


def _codes(text: str) -> Iterator[Found]:
    for match in _CODE.finditer(text):
        code = match["code"]
        digits = sum(char.isdigit() for char in code)
        if digits >= 3 or ("-" in code and digits > 1 and code[0].isalpha()):
            yield Found("identifier", code.upper().replace("_", "-"), match.start(), match.end())


def _called(text: str) -> Iterator[Found]:
    """Digits that are called an order, a ticket and the like; fewer than four only where they are called its number."""
    for match in _CALLED.finditer(text):
        if len(match["code"]) > 3 or match["cue"] or match["han"]:
            yield Found("identifier", match["code"], match.start("code"), match.end("code"))


def _longest(found: Iterable[Found], kinds: set[str] | None = None) -> list[Found]:
    """The longest of those that overlap, in order of their place; of these only some kinds, where given."""
    ordered = sorted(found, key=lambda f: (f.start - f.end, -_RANK[f.kind], f.start))
    covered = bytearray(max((each.end for each in ordered), default=0))
    kept: list[Found] = []
    for each in ordered:
        if not any(covered[each.start : each.end]):
            covered[each.start : each.end] = b"\x01" * (each.end - each.start)
            kept.append(each)
    return sorted((each for each in kept if kinds is None or each.kind in kinds), key=lambda f: f.start)


def _entity(found: Found, reading: Reading, text: str) -> Entity:
    start, end = reading.span(found.start, found.end)
    written = text[start:end]
    kept = written.rstrip(" ,.")
    end -= len(written) - len(kept)
    value = plain(kept) if found.kind == "email" and "@" in kept else found.value
    return Entity(found.kind, kept if found.kind == "address" else value, kept, start, end)
