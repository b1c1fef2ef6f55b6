"""Reads the time of an entry from a text, and returns the words that remain."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Literal

from assistant.language import detect_language
from assistant.understanding.entities import DateRange, Entity, Recurrence, find_entities

from .excepting import blanked, days_left_out, without_days
from .shifting import lead_time, repaired_by

__all__ = [
    "HALF_KNOWN",
    "PART",
    "Kind",
    "When",
    "durations",
    "impossible_day",
    "negative",
    "read_when",
    "rest_of",
    "rolled",
]

Kind = Literal["alarm", "reminder"]

PARTS = {
    "morning": 9, "afternoon": 14, "evening": 19, "tonight": 20, "night": 21, "lunchtime": 12, "bedtime": 22,
    "早上": 8, "早晨": 8, "上午": 10, "中午": 12, "下午": 14, "傍晚": 18, "今晚": 20, "晚上": 20, "夜里": 22,
    "明早": 8, "明晚": 20,
}  # fmt: skip
"""part of the day → hour that stands for it"""
_SPELT = "|".join(part for part in PARTS if part.isascii())
PART = re.compile(rf"\b(?:{_SPELT})\b|{'|'.join(part for part in PARTS if not part.isascii())}")
MORNING = time(9)
"""the time of a day that is named without one"""
HALF_KNOWN = re.compile(
    r"\b[ap]\.?m\b|:|noon|midday|midnight|morning|afternoon|evening|night|tonight|o'?clock in|uhr"
    r"|[凌清早上中下傍晚夜]|\b(?:1[3-9]|2[0-3]|0\d)\b",
    re.IGNORECASE,
)
"""says which half of the day a time is in"""
WEEKDAY = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|(?:周|星期|礼拜)[一二三四五六日天]", re.IGNORECASE
)
BEFORE = re.compile(
    r"(?:\b(?:in|at|on|by|for|every|from|around|about|after|before|until|till|starting|the|next|this|coming)\s+"
    r"|[在到于过])+$",
    re.IGNORECASE,
)
AFTER = re.compile(
    r"\s*(?:\bfrom now\b|\bin the (?:morning|afternoon|evening)\b|\bsharp\b)|(?:钟)?(?:以后|之后|后|的时候|时候|时)",
    re.IGNORECASE,
)
NEGATIVE = re.compile(r"(?:[-−–]\s?|\bminus\s+|\bnegative\s+|负)$", re.IGNORECASE)
YEAR = re.compile(r"(?:19|20)\d\d|[今明后去前]年")
PAST = re.compile(
    r"\b(?:ago|yesterday|last|since|was|were|passed)\b|过去了?|昨[天日晚]|前天|上(?:周|个?月|个?星期)|以前|之前"
)
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?"
)
DAY_MONTH = re.compile(
    rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<m>{_MONTH})\b"
    rf"|\b(?P<m2>{_MONTH})\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\s*(?::|[ap]\.?m\b))"
    r"|(?P<m3>\d{1,2})月(?P<d3>\d{1,2})[日号]",
    re.IGNORECASE,
)
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NIGHT = timedelta(hours=4)
"""within which an hour of the night is meant by whoever speaks at night"""
FARTHEST = 100
"""years"""


@dataclass(frozen=True)
class When:
    """A future time, as far as it is known."""

    at: datetime | None = None
    """on the wall clock without a zone, or with one where it is so long from now; None where it is not said"""
    repeat: Recurrence | None = None
    spans: tuple[tuple[int, int], ...] = ()
    """the stretches of the text that say it"""
    problem: Literal["", "past", "no_time", "no_such_day", "negative", "far", "none"] = ""
    guessed: bool = False
    """the time of day was not said"""
    away: timedelta | None = None
    """how long from now, where that was said"""


def _entities(text: str, now: datetime) -> list[Entity]:
    return list(find_entities(text, detect_language(text), now))


def durations(text: str, now: datetime) -> list[Entity]:
    """The lengths of time in a text, in order."""
    return [entity for entity in _entities(text, now) if entity.kind == "duration"]


def negative(text: str, entity: Entity) -> bool:
    """Returns whether a duration has a minus sign or an equivalent word."""
    return NEGATIVE.search(text[: entity.start]) is not None


def impossible_day(text: str) -> str:
    """A day that no year has, such as "30 February"; "" when the text names none."""
    for match in DAY_MONTH.finditer(text):
        month = match["m"] or match["m2"]
        number = MONTH_NAMES.index(month[:3].lower()) + 1 if month else int(match["m3"])
        day = int(match["d"] or match["d2"] or match["d3"])
        try:
            date(2024, number, day)
        except ValueError:
            return match.group().strip()
    return ""


def rolled(day: date, today: date, text: str) -> date:
    """Adds the year to a day: the next such day, or the last one if the text is about the past."""
    back = PAST.search(text) is not None
    if YEAR.search(text) or day == today or (day < today) == back:
        return day
    for years in range(1, 9):
        try:
            return day.replace(year=day.year + (-years if back else years))
        except ValueError:  # 29 February
            continue
    return day


def read_when(text: str, now: datetime, kind: Kind) -> When:
    """Reads when an entry is due.

    Args:
        text: what was said.
        now: on the wall clock, without a zone.
        kind: "at 5" is the next five o'clock for an alarm; for a reminder rather that of the day than of the night.
    """
    if impossible_day(text):
        return When(problem="no_such_day")
    if (repair := repaired_by(text)) is not None:
        by, span = repair
        asked = read_when(text[: span[0]], now, kind)
        later = asked.at + by if asked.at is not None else None
        return replace(asked, at=later, spans=(*asked.spans, span), problem="" if later else asked.problem)
    if (lead := lead_time(text, _entities(text, now))) is not None and kind == "reminder":
        by, span = lead
        asked = read_when(f"{text[: span[0]]}{' ' * (span[1] - span[0])}{text[span[1] :]}", now, kind)
        if asked.at is not None and asked.away is None:
            earlier = asked.at - by
            passed = earlier.timestamp() <= now.timestamp() and asked.repeat is None
            return replace(asked, at=earlier, spans=(*asked.spans, span), problem="past" if passed else asked.problem)
    left_out, spans = days_left_out(text)
    found = _entities(blanked(text, spans), now) if left_out else _entities(text, now)
    asked = _when(text, found, now, kind)
    if asked.repeat is not None and left_out:
        kept = without_days(asked.repeat, left_out)
        asked = replace(asked, repeat=kept or asked.repeat, spans=(*asked.spans, *spans))
    if asked.at is not None and asked.repeat is None and not asked.problem:
        if asked.at <= (now if asked.at.tzinfo is None else now.astimezone()):
            return replace(asked, problem="past")
        if asked.at.year > now.year + FARTHEST:
            return replace(asked, problem="far")
    return asked


def _when(text: str, found: list[Entity], now: datetime, kind: Kind) -> When:
    by_kind: dict[str, list[Entity]] = {}
    for entity in found:
        by_kind.setdefault(entity.kind, []).append(entity)
    moment, clock, day = (_chosen(text, by_kind.get(name, [])) for name in ("datetime", "time", "date"))
    if again := _chosen(text, by_kind.get("recurrence", [])) or _weekdays(by_kind.get("date_range", [])):
        asked = _again(text, again, clock or moment, now, kind)
        on = moment or day
        if on is not None and asked.repeat is not None and asked.repeat.unit in ("month", "year") and asked.at:
            value = on.value
            assert isinstance(value, date)
            first = value.date() if isinstance(value, datetime) else value
            at = datetime.combine(rolled(first, now.date(), text), asked.at.time())
            return replace(asked, at=at, spans=(*asked.spans, _span(on)))
        return asked
    if moment is not None:
        assert isinstance(moment.value, datetime)
        at = datetime.combine(rolled(moment.value.date(), now.date(), text), moment.value.time())
        return When(_daytime(at, moment.text, now, kind), spans=(_span(moment),))
    if day is None and (ranged := _chosen(text, by_kind.get("date_range", []))) is not None:
        assert isinstance(ranged.value, DateRange)
        begins = ranged.value.start or ranged.value.end
        if begins is not None and (ranged.value.start is None or begins > now.date()):
            day = replace(ranged, value=begins)  # "next week" begins on its Monday
    if day is not None:
        return _on_day(text, day, clock, now, kind)
    lengths = by_kind.get("duration", [])
    if clock is None and lengths:
        return _in(text, lengths, now)
    if clock is None:
        return _by_part(text, now, kind)
    assert isinstance(clock.value, time)
    at = datetime.combine(now.date(), clock.value)
    return When(_next(at, clock.text, now, kind), spans=(_span(clock),))


def _chosen(text: str, entities: list[Entity]) -> Entity | None:
    """Returns the entity that says when: the first before the task, or else the last."""
    if len(entities) < 2:
        return entities[0] if entities else None
    task = re.search(r"\b(?:remind me|reminder|forget)\b.*?\b(?:to|that|about)\b", text, re.IGNORECASE)
    before = [entity for entity in entities if task is not None and entity.end <= task.end()]
    return before[0] if before else entities[-1]


def _span(entity: Entity) -> tuple[int, int]:
    return entity.start, entity.end


def _weekdays(ranges: list[Entity]) -> Entity | None:
    """Reads a range of weekdays, such as "Monday to Friday", as a weekly recurrence."""
    for entity in ranges:
        named = re.fullmatch(
            r"(?:from\s+)?([a-z]+days?)\W+(?:to|through|till|until)?\W*([a-z]+day)|(?:从)?周.[到至]周.",
            entity.text,
            re.IGNORECASE,
        )
        if named and isinstance(entity.value, DateRange) and entity.value.start and entity.value.end:
            first, last = entity.value.start.weekday(), entity.value.end.weekday()
            days = tuple(range(first, last + 1)) if first <= last else (*range(last + 1), *range(first, 7))
            return replace(entity, kind="recurrence", value=Recurrence("week", 1, tuple(sorted(days))))
    return None


def _again(text: str, again: Entity, clock: Entity | None, now: datetime, kind: Kind) -> When:
    repeat = again.value
    assert isinstance(repeat, Recurrence)
    spans = [_span(again)]
    if repeat.unit in ("minute", "hour"):
        step = repeat.every * timedelta(**{f"{repeat.unit}s": 1})
        return When(now.replace(microsecond=0) + step, repeat, tuple(spans))
    if clock is None:
        part = PART.search(text.lower())
        if part is None and kind == "alarm":
            return When(None, repeat, tuple(spans), "no_time")
        at = time(PARTS[part.group()]) if part else MORNING
        spans += [part.span()] if part else []
        return When(datetime.combine(now.date(), at), repeat, tuple(spans), guessed=True)
    spans.append(_span(clock))
    at = clock.value if isinstance(clock.value, time) else clock.value.time()  # type: ignore[union-attr]
    late = re.search(r"evening|night|晚", again.text) and at.hour < 12 and not HALF_KNOWN.search(clock.text)
    start = datetime.combine(now.date(), at) + timedelta(hours=12 if late else 0)
    return When(_half(start, clock.text, kind), repeat, tuple(spans))


def _half(at: datetime, text: str, kind: Kind) -> datetime:
    """Completes a time without "am" or "pm"; for a reminder by day."""
    text = re.sub(r"\d{4}-\d\d-\d\d", "", text)  # the digits of a date say no half
    by_night = kind == "reminder" and 0 < at.hour < 7 and not HALF_KNOWN.search(text)
    short = re.search(r"(?<!\d)[1-5]:\d\d", text)  # "3:15" as people write it; 03:15 is by night
    by_night |= kind == "reminder" and short is not None and not HALF_KNOWN.search(text.replace(short.group(), ""))
    return at + timedelta(hours=12) if by_night else at


def _daytime(at: datetime, text: str, now: datetime, kind: Kind) -> datetime:
    if at.date() == now.date() and at <= now and WEEKDAY.search(text):
        return _half(at + timedelta(days=7), text, kind)  # "monday at 9", said on a Monday at noon
    if at.date() == now.date() and at <= now and at.hour < 12 and not HALF_KNOWN.search(text):
        return at + timedelta(hours=12)  # "today at 5", in the morning
    return _half(at, text, kind)


def _next(at: datetime, text: str, now: datetime, kind: Kind) -> datetime:
    """Returns the next time that a clock shows it; a reminder without "am" and "pm" takes the earlier half."""
    if kind == "reminder" and at.hour < 13 and not HALF_KNOWN.search(text):
        hour = at.replace(hour=at.hour % 12)
        coming = [each for n in range(1, 6) if (each := hour + timedelta(hours=12 * (n - 1))) > now]
        soon = coming[0] - now <= NIGHT and not 6 <= now.hour < 21
        by_night = coming[0].hour < 6 and not soon  # in the afternoon "at 2" is not the 2 of the night
        return coming[1 if by_night else 0]
    return at if at > now else at + timedelta(days=1)


def _on_day(text: str, day: Entity, clock: Entity | None, now: datetime, kind: Kind) -> When:
    assert isinstance(day.value, date)
    on, spans = rolled(day.value, now.date(), text), [_span(day)]
    if clock is not None:
        assert isinstance(clock.value, time)
        spans.append(_span(clock))
        said = f"{day.text} {clock.text}"
        return When(_daytime(datetime.combine(on, clock.value), said, now, kind), spans=tuple(spans))
    part = PART.search(text.lower())
    at = datetime.combine(on, time(PARTS[part.group()]) if part else MORNING)
    spans += [part.span()] if part else []
    if part is None and kind == "alarm":
        return When(None, None, tuple(spans), "no_time")
    if on == now.date() and at <= now:
        return When(None, None, tuple(spans), "no_time")
    return When(at, None, tuple(spans), "past" if on < now.date() else "", guessed=True)


def _in(text: str, lengths: list[Entity], now: datetime) -> When:
    """Adds a duration to the current time; consecutive durations are added up."""
    used = [lengths[0]]
    for entity in lengths[1:]:
        if re.fullmatch(r"\s*,?\s*(?:and\s+)?|零|又", text[used[-1].end : entity.start]):
            used.append(entity)
    if negative(text, used[0]):
        return When(problem="negative", spans=tuple(map(_span, used)))
    total = sum((entity.value for entity in used if isinstance(entity.value, timedelta)), timedelta())
    try:
        at = now.astimezone() + total
    except OverflowError:
        return When(problem="far")
    days = total >= timedelta(days=1) and total % timedelta(days=1) == timedelta()
    away = None if days else total
    return When(now + total if days else at, spans=tuple(map(_span, used)), away=away)


def _by_part(text: str, now: datetime, kind: Kind) -> When:
    part = PART.search(text.lower())
    if part is None or kind == "alarm":
        return When(problem="no_time")
    at = datetime.combine(now.date(), time(PARTS[part.group()]))
    return When(at if at > now else at + timedelta(days=1), spans=(part.span(),), guessed=True)


def _merged(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Spans without overlaps, the last first."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans, reverse=True):
        if found and found[-1][0] < end:
            found[-1] = (min(start, found[-1][0]), max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def rest_of(text: str, when: When) -> str:
    """Returns the words that are not about time."""
    for start, end in _merged(when.spans):
        left, right = BEFORE.sub("", text[:start]), text[end:]
        if trail := AFTER.match(right):
            right = right[trail.end() :]
        text = f"{left.rstrip()} {right.lstrip()}" if left.isascii() and right.isascii() else f"{left}{right}"
    return " ".join(text.split())
