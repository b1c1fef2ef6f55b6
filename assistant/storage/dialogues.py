"""The log of dialogues: every event is written before it takes effect."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.storage.database import Database
from assistant.types import new_id

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["DialogueLog", "DialogueRecord", "DialogueStory"]


@dataclass(frozen=True)
class DialogueRecord:
    """A dialogue that is not closed yet."""

    id: str
    session: str
    intent: str
    turn: dict[str, Any]
    """the turn that began it, as JSON values"""
    opened_at: float
    """seconds since the epoch"""


@dataclass(frozen=True)
class DialogueStory:
    """A dialogue and all that happened in it."""

    id: str
    intent: str
    opened_at: float
    """seconds since the epoch"""
    closed_at: float | None
    """seconds since the epoch; None while it waits"""
    reason: str
    """"answered", "cancelled", "failed", "gone"; "" while it waits"""
    events: tuple[tuple[str, dict[str, Any]], ...]
    """(kind, data): "asked", "answered", "did", "suspended", "woken", "changed", "replied" """
    turn: Mapping[str, Any] = field(default_factory=dict)
    """the turn that began it and its slots, as JSON values"""

    @property
    def effects(self) -> tuple[dict[str, Any], ...]:
        """The side effects it had: key and result (as JSON values)."""
        return tuple(data for kind, data in self.events if kind == "did")


class DialogueLog:
    """Append-only events per dialogue."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._remembered: dict[str, list[DialogueRecord] | None] = {}
        self._told: dict[str, list[tuple[str, dict[str, Any]]] | None] = {}
        """the events of each dialogue that is remembered"""
        self._changes = 0
        """dialogues opened and closed, and events added"""
        self._lock = threading.Lock()

    @contextmanager
    def remembering(self, session: str) -> Iterator[None]:
        """Cache a session's pending dialogues and events until they change.

        For the length of a turn, in which the session is held: no other process changes it.
        """
        with self._lock:
            self._remembered[session] = None
        try:
            yield
        finally:
            with self._lock:
                for record in self._remembered.pop(session, None) or ():
                    self._told.pop(record.id, None)

    def _changed(self) -> None:
        with self._lock:
            self._changes += 1
            self._remembered = dict.fromkeys(self._remembered)
            self._told = {}

    def open(self, session: str, intent: str, turn: dict[str, Any]) -> str:
        """Begin a dialogue; returns its id."""
        row = {"id": new_id(), "session": session, "intent": intent, "turn": turn, "opened_at": time.time()}
        insert = self._database.statement("open a dialogue", self._database.table("dialogues").insert)
        with self._database.begin(soon=True) as connection:
            connection.execute(insert, row)
        self._changed()
        return str(row["id"])

    def append(self, dialogue: str, kind: str, data: dict[str, Any], *, durable: bool = False) -> None:
        """Add an event behind the ones already there.

        Args:
            durable: wait until it survives a power cut, with all before it; else it does soon after the turn.
        """
        with self._database.begin(durable=durable, soon=not durable) as connection:
            self._append(connection, dialogue, kind, data)
        with self._lock:
            self._changes += 1
            if dialogue in self._told:
                self._told[dialogue] = None

    def _append(self, connection: Connection, dialogue: str, kind: str, data: dict[str, Any]) -> None:
        from sqlalchemy import bindparam, func, select

        events = self._database.table("dialogue_events")
        query = self._database.statement(
            "the last event", lambda: select(func.max(events.c.position)).where(events.c.dialogue == bindparam("of"))
        )
        last = connection.execute(query, {"of": dialogue}).scalar()
        row = {"dialogue": dialogue, "position": 0 if last is None else last + 1, "kind": kind, "data": data}
        connection.execute(self._database.statement("add an event", events.insert), row)

    def events(self, dialogue: str) -> list[tuple[str, dict[str, Any]]]:
        """All events of a dialogue as (kind, data), oldest first."""
        changes = self._changes
        if (known := self._told.get(dialogue)) is not None:
            return list(known)
        from sqlalchemy import bindparam

        events = self._database.table("dialogue_events")
        query = self._database.statement(
            "the events of a dialogue",
            lambda: events.select().where(events.c.dialogue == bindparam("of")).order_by(events.c.position),
        )
        found = [(row.kind, row.data) for row in self._database.rows(query, {"of": dialogue})]
        with self._lock:
            if dialogue in self._told and changes == self._changes:
                self._told[dialogue] = found
        return list(found)

    def pending(self, session: str) -> list[DialogueRecord]:
        """Dialogues of a session that are not closed, newest first."""
        changes = self._changes
        if (known := self._remembered.get(session)) is not None:
            return known
        from sqlalchemy import bindparam

        dialogues = self._database.table("dialogues")
        query = self._database.statement(
            "what is pending",
            lambda: (
                dialogues.select()
                .where(dialogues.c.session == bindparam("of"), dialogues.c.closed_at.is_(None))
                .order_by(dialogues.c.opened_at.desc())
            ),
        )
        rows = self._database.rows(query, {"of": session})
        found = [DialogueRecord(row.id, row.session, row.intent, row.turn, row.opened_at) for row in rows]
        with self._lock:
            if session in self._remembered and changes == self._changes:
                self._remembered[session] = found
                self._told |= dict.fromkeys((record.id for record in found), None)
        return found

    def story(self, session: str) -> list[DialogueStory]:
        """Every dialogue of a session, closed or not, with all its events, oldest first."""
        dialogues = self._database.table("dialogues")
        query = dialogues.select().where(dialogues.c.session == session).order_by(dialogues.c.opened_at)
        return [
            DialogueStory(
                row.id, row.intent, row.opened_at, row.closed_at, row.reason or "", tuple(self.events(row.id)), row.turn
            )
            for row in self._database.rows(query)
        ]

    def close(self, dialogue: str, reason: str, reply: dict[str, Any] | None = None) -> None:
        """End a dialogue: "answered", "cancelled", "failed"…; its last words as JSON values are its event "replied"."""
        from sqlalchemy import bindparam

        dialogues = self._database.table("dialogues")
        update = self._database.statement(
            "close a dialogue", lambda: dialogues.update().where(dialogues.c.id == bindparam("which"))
        )
        with self._database.begin(soon=True) as connection:
            if reply is not None:
                self._append(connection, dialogue, "replied", reply)
            connection.execute(update, {"which": dialogue, "closed_at": time.time(), "reason": reason})
        self._changed()
