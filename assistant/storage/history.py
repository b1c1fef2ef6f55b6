"""Every turn of every conversation: stored when it arrives, completed when it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.messages import Turn, TurnResult
from assistant.storage.attachments import Attachments
from assistant.storage.database import Database

__all__ = ["History", "SessionSummary", "StoredTurn"]


@dataclass(frozen=True)
class SessionSummary:
    """One conversation at a glance."""

    session: str
    turns: int
    first_at: float
    """seconds since the epoch"""
    last_at: float
    """seconds since the epoch"""
    last_text: str


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

    def to_json(self) -> dict[str, Any]:
        """All fields as plain values."""
        values = dict(self.__dict__)
        return {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}


class History:
    """Reads and writes turns.

    Args:
        database: shared with the dialogues.
        attachments: where the pictures and clips of turns are kept; without it only their digests are.
    """

    def __init__(self, database: Database, attachments: Attachments | None = None) -> None:
        self._database = database
        self._attachments = attachments

    def begin(self, turn: Turn) -> None:
        """Store a turn, with what was shown and said, before anything is done about it."""
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
            "options": [],
            "contributions": {},
            "latency_ms": {},
            "attachments": [],
        }
        with self._database.begin() as connection:
            connection.execute(self._database.table("turns").insert().values(row))

    def finish(self, result: TurnResult) -> None:
        """Complete a turn with its answer."""
        decision, reply = result.decision, result.reply
        self._update(
            result.turn.id,
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
        )

    def mark(self, turn: Turn, status: str, reason: str = "") -> None:
        """Close a turn that has no answer: "cancelled" or "failed", and why."""
        self._update(turn.id, status=status, reply=reason)

    def add_latency(self, turn_id: str, latency_ms: Mapping[str, float]) -> None:
        """Add steps that lie outside the pipeline, such as the end of speech and the first sound, to a stored turn."""
        turns = self._database.table("turns")
        with self._database.begin() as connection:
            row = connection.execute(turns.select().where(turns.c.id == turn_id)).mappings().first()
            if row is not None:
                steps = {**(row["latency_ms"] or {}), **{step: float(ms) for step, ms in latency_ms.items()}}
                connection.execute(turns.update().where(turns.c.id == turn_id).values(latency_ms=steps))

    def _update(self, turn_id: str, **values: object) -> None:
        turns = self._database.table("turns")
        with self._database.begin() as connection:
            connection.execute(turns.update().where(turns.c.id == turn_id).values(**values))

    def turns(self, session: str, limit: int | None = None) -> list[StoredTurn]:
        """The turns of a session, oldest first; only the last `limit` when given."""
        turns = self._database.table("turns")
        query = turns.select().where(turns.c.session == session).order_by(turns.c.at.desc()).limit(limit)
        with self._database.begin() as connection:
            rows = connection.execute(query).mappings().all()
        return [_stored(dict(row)) for row in reversed(rows)]

    def sessions(self) -> list[SessionSummary]:
        """All sessions, the latest first."""
        from sqlalchemy import func, select

        turns = self._database.table("turns")
        latest = (
            select(
                turns.c.session,
                func.count().label("n"),
                func.min(turns.c.at).label("a"),
                func.max(turns.c.at).label("z"),
            )
            .group_by(turns.c.session)
            .subquery()
        )
        query = (
            select(latest, turns.c.text, turns.c.transcript)
            .join(turns, (turns.c.session == latest.c.session) & (turns.c.at == latest.c.z))
            .order_by(latest.c.z.desc())
        )
        with self._database.begin() as connection:
            rows = connection.execute(query).all()
        found = {
            row.session: SessionSummary(row.session, row.n, row.a, row.z, row.text or row.transcript or "")
            for row in rows
        }
        return list(found.values())


def _stored(row: dict[str, Any]) -> StoredTurn:
    for name in ("images", "options", "attachments"):
        row[name] = tuple(row[name])
    return StoredTurn(**row)
