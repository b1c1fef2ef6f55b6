"""Announces scheduled entries at their time, wherever the user is: in the terminal, aloud, or in a program.

Several programs may wait over one database; each entry is rung by the one that claims it first (`Schedule.claim`).
A program that shows or says things enters `Scheduler.ringing` for as long as it can. The wall clock is looked at twice
a second, so that a clock that was set, or a computer that slept, changes nothing; entries of other programs are seen by
the change of the database's file.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import html
import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from assistant.bus import Bus
from assistant.errors import AssistantError
from assistant.events import Announced
from assistant.language import language_of, say
from assistant.outputs.schedule import Schedule, Scheduled, audience
from assistant.storage import Database

__all__ = ["Scheduler", "Surface", "notifies", "notify", "spoken_late"]

logger = logging.getLogger(__name__)

LOOK = 0.5
"""seconds between two looks at the clock and at the database's file"""
GIVE_WAY = 0.06
"""seconds that a program leaves to the one in whose conversation an entry was asked for"""
LATE = 60.0
"""seconds after which an announcement counts as late"""
FEW = 3
"""late entries that are announced one by one; more become one list"""
LISTED = 10
"""late entries that a list names"""

Surface = Callable[[Announced], object]
"""shows or says something at once; must not block"""


@dataclass(frozen=True, eq=False)
class _Place:
    surface: Surface
    audience: str
    session: str


class Scheduler:
    """Rings due entries of a `Schedule` while something is entered in `ringing`; the bus gets each `Announced`.

    The file `lock` shows other programs that this one rings.
    """

    def __init__(self, schedule: Schedule, bus: Bus, database: Database, lock: Path) -> None:
        self.schedule, self._bus, self._database, self._lock = schedule, bus, database, lock
        self._file: Path | None = None
        self._places: list[_Place] = []
        self._loop: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._notifying: set[asyncio.Task[None]] = set()

    def changed(self) -> None:
        """Check the next due time again: something was scheduled here."""
        self._changed.set()

    @contextlib.contextmanager
    def ringing(self, surface: Surface, *, audience: str = "", session: str = "") -> Iterator[None]:
        """Ring through a surface for the length of a ``with``; call it on the event loop.

        It rings the entries of an `audience`, "" for everyone's, and those of `session` before other programs do.
        """
        place = _Place(surface, audience, session)
        with contextlib.nullcontext() if audience else _holding(self._lock):
            self._places.append(place)
            if self._loop is None:
                self._loop = asyncio.get_running_loop().create_task(self._run(), name="ring what is due")
            self._changed.set()
            try:
                yield
            finally:
                self._places.remove(place)
                if not self._places and self._loop is not None:
                    self._loop.cancel()
                    self._loop = None

    def rings(self, session: str) -> bool:
        """Returns whether this or another program is running that rings what this session schedules."""
        if any(place.audience in ("", audience(session)) for place in self._places):
            return True
        return self._database.shared or _locked(self._lock)  # those of a database server run anywhere

    async def _run(self) -> None:
        self._file = self._database.file
        with contextlib.suppress(AssistantError):  # a database that cannot be used now may be usable later
            await asyncio.to_thread(self.schedule.move_to_zone)
        seen: object = None
        due: float | None = None
        problem = ""
        while True:
            try:
                state = self._state()
                if self._changed.is_set() or state != seen:
                    self._changed.clear()
                    due = await asyncio.to_thread(self.schedule.next_due, self._audiences)
                    seen = state
                if due is not None and due <= self.schedule.clock():
                    due = None
                    if await self._ring():
                        self._changed.set()
                problem = ""
            except Exception as error:
                if str(error) != problem:  # each reason once, not twice a second
                    logger.warning("nothing can ring now: %s", error, exc_info=not isinstance(error, AssistantError))
                problem, seen = str(error), None
            left = LOOK if due is None else max(0.0, min(LOOK, due - self.schedule.clock()))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left)

    @property
    def _audiences(self) -> set[str]:
        return {place.audience for place in self._places}

    async def _ring(self) -> bool:
        """Ring the due entries; False if another program was first."""
        sessions = {place.session for place in self._places}
        entries = await asyncio.to_thread(self.schedule.claim, self._audiences, sessions)
        if not entries:
            await asyncio.sleep(GIVE_WAY)
            entries = await asyncio.to_thread(self.schedule.claim, self._audiences)
        late = [entry for entry in entries if entry.late > LATE]
        if len(late) > FEW:
            for whose in dict.fromkeys(audience(entry.session) for entry in late):
                await self._tell_all([entry for entry in late if audience(entry.session) == whose])
            entries = [entry for entry in entries if entry not in late]
        for entry in entries:
            text, speech = entry.reply.text, entry.reply.spoken
            if entry.late > LATE:
                text, speech = spoken_late(text, entry), spoken_late(speech, entry)
            await self._tell([entry], text, speech)
        return bool(entries or late)

    async def _tell_all(self, late: Sequence[Scheduled]) -> None:
        """Announce many late entries as one list."""
        named = [f"{_when(entry)}: {' '.join(entry.reply.text.split())[:200]}" for entry in late[:LISTED]]
        language = language_of(late[0].reply.text)
        lines = [say("late_many", language, count=len(late)), *named]
        if len(late) > LISTED:
            lines.append(say("late_more", language, count=len(late) - LISTED))
        await self._tell(late, "\n".join(lines), "\n".join(lines[: 1 + FEW]))

    async def _tell(self, entries: Sequence[Scheduled], text: str, speech: str) -> None:
        first = entries[0]
        event = Announced(
            session=first.session,
            plugin=first.plugin,
            text=text,
            speech=speech,
            late=round(first.late, 3),
            insistent=first.insistent and first.late <= LATE,
            data=dict(first.reply.data),
        )
        for place in self._places:
            if place.audience in ("", audience(first.session)):
                try:
                    place.surface(event)
                except Exception:
                    logger.exception("a surface failed")
        # Struck out after it was told: who is killed in between has it told twice rather than never. Whoever stops
        # listening at this moment cancels this task, and would cancel a call that still waits for its thread.
        striking = asyncio.get_running_loop().run_in_executor(None, self.schedule.strike_out, entries)
        await asyncio.shield(striking)
        self._bus.publish(event)
        if not audience(first.session):
            task = asyncio.create_task(notify(text), name="notify the desktop")
            self._notifying.add(task)
            task.add_done_callback(self._notifying.discard)

    def _state(self) -> object:
        """Returns a value that changes when another program writes to the database."""
        if self._file is None:
            return self.schedule.clock()
        found = []
        for path in (self._file, self._file.with_name(f"{self._file.name}-wal")):
            with contextlib.suppress(OSError):
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size))
        return found


def spoken_late(text: str, entry: Scheduled) -> str:
    """The text of an entry that rings late."""
    return say("late", language_of(text), when=_when(entry), text=text)


def _when(entry: Scheduled) -> str:
    """The time that an entry was for: of today without its day."""
    if entry.due is None:
        return ""
    now = entry.due + timedelta(seconds=entry.late)
    return f"{entry.due:%H:%M}" if entry.due.date() == now.date() else f"{entry.due:%Y-%m-%d %H:%M}"


@contextlib.contextmanager
def _holding(path: Path) -> Iterator[None]:
    """Hold a lock that others may share; the system releases it however the process ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        logger.warning("other programs cannot see that this one rings: %s", error)
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _locked(path: Path) -> bool:
    """Returns whether a program holds a lock."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


TITLE = "Assistant"
PATIENCE = 5.0
"""seconds"""
LONGEST = 500
"""characters"""


def notifies() -> bool:
    """Returns whether there is a desktop to notify."""
    session = any(os.environ.get(name) for name in ("DBUS_SESSION_BUS_ADDRESS", "WAYLAND_DISPLAY", "DISPLAY"))
    return session and shutil.which("notify-send") is not None


async def notify(text: str) -> None:
    """Show a text on the desktop; without one, or when that fails, nothing happens."""
    if not notifies():
        return
    body, nothing = html.escape(text[:LONGEST], quote=False), subprocess.DEVNULL
    command = ["notify-send", f"--app-name={TITLE}", "--", TITLE, body]
    try:
        await asyncio.to_thread(
            subprocess.run, command, timeout=PATIENCE, stdin=nothing, stdout=nothing, stderr=nothing
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.info("no notification: %s", error)
