"""Watches open connections, and closes those whose client sends or reads too slowly, or nothing."""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.server.error_responses import ErrorResponse

__all__ = ["Connections", "SlowClients"]

Peer = tuple[str, int]
"""a client's address and port"""


class Connections:
    """The open connections of one server.

    A request's headers must arrive within `header_seconds`. So many `strangers` may be connected that have not sent a
    known token; beyond that the oldest is closed.
    """

    def __init__(self, header_seconds: float, strangers: int) -> None:
        self.header_seconds = header_seconds
        self._strangers = strangers
        self._open: dict[Peer, asyncio.Transport] = {}
        self._unknown: OrderedDict[Peer, None] = OrderedDict()

    @property
    def unknown(self) -> int:
        """Connections without a known token."""
        return len(self._unknown)

    def opened(self, peer: Peer, transport: asyncio.Transport) -> None:
        """Counts a new connection."""
        self._open[peer] = transport
        self._unknown[peer] = None
        if len(self._unknown) > self._strangers:
            self.cut(next(iter(self._unknown)))

    def known(self, peer: Peer) -> None:
        """A request with a known token came on this connection."""
        self._unknown.pop(peer, None)

    def closed(self, peer: Peer) -> None:
        """Forgets a connection."""
        self._open.pop(peer, None)
        self._unknown.pop(peer, None)

    def cut(self, peer: Peer) -> None:
        """Closes a connection at once; what waits to be sent is thrown away."""
        transport = self._open.get(peer)
        self.closed(peer)
        if transport is not None:
            transport.abort()

    def protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's HTTP protocol, watched."""
        return type("Watched", (_WatchedProtocol,), {"registry": self})


class _WatchedProtocol(H11Protocol):
    registry: Connections
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if self.client:
            self.registry.opened(self.client, transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_expecting()
        if self.client:
            self.registry.closed(self.client)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._expect()
        else:
            self._stop_expecting()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._stop_expecting()
        if self.client:
            self.registry.closed(self.client)  # another protocol has it from here, and says when it ends
        super().handle_websocket_upgrade(event)

    def _expect(self) -> None:
        """The rest of a request's headers must come in time; a deadline that runs already stays."""
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.registry.header_seconds, self._too_slow)

    def _stop_expecting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        if self.transport.is_closing():
            return
        what_to_do = f"Send the request within {self.registry.header_seconds:g} s."
        error = ErrorResponse(408, "too_slow", "No request arrived in time.", what_to_do)
        body = json.dumps(error.to_json()).encode()
        head = "HTTP/1.1 408 Request Timeout\r\nContent-Type: application/json\r\nConnection: close\r\n"
        self.transport.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()


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
        self.app, self.stall, self.draining, self.connections = app, stall, draining, connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "http":
            watched = _Watched(self, scope, receive, send)
            receive, send = watched.receive, watched.send
        await self.app(scope, receive, send)


class _Watched:
    def __init__(self, limits: SlowClients, scope: Scope, receive: Receive, send: Send) -> None:
        self._limits, self._scope, self._receive, self._send = limits, scope, receive, send
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
                stopping = (stopping or now) if self._limits.draining() else 0.0
                took = now - self._start
                trickles = took > self._limits.stall and self._arrived < SLOWEST * (took - self._limits.stall)
                if now - began > self._limits.stall or trickles or (stopping and now - stopping > LAST):
                    return None
            return waiting.result()
        finally:
            waiting.cancel()

    async def _refuse(self) -> None:
        if not self._begun:
            error = "The request did not arrive in time."
            what_to_do = f"Send it within {self._limits.stall:g} s ([serve] stall), or less at a time."
            refusal = ErrorResponse(408, "too_slow", error, what_to_do).response(self._scope["path"])
            refusal.headers["connection"] = "close"
            await refusal(self._scope, self._receive, self.send)
        self._over = True

    async def send(self, message: Message) -> None:
        if self._over:
            return
        self._begun = True
        try:
            async with asyncio.timeout(self._limits.stall):
                await self._send(message)
        except TimeoutError:
            self._over = True
            if self._limits.connections is not None and self._scope.get("client"):
                self._limits.connections.cut(self._scope["client"])
