"""A call at work that may ask its user on the way, in the client's manner or over several calls."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mcp.types import CallToolResult

from assistant.errors import InputError
from assistant.types import content_hash

__all__ = ["Question", "Suspended", "Work", "digest"]

MOST_SUSPENDED = 100


@dataclass(frozen=True)
class Question:
    """A question to the user."""

    text: str
    schema: Mapping[str, Any]
    """of one property, ``answer``: a JSON type that a form can show"""


def digest(client: str, tool: str, arguments: Mapping[str, Any]) -> str:
    """Names a call by who makes it and all it says."""
    return content_hash(client, tool, json.dumps(arguments, sort_keys=True, default=str))


class Work:
    """A call at work, on a task of its own; `run` may `ask` its user.

    Only the same `call` (see `digest`) goes on with it; `asks` says whether the client can ask its user itself.
    """

    def __init__(self, run: Callable[[Work], Awaitable[CallToolResult]], call: str, *, asks: bool) -> None:
        self.token = secrets.token_urlsafe(24)
        self.call, self.asks, self.began = call, asks, time.monotonic()
        self._asked = asyncio.Event()
        self._question: Question | None = None
        self._answer: asyncio.Future[Any] | None = None
        self._task = asyncio.ensure_future(run(self))

    async def ask(self, text: str, schema: Mapping[str, Any]) -> Any:
        """The user's answer; None when they gave none."""
        self._question, self._answer = Question(text, schema), asyncio.get_running_loop().create_future()
        self._asked.set()
        return await self._answer

    async def next(self) -> Question | CallToolResult:
        """The next question, or the result."""
        asked = asyncio.ensure_future(self._asked.wait())
        try:
            await asyncio.wait({self._task, asked}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:  # the client cancelled it
            self.cancel()
            raise
        finally:
            asked.cancel()
        if self._task.done():
            return self._task.result()
        assert self._question is not None
        return self._question

    def give(self, answer: Any) -> None:
        """Answer the question that is open."""
        self._asked.clear()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def cancel(self) -> None:
        """Stop it; a question that is open is not answered any more."""
        self._task.cancel()


class Suspended:
    """Calls that wait for their user, by token. Expired and excess calls are dropped; nothing was done."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._works: dict[str, Work] = {}

    def keep(self, work: Work) -> str:
        """Keep a call; its token."""
        self._sweep()
        self._works[work.token] = work
        return work.token

    def take(self, token: str, call: str, *, asks: bool) -> Work:
        """The call of a token, once; `asks` as its client could ask its user when it began.

        InputError when there is none, it is too old, or it was another call.
        """
        self._sweep()
        work = self._works.get(token)
        if work is None or work.asks is not asks or not hmac.compare_digest(work.call, call):
            raise InputError("This confirmation is unknown, expired, or for another call: call without it first.")
        return self._works.pop(token)

    def _sweep(self) -> None:
        old = time.monotonic() - self._seconds
        for token, work in list(self._works.items()):
            if work.began < old or len(self._works) >= MOST_SUSPENDED:
                self._works.pop(token).cancel()

    def close(self) -> None:
        """Drop all."""
        for work in self._works.values():
            work.cancel()
        self._works.clear()
