"""Remembers requests by the client's own key: one that is sent twice is done once and answered twice."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from assistant.storage.database import Database
from assistant.types import TurnResult, new_id

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

__all__ = ["RequestLog", "StoredRequest"]


@dataclass(frozen=True)
class StoredRequest:
    """A request as it was first sent."""

    turn: str
    """the id of its turn, the same however often it is sent"""
    session: str
    fingerprint: str
    """content hash of the request"""
    answer: dict[str, Any] | None
    """`TurnResult.to_json`; None while there is none"""


class RequestLog:
    """Remembers keyed requests and their answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, client: str, key: str, session: str, fingerprint: str, turn: str = "") -> StoredRequest:
        """The request of that client and key: the one that was sent first, or this one, which is stored now.

        Args:
            fingerprint: content hash of what is asked.
            turn: the id its turn gets, if it is new; "" makes one up.
        """
        requests = self._database.table("requests")
        row = {"client": client, "key": key, "turn": turn or new_id(), "session": session, "fingerprint": fingerprint}
        insert = self._database.insert("requests").values(**row, at=time.time(), answer=None)
        with self._database.begin(durable=True) as connection:
            connection.execute(insert.on_conflict_do_nothing())
            mine = (requests.c.client == client) & (requests.c.key == key)
            found = connection.execute(requests.select().where(mine)).one()
        return _stored(found)

    def find(self, client: str, key: str) -> StoredRequest | None:
        """The request of that client and key, if it was sent before."""
        requests = self._database.table("requests")
        found = self._database.rows(requests.select().where(requests.c.client == client, requests.c.key == key))
        return _stored(found[0]) if found else None

    def keep(self, client: str, key: str, session: str, value: str) -> None:
        """Store a value with a session under a key, replacing the old one; it expires as requests do."""
        requests = self._database.table("requests")
        row = {"client": client, "key": key, "turn": new_id(), "session": session, "fingerprint": value}
        with self._database.begin() as connection:
            connection.execute(requests.delete().where((requests.c.client == client) & (requests.c.key == key)))
            connection.execute(requests.insert().values(**row, at=time.time(), answer=None))

    def record(self, connection: Connection, result: TurnResult) -> None:
        """Keep the answer of a turn, if it was asked for with a key; `History` calls this as it completes the turn."""
        from sqlalchemy import bindparam

        requests = self._database.table("requests")
        asked = self._database.statement(
            "the request of a turn", lambda: requests.select().where(requests.c.turn == bindparam("of"))
        )
        if connection.execute(asked, {"of": result.turn.id}).first() is not None:
            this = requests.c.turn == result.turn.id
            answer = json.loads(json.dumps(result.to_json(), default=str))  # a plugin's data may be no JSON value
            connection.execute(requests.update().where(this).values(answer=answer))

    def drop(self, client: str, key: str) -> None:
        """Delete a request that had no result."""
        requests = self._database.table("requests")
        with self._database.begin() as connection:
            connection.execute(requests.delete().where((requests.c.client == client) & (requests.c.key == key)))

    def expire(self, before: float) -> int:
        """Forget the requests sent before a time (seconds since the epoch); returns how many those were."""
        requests = self._database.table("requests")
        with self._database.begin() as connection:
            return int(connection.execute(requests.delete().where(requests.c.at < before)).rowcount)


def _stored(row: Row[Any]) -> StoredRequest:
    return StoredRequest(row.turn, row.session, row.fingerprint, row.answer)
