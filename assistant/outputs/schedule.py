"""Stores scheduled announcements in the database. A process claims an entry before it rings it, so it rings once.

A claim moves the due time a few seconds ahead. Who has rung it then strikes it out, or sets its next time; who is
killed between the two leaves it to be claimed, and rung, by another.
"""

from __future__ import annotations

import calendar
import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from assistant.errors import UserError
from assistant.storage import Database
from assistant.types import Reply
from assistant.understanding.entities.types import Recurrence

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row

__all__ = ["Schedule", "Scheduled", "audience", "local_zone", "next_occurrence"]


def local_zone() -> str:
    """A name for the zone of the wall clock here, such as "Europe/Berlin"; other zones have other names."""
    if zone := os.environ.get("TZ"):
        return zone
    _, mark, name = os.path.realpath("/etc/localtime").partition("/zoneinfo/")
    return name if mark else str(datetime.now().astimezone().utcoffset())


def next_occurrence(repeat: Recurrence, start: datetime, after: datetime) -> datetime:
    """The first occurrence later than `after`, on the same clock as `start`, the first of all.

    Weekdays count only with the unit "week"; none of them means that of `start`. A month without its day, and a year
    without 29 February, take the last one before. OverflowError: it comes after the year 9999.
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


LEASE = 5.0
"""seconds after which what was claimed and not rung may be claimed by another"""
MOST = 200_000
"""entries of one plugin"""
KEPT = 7 * 86_400.0
"""seconds for which what has rung can be looked up"""
AT_ONCE = 500
"""entries that are claimed together"""
LONGEST = 4_000
"""characters of what is said"""


@dataclass(frozen=True)
class Scheduled:
    """A scheduled announcement, coming or past."""

    key: str
    """names it among those of its plugin"""
    session: str
    """conversation in which it was asked for"""
    reply: Reply
    due: datetime | None
    """with the local zone; None when it does not ring (again)"""
    repeat: Recurrence | None = None
    insistent: bool = False
    """rings on until it is stopped, as alarms do"""
    rung: datetime | None = None
    """when it rang last, with the local zone"""
    plugin: str = ""
    late: float = 0.0
    """seconds between the time it was for and now, when it rings"""
    claim: float = 0.0
    """what it is struck out by"""
    rings: bool = False
    """whether a program is running now that would ring it"""


def audience(session: str) -> str:
    """The beginning of the names of all sessions whose user is that of this one; "" for this computer's own user.

    A client of the server hears and sees only what its own sessions asked for.
    """
    parts = session.split("/", 2)
    return f"{parts[0]}/{parts[1]}/" if parts[0] == "http" and len(parts) == 3 else ""


class Schedule:
    """The table of scheduled announcements. Its methods block; safe to call from any thread and process."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self.clock = clock

    def put(
        self,
        plugin: str,
        key: str,
        session: str,
        reply: Reply,
        when: datetime | None,
        repeat: Recurrence | None = None,
        *,
        insistent: bool = False,
    ) -> Scheduled:
        """Store an announcement, replacing the one under its key; on return it has survived a power cut.

        Without a zone `when` is a time on the wall clock, which goes with daylight saving and with the user to another
        zone; None keeps it without ringing it. With `repeat` it is the first time, and has no zone. UserError when the
        plugin has too many, or the text is too long.
        """
        if len(reply.text) > LONGEST:
            raise UserError(f"That is too long to say later; the limit is {LONGEST:,} characters.")
        table = self._database.table("scheduled")
        wall = when.isoformat() if when is not None and when.tzinfo is None else ""
        if repeat is not None and when is not None:
            when = next_occurrence(repeat, when, when - timedelta.resolution)
        row = {
            "session": session,
            "due": when.timestamp() if when is not None else None,  # a time that the clock skips is so much later
            "missed": None,
            "rung": None,
            "wall": wall,
            "zone": local_zone() if wall else "",
            "repeat": asdict(repeat) if repeat else None,
            "reply": {"text": reply.text, "speech": reply.speech, "data": dict(reply.data)},
            "insistent": insistent,
        }
        from sqlalchemy import func, select

        with self._database.begin(durable=True) as connection:
            count = select(func.count()).select_from(table).where(table.c.plugin == plugin)
            if (connection.execute(count).scalar() or 0) >= MOST:
                raise UserError(f"{MOST:,} are set already, which is the limit; cancel some first.")
            put = self._database.insert("scheduled").values(plugin=plugin, key=key, **row)
            connection.execute(put.on_conflict_do_update(index_elements=["plugin", "key"], set_=row))
        due = None if when is None else _local(when.timestamp())
        return Scheduled(key, session, reply, due, repeat, insistent, plugin=plugin)

    def drop(self, plugin: str, keys: Sequence[str]) -> int:
        """Forget entries of a plugin; returns how many were there."""
        table = self._database.table("scheduled")
        dropped = 0
        with self._database.begin(durable=True) as connection:
            for at in range(0, len(keys), 500):
                these = table.delete().where(table.c.plugin == plugin, table.c.key.in_(keys[at : at + 500]))
                dropped += connection.execute(these).rowcount
        return dropped

    def find(self, plugin: str, session: str, prefix: str = "", most: int = 1_000) -> list[Scheduled]:
        """A plugin's entries that the user of a session may see: those to come, the next first; then those that rang.

        Plugin "" means those of all plugins; their keys begin with `prefix`.
        """
        table = self._database.table("scheduled")
        whose, own = audience(session), table.c.session
        mine = _begins(own, whose) if whose else ~_begins(own, "http/")
        query = table.select().where(_begins(table.c.key, prefix), mine)
        query = query.where(table.c.plugin == plugin) if plugin else query
        order = query.order_by(table.c.due.is_(None), table.c.due, table.c.rung.desc()).limit(most)
        return [_read(row) for row in self._database.rows(order)]

    def next_due(self, audiences: Collection[str] = ("",)) -> float | None:
        """Seconds since the epoch at which the next entry of these users is due; None when none is. See `claim`."""
        table = self._database.table("scheduled")
        from sqlalchemy import select  # first imported by the database, see there

        query = select(table.c.due).where(table.c.due.is_not(None), *_of(table, audiences)).order_by(table.c.due)
        found = self._database.rows(query.limit(1))
        return float(found[0].due) if found else None

    def claim(self, audiences: Collection[str] = ("",), sessions: Collection[str] | None = None) -> list[Scheduled]:
        """Claim the due announcements, the earliest first; each is claimed by one program only.

        `audiences` says whose (see `audience`), `sessions` only what was asked for in these; "" means everyone's.
        """
        table, now = self._database.table("scheduled"), self.clock()
        due = table.select().where(table.c.due <= now, *_of(table, audiences)).order_by(table.c.due).limit(AT_ONCE)
        if sessions is not None:
            due = due.where(table.c.session.in_(sessions))
        found = self._database.rows(due)
        if not found:
            return []
        claimed = []
        with self._database.begin() as connection:
            for row in found:
                missed = row.due if row.missed is None else row.missed
                seen = _this(table, row) & (table.c.due == row.due)
                if connection.execute(table.update().where(seen).values(due=now + LEASE, missed=missed)).rowcount:
                    claimed.append(replace(_read(row), late=max(0.0, now - missed), claim=now + LEASE))
        return claimed

    def strike_out(self, entries: Sequence[Scheduled]) -> None:
        """Record that claimed entries have rung: those that come again get their next time."""
        table, now = self._database.table("scheduled"), self.clock()
        with self._database.begin() as connection:
            for entry in entries:
                claimed = (table.c.plugin == entry.plugin) & (table.c.key == entry.key) & (table.c.due == entry.claim)
                row = connection.execute(table.select().where(claimed)).first()
                if row is not None:
                    rung = table.update().where(claimed).values(due=_next(row, now), missed=None, rung=now)
                    connection.execute(rung)
            old = (table.c.rung < now - KEPT) & table.c.due.is_(None)
            connection.execute(table.delete().where(old))

    def move_to_zone(self) -> None:
        """Move wall-clock times to the zone that this computer is in now."""
        table, here = self._database.table("scheduled"), local_zone()
        zone = table.c.zone
        elsewhere = ((zone > "") & (zone < here)) | (zone > here)  # not "!=", which would look at every row
        moved = elsewhere & table.c.due.is_not(None)
        with self._database.begin() as connection:
            for row in connection.execute(table.select().where(moved)).all():
                due = _next(row, self.clock()) if row.repeat else datetime.fromisoformat(row.wall).timestamp()
                connection.execute(table.update().where(_this(table, row)).values(due=due, zone=here))


def _of(table: Any, audiences: Collection[str]) -> list[ColumnElement[bool]]:
    from sqlalchemy import or_

    return [] if "" in audiences else [or_(False, *(_begins(table.c.session, each) for each in audiences))]


def _begins(column: Any, prefix: str) -> ColumnElement[bool]:
    from sqlalchemy import func

    found: ColumnElement[bool] = func.substr(column, 1, len(prefix)) == prefix  # LIKE takes "Ann" for "ann"
    return found


def _this(table: Any, row: Row[Any]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = (table.c.plugin == row.plugin) & (table.c.key == row.key)
    return found


def _next(row: Row[Any], now: float) -> float | None:
    """Returns when an entry that has rung is next due, in seconds since the epoch; None for never."""
    if row.repeat is None:
        return None
    repeat, start = _repeat(row.repeat), datetime.fromisoformat(row.wall)
    try:
        if repeat.unit in ("minute", "hour"):  # by elapsed time: daylight saving neither doubles nor skips one
            step = max(1, repeat.every) * (60 if repeat.unit == "minute" else 3600)
            return start.timestamp() + max(0, (now - start.timestamp()) // step + 1) * step
        after = datetime.fromtimestamp(max(now, row.missed or now))
        return next_occurrence(repeat, start, after).timestamp()
    except (OverflowError, ValueError):
        return None


def _repeat(values: dict[str, Any]) -> Recurrence:
    return Recurrence(values["unit"], values["every"], tuple(values["weekdays"]))


def _local(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds).astimezone()


def _read(row: Row[Any]) -> Scheduled:
    due = row.due if row.missed is None else row.missed
    return Scheduled(
        row.key,
        row.session,
        Reply(row.reply["text"], row.reply["speech"], data=row.reply["data"]),
        None if due is None else _local(due),
        None if row.repeat is None else _repeat(row.repeat),
        row.insistent,
        None if row.rung is None else _local(row.rung),
        row.plugin,
    )
