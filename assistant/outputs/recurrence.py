"""When something that comes again comes next, and what a time on the wall clock is in seconds."""

from __future__ import annotations

import calendar
import os
from datetime import datetime, timedelta

from assistant.understanding.entities.types import Recurrence

__all__ = ["local_zone", "next_occurrence", "seconds_of"]


def seconds_of(when: datetime) -> float:
    """Seconds since the epoch; a time without a zone is one on the wall clock here.

    A time that the clock skips when it goes forward counts as so much later: 02:30 is 03:30.
    """
    return when.timestamp()


def local_zone() -> str:
    """A name for the zone of the wall clock here, such as "Europe/Berlin"; other zones have other names."""
    if zone := os.environ.get("TZ"):
        return zone
    _, mark, name = os.path.realpath("/etc/localtime").partition("/zoneinfo/")
    return name if mark else str(datetime.now().astimezone().utcoffset())


def next_occurrence(repeat: Recurrence, start: datetime, after: datetime) -> datetime:
    """The first occurrence later than a moment, on the same clock as both.

    Args:
        repeat: weekdays count only with the unit "week"; none of them means that of `start`.
        start: the first occurrence. A month without its day, and a year without 29 February, take the last one before.
        after: the moment.

    Raises:
        OverflowError: it comes after the year 9999.
    """
    if after < start and not repeat.weekdays:
        return start
    every = max(1, repeat.every)
    match repeat.unit:
        case "minute" | "hour" | "day":
            step = every * timedelta(**{f"{repeat.unit}s": 1})
            return start + max(0, (after - start) // step + 1) * step
        case "week":
            return _week(every, repeat.weekdays or (start.weekday(),), start, after)
    months = every * (12 if repeat.unit == "year" else 1)
    passed = (after.year - start.year) * 12 + after.month - start.month
    number = max(0, passed // months - 1)
    while (found := _months_later(start, number * months)) <= after:
        number += 1
    return found


def _week(every: int, weekdays: tuple[int, ...], start: datetime, after: datetime) -> datetime:
    monday = start - timedelta(days=start.weekday())
    period = timedelta(weeks=every)
    number = max(0, (after - monday) // period)
    while True:
        for day in sorted(weekdays):
            found = monday + number * period + timedelta(days=day)
            if found > after and found >= start:
                return found
        number += 1


def _months_later(start: datetime, months: int) -> datetime:
    total = start.year * 12 + start.month - 1 + months
    year, month = divmod(total, 12)
    if year > 9999:
        raise OverflowError("after the year 9999")
    return start.replace(year=year, month=month + 1, day=min(start.day, calendar.monthrange(year, month + 1)[1]))
