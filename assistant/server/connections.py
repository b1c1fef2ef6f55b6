"""Open connections: those whose client sends no request are closed in time, and only so many wait without a token."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.server.error_responses import ErrorResponse

__all__ = ["Connections"]

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
        connections = self

        class Watched(_WatchedProtocol):
            registry = connections

        return Watched


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
