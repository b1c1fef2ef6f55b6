"""Every turn of every conversation: stored when it arrives, completed when it is answered."""

from __future__ import annotations

import contextlib
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.errors import StorageError
from assistant.storage.attachments import Attachments
from assistant.storage.database import Database
from assistant.storage.recent_turns import MOST, RecentTurns
from assistant.types import Picture, Turn, TurnResult

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row, Table

__all__ = ["History", "SessionSummary", "StoredTurn"]

DAY = 86_400.0
BETWEEN = 3_600.0
"""seconds between two looks for turns that are too old"""
EVERY = 2**31 - 1
"""a limit that leaves out nothing"""
LOOKED_BACK = 20
"""turns among which the last pictures of a session are looked for"""


@dataclass(frozen=True)
class SessionSummary:
    """Summary of one conversation."""

    session: str
    turns: int
    first_at: float
    """seconds since the epoch"""
    last_at: float
    """seconds since the epoch"""
    last_text: str
    first_text: str = ""


@dataclass(frozen=True)
class StoredTurn:
    """A turn as it was stored."""

    id: str
    session: str
    at: float
    """seconds since the epoch"""
    text: str
    transcript: str | None
    images: tuple[str, ...]
    """digests of the pictures, see `Attachments`"""
    audio: str | None
    """digest of the clip, see `Attachments`"""
    status: str
    """"open" until it is answered, then "answered", "cancelled" or "failed" """
    intent: str = ""
    confidence: float = 0.0
    """0 to 1"""
    outcome: str = ""
    options: tuple[str, ...] = ()
    """the intents a clarifying question offered"""
    reply: str = ""
    contributions: Mapping[str, float] = field(default_factory=dict)
    latency_ms: Mapping[str, float] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    """`Reply.data`, as plain values"""

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        return {key: list(value) if isinstance(value, tuple) else value for key, value in vars(self).items()}


class History:
    """Reads and writes turns.

    Args:
        attachments: where the pictures and clips of turns are kept; without it only their digests are.
        within: called within the transaction that completes a turn: what it writes is there if the answer is.
        keep_days: days after which turns are deleted for good, when a turn is completed; 0 keeps them.
    """

    def __init__(
        self,
        database: Database,
        attachments: Attachments | None = None,
        within: Callable[[Connection, TurnResult], None] | None = None,
        keep_days: int = 0,
    ) -> None:
        self._keep = keep_days * DAY
        self._expired_at = 0.0
        self._database = database
        self._attachments = attachments
        self._within = within
        self._recent: RecentTurns[StoredTurn] = RecentTurns()

    def begin(self, turn: Turn, *, again: bool = False) -> None:
        """Store a turn, with what was shown and said, before anything is done about it; `again`: it may be there
        already.
        """
        if self._attachments is not None:
            for picture in turn.images:
                self._attachments.put_picture(picture)
            if turn.audio is not None:
                self._attachments.put_clip(turn.audio)
        row = {
            "id": turn.id,
            "session": turn.session,
            "at": turn.at,
            "text": turn.text,
            "transcript": turn.transcript.text if turn.transcript else None,
            "images": [picture.digest for picture in turn.images],
            "audio": turn.audio.digest if turn.audio else None,
            "status": "open",
        }
        turns = self._database.table("turns")
        with self._database.begin() as connection:
            if again and connection.execute(turns.select().where(turns.c.id == turn.id)).first():
                return
            connection.execute(self._database.statement("begin a turn", turns.insert), row)
        self._recent.changed()

    def finish(self, result: TurnResult) -> None:
        """Complete a turn with its answer."""
        decision, reply = result.decision, result.reply
        self._update(
            result.turn.id,
            result,
            transcript=result.turn.transcript.text if result.turn.transcript else None,
            status="answered",
            intent=decision.intent,
            confidence=decision.confidence,
            outcome=decision.outcome,
            options=list(decision.options),
            reply=reply.text,
            contributions={k: float(v) for k, v in decision.contributions.items()},
            latency_ms={k: float(v) for k, v in result.latency_ms.items()},
            attachments=list(reply.attachments),
            data=json.loads(json.dumps(dict(reply.data), default=str)),
        )
        self._database.sync()
        if self._keep and time.time() - self._expired_at > BETWEEN:
            self._expired_at = time.time()
            self.forget_before(self._expired_at - self._keep)

    def said(self, turn: Turn, text: str) -> None:
        """Store the announced part of an unfinished answer; no effect once the turn is complete."""
        turns = self._database.table("turns")
        with self._database.begin() as connection:
            still = (turns.c.id == turn.id) & (turns.c.status == "open")
            connection.execute(turns.update().where(still).values(reply=text))
        self._recent.changed()

    def mark(self, turn: Turn, status: str, reason: str = "") -> None:
        """Close a turn as "cancelled" or "failed", with the announced part or the reason."""
        self._update(turn.id, status=status, reply=reason)

    def add_latency(self, turn_id: str, latency_ms: Mapping[str, float]) -> None:
        """Add steps that lie outside the pipeline, such as the end of speech and the first sound, to a stored turn."""
        turns = self._database.table("turns")
        with self._database.begin() as connection:
            row = connection.execute(turns.select().where(turns.c.id == turn_id)).mappings().first()
            if row is not None:
                steps = {**(row["latency_ms"] or {}), **{step: float(ms) for step, ms in latency_ms.items()}}
                connection.execute(turns.update().where(turns.c.id == turn_id).values(latency_ms=steps))
        self._recent.changed()

    def _update(self, turn_id: str, result: TurnResult | None = None, **values: object) -> None:
        from sqlalchemy import bindparam

        turns = self._database.table("turns")
        update = self._database.statement(
            "update a turn", lambda: turns.update().where(turns.c.id == bindparam("which"))
        )
        with self._database.begin() as connection:
            connection.execute(update, {"which": turn_id, **values})
            if result is not None and self._within is not None:
                self._within(connection, result)
        self._recent.changed()

    def turn(self, turn_id: str) -> StoredTurn | None:
        """One turn by its id; None when there is none."""
        turns = self._database.table("turns")
        found = self._database.rows(turns.select().where(turns.c.id == turn_id))
        return _stored(found[0]) if found else None

    def forget(self, session: str) -> int:
        """Delete a session: its turns and dialogues, and the pictures and clips that no other session holds.

        What plugins keep of their own (a ticket, a note) stays. Returns the number of turns deleted.
        """
        return self._forget(lambda table: table.c.session == session)

    def forget_before(self, moment: float) -> int:
        """Delete what is older than a moment (seconds since the epoch) in all sessions, but for open questions; as
        `forget`.
        """
        began = {"dialogues": "opened_at", "turns": "at", "requests": "at"}

        def old(table: Table) -> ColumnElement[bool]:
            before = table.c[began[table.name]] < moment
            return before & table.c.closed_at.is_not(None) if table.name == "dialogues" else before

        return self._forget(old)

    def _forget(self, chosen: Callable[[Table], ColumnElement[bool]]) -> int:
        names = ("turns", "dialogues", "dialogue_events", "requests")
        turns, dialogues, events, requests = (self._database.table(name) for name in names)
        with self._database.begin(durable=True) as connection:
            opened = {row.id: row.turn for row in connection.execute(dialogues.select().where(chosen(dialogues)))}
            told = connection.execute(events.select().where(events.c.dialogue.in_(list(opened)))).all()
            taken = connection.execute(turns.select().where(chosen(turns))).all()
            held = [*((row.images, row.audio) for row in taken), *opened.values(), *(row.data for row in told)]
            connection.execute(events.delete().where(events.c.dialogue.in_(list(opened))))
            connection.execute(dialogues.delete().where(dialogues.c.id.in_(list(opened))))
            for table in (turns, requests):
                connection.execute(table.delete().where(chosen(table)))
            unheld = [digest for digest in set(_DIGESTS.findall(repr(held))) if not self._held(connection, digest)]
        self._recent.changed()
        if self._attachments is not None:
            for digest in unheld:
                self._attachments.remove(digest)
        return len(taken)

    def _held(self, connection: Connection, digest: str) -> bool:
        from sqlalchemy import Text, cast, select

        where = {"turns": ("images", "audio"), "dialogues": ("turn",), "dialogue_events": ("data",)}
        for name, columns in where.items():
            table = self._database.table(name)
            for column in columns:
                found = select(table.c[column]).where(cast(table.c[column], Text).contains(digest)).limit(1)
                if connection.execute(found).first() is not None:
                    return True
        return False

    def pictures(self, session: str, last: int = 1) -> list[Picture]:
        """The last pictures shown in a session, newest first; one that is gone is left out."""
        if self._attachments is None or last < 1:
            return []
        shown = [digest for turn in reversed(self.turns(session, LOOKED_BACK)) for digest in reversed(turn.images)]
        found: list[Picture] = []
        for digest in list(dict.fromkeys(shown))[:last]:
            with contextlib.suppress(StorageError):
                found.append(self._attachments.get_picture(digest))
        return found

    def turns(self, session: str, limit: int | None = None) -> list[StoredTurn]:
        """The turns of a session, oldest first; only the last `limit` when given."""
        return self._recent.of(session, limit, self._read)

    def is_quick(self, session: str, limit: int) -> bool:
        """Returns whether `turns` needs no server: it reads a file or the cache."""
        return 0 < limit <= MOST and (not self._database.shared or self._recent.knows(session))

    def remembering(self, session: str) -> AbstractContextManager[None]:
        """For the length of a turn: the last turns of its session are read once; see `RecentTurns.keeping`."""
        return self._recent.keeping(session)

    def _read(self, session: str, limit: int | None) -> list[StoredTurn]:
        from sqlalchemy import bindparam

        turns = self._database.table("turns")
        query = self._database.statement(
            "the latest turns",
            lambda: (
                turns.select()
                .where(turns.c.session == bindparam("of"))
                .order_by(turns.c.at.desc())
                .limit(bindparam("most"))
            ),
        )
        rows = self._database.rows(query, {"of": session, "most": EVERY if limit is None else limit})
        return [_stored(row) for row in reversed(rows)]

    def search(self, words: str, limit: int = 20, prefix: str = "") -> list[StoredTurn]:
        """Turns that hold all of some words or parts of words, in question or answer; latest first.

        Only sessions whose names begin with `prefix` are searched.
        """
        from sqlalchemy import and_, or_

        turns = self._database.table("turns")
        columns = (turns.c.text, turns.c.transcript, turns.c.reply)
        held = (or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in words.split())
        own = turns.c.session.startswith(prefix, autoescape=True)
        query = turns.select().where(and_(own, *held)).order_by(turns.c.at.desc()).limit(limit)
        return [_stored(row) for row in self._database.rows(query)]

    def sessions(self, prefix: str = "") -> list[SessionSummary]:
        """All sessions whose names begin with `prefix`, the latest first."""
        from sqlalchemy import func, select

        turns = self._database.table("turns")
        latest = (
            select(
                turns.c.session,
                func.count().label("n"),
                func.min(turns.c.at).label("a"),
                func.max(turns.c.at).label("z"),
            )
            .where(turns.c.session.startswith(prefix, autoescape=True))
            .group_by(turns.c.session)
            .subquery()
        )
        first = turns.alias()
        query = (
            select(
                latest, turns.c.text, turns.c.transcript, first.c.text.label("typed"), first.c.transcript.label("heard")
            )
            .join(turns, (turns.c.session == latest.c.session) & (turns.c.at == latest.c.z))
            .join(first, (first.c.session == latest.c.session) & (first.c.at == latest.c.a))
            .order_by(latest.c.z.desc())
        )
        found = {
            row.session: SessionSummary(
                row.session, row.n, row.a, row.z, row.text or row.transcript or "", row.typed or row.heard or ""
            )
            for row in self._database.rows(query)
        }
        return list(found.values())


_DIGESTS = re.compile(r"\b[0-9a-f]{64}\b")


def _stored(row: Row[Any]) -> StoredTurn:
    values = row._asdict()
    for name in ("images", "options", "attachments"):
        values[name] = tuple(values[name])
    values["data"] = values["data"] or {}
    return StoredTurn(**values)
