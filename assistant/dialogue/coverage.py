"""Finds the parts of a request that its reply does not cover: a second time, a number, a day."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from assistant.language import language_of
from assistant.types import Reply
from assistant.understanding.entities import Entity, find_entities
from assistant.understanding.entities.types import DateRange, Money, Recurrence

__all__ = ["left_out"]

COUNTED = frozenset({"number", "money", "percentage", "date", "time", "datetime", "duration", "recurrence"})
"""kinds of values that the reply of an intent which acted shows when it used them"""
NAMED = frozenset({"identifier"})
"""the same of any intent: a number or code that a reply does not show was not looked at"""
_EDGE = re.compile(
    r"\s*(?:[,，、。.;；!?！？]+(?=\s|$|[\u4e00-\u9fff])|\b(?:and|but|then|plus|also)\b|还有|另外)\s*", re.IGNORECASE
)
"""between the pieces of a sentence"""
_PUT_RIGHT = re.compile(
    r"\b(?:no|wait|actually|sorry|rather|i mean|i meant|make (?:that|it)|scratch that|or)\b"
    r"|不对|不是|哦不|啊不|算了|等等|改成|还是",
    re.IGNORECASE,
)
"""takes back what was said before it"""


def left_out(text: str, reply: Reply, slots: Mapping[str, Any], now: datetime, *, acted: bool = True) -> list[str]:
    """The pieces of a request whose value neither the reply nor a slot shows, as the user wrote them.

    A value counts as shown when any part of it is: 8 pm by 20:00, "tomorrow at 8" by its day or its hour, a length of
    time by the moment at which it ends.

    Args:
        text: the words of one request.
        reply: what was said to it.
        slots: the values that were read from the words.
        now: local time that days and lengths count from.
        acted: whether it changed something; of an intent that did not, only codes are missed.
    """
    found = find_entities(text, language_of(text), now)
    kinds = COUNTED | NAMED if acted else NAMED
    named = [each for each in found if each.kind in kinds and not (each.value == 1 and each.text[:1].isalpha())]
    if not named or not reply.data:  # a reply without values for programs has done nothing
        return []
    said = reply.text
    told = [each.value for each in find_entities(said, language_of(said), now)]
    whole = sum((each for each in told if isinstance(each, timedelta)), timedelta())  # "1 hour 30 minutes"
    shown = {whole, *(part for value in (*told, *slots.values()) for part in _parts(value, now))}
    shown |= {float(digits) for digits in re.findall(r"\d+(?:\.\d+)?", said)}
    shown |= {float(len(value)) for value in reply.data.values() if isinstance(value, list)}
    shown |= {part for value in reply.data.values() for part in _parts(value, now)}
    shown |= {(int(hour) % 12, int(minute)) for hour, minute in re.findall(r"(?<!\d)(\d{1,2}):(\d\d)(?!\d)", said)}
    said += str(reply.data.get("understood") or "")  # words that a plugin has read, and that ask for nothing
    missing = [each for each in named if each.text not in said and shown.isdisjoint(_parts(each.value, now))]
    used = max((each.start for each in named if each not in missing), default=0)
    if _PUT_RIGHT.search(text[:used]):  # "at 7, no wait, the train goes at half past, so 6:15": the last one is meant
        missing = [each for each in missing if each.start > used]
    pieces = dict.fromkeys(piece for each in missing if _counts(piece := _piece(text, each), each))
    return list(pieces)


def _counts(piece: str, entity: Entity) -> bool:
    """Returns whether a value may be a wish of its own: a number in the midst of a sentence counts something."""
    return entity.kind != "number" or (len(piece.split()) <= 3 and len(re.findall(r"[\u4e00-\u9fff]", piece)) <= 4)


def _parts(value: Any, now: datetime) -> Iterable[Any]:
    """The forms in which a value may be shown; numbers as floats, times as (hour of twelve, minute)."""
    match value:
        case str():
            yield value
        case bool():
            return
        case int() | float() | Decimal():
            yield float(value)
        case Money():
            yield float(value.amount)
        case datetime():
            yield value.date()
            yield from _parts(value.time(), now)
        case date():
            yield value
        case time():
            yield (value.hour % 12, value.minute)
            if not value.minute:
                yield float(value.hour)
        case timedelta():
            yield value
            yield from _parts((now + value).time().replace(second=0, microsecond=0), now)
            if value.days:
                yield (now + value).date()
        case Recurrence():
            yield value.unit
            yield from ((value.unit, day) for day in value.weekdays)
        case DateRange():
            yield from filter(None, (value.start, value.end))


def _piece(text: str, entity: Entity) -> str:
    """The part of the sentence that holds a value."""
    before = [edge.end() for edge in _EDGE.finditer(text) if edge.end() <= entity.start]
    after = [edge.start() for edge in _EDGE.finditer(text) if edge.start() >= entity.end]
    return text[max(before, default=0) : min(after, default=len(text))].strip()
