"""Ends requests whose client sends or reads too slowly, so that no place, memory or connection is held for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.server.connections import Connections
from assistant.server.error_responses import ErrorResponse

__all__ = ["SlowClients"]

SLOWEST = 2_000
"""bytes per second that a body arrives with at least, once it has taken longer than it may pause"""
LAST = 3.0
"""seconds that a body in hand may still take when the server is stopped"""
LOOK = 0.5
"""seconds between two looks whether the server is being stopped"""


class SlowClients:
    """Answers 408 to a body that stalls or trickles, and cuts a connection that is not read for `stall` seconds.

    While `draining`, a body in hand has `LAST` seconds; `connections` is None where another program holds them.
    """

    def __init__(
        self, app: ASGIApp, stall: float, draining: Callable[[], bool], connections: Connections | None = None
    ) -> None:
        self._app = app
        self._stall = stall
        self._draining = draining
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "http":
            watched = _Watched(scope, receive, send, self._stall, self._draining, self._connections)
            await self._app(scope, watched.receive, watched.send)
        else:
            await self._app(scope, receive, send)


class _Watched:
    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        stall: float,
        draining: Callable[[], bool],
        connections: Connections | None,
    ) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._stall, self._draining, self._connections = stall, draining, connections
        self._begun = self._over = self._whole = False
        self._arrived, self._start = 0, time.monotonic()

    async def receive(self) -> Message:
        if self._over or self._whole:
            return await self._receive()
        message = await self._in_time()
        if message is None:
            await self._refuse()
            return {"type": "http.disconnect"}
        self._arrived += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        return message

    async def _in_time(self) -> Message | None:
        """The next part of the body; None when its client is too slow."""
        began, stopping = time.monotonic(), 0.0
        waiting = asyncio.ensure_future(self._receive())
        try:
            while not (await asyncio.wait({waiting}, timeout=LOOK))[0]:
                now = time.monotonic()
                stopping = (stopping or now) if self._draining() else 0.0
                took = now - self._start
                trickles = took > self._stall and self._arrived < SLOWEST * (took - self._stall)
                if now - began > self._stall or trickles or (stopping and now - stopping > LAST):
                    return None
            return waiting.result()
        finally:
            waiting.cancel()

    async def _refuse(self) -> None:
        if not self._begun:
            error = "The request did not arrive in time."
            what_to_do = f"Send it within {self._stall:g} s ([serve] stall), or less at a time."
            refusal = ErrorResponse(408, "too_slow", error, what_to_do).response(self._scope["path"])
            refusal.headers["connection"] = "close"
            await refusal(self._scope, self._receive, self.send)
        self._over = True

    async def send(self, message: Message) -> None:
        if self._over:
            return
        self._begun = True
        try:
            async with asyncio.timeout(self._stall):
                await self._send(message)
        except TimeoutError:
            self._over = True
            if self._connections is not None and self._scope.get("client"):
                self._connections.cut(self._scope["client"])
