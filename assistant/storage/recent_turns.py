"""The last turns of the sessions that are answered now, so that a turn reads them once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

__all__ = ["MOST", "RecentTurns"]

T = TypeVar("T")

MOST = 12
"""turns of a session; plugins look back at ten as a rule"""


class RecentTurns(Generic[T]):
    """Caches the turns read of each session for the length of a turn, until any turn changes. Thread-safe."""

    def __init__(self) -> None:
        self._known: dict[str, list[T] | None] = {}
        """the last turns of each session that is kept, once they are read"""
        self._changes = 0
        self._lock = threading.Lock()

    @contextmanager
    def keeping(self, session: str) -> Iterator[None]:
        """Keep the turns of a session, which is held meanwhile: no other process changes it."""
        with self._lock:
            self._known[session] = None
        try:
            yield
        finally:
            with self._lock:
                self._known.pop(session, None)

    def changed(self) -> None:
        """Clear the cache: a turn was written or deleted."""
        with self._lock:
            self._changes += 1
            self._known = dict.fromkeys(self._known)

    def knows(self, session: str) -> bool:
        """Returns whether the turns of a session were read."""
        return self._known.get(session) is not None

    def of(self, session: str, limit: int | None, read: Callable[[str, int | None], list[T]]) -> list[T]:
        """The last turns of a session, oldest first; all without a limit.

        Args:
            session: the conversation.
            limit: most turns.
            read: reads them where they are not known.
        """
        if session not in self._known or limit is None or not 0 < limit <= MOST:
            return read(session, limit)
        changes, known = self._changes, self._known.get(session)
        if known is None:
            known = read(session, MOST)
            with self._lock:
                if session in self._known and changes == self._changes:
                    self._known[session] = known
        return known[-limit:]
