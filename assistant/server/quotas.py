"""Bounds what one token may ask, and tells connections with a token from those without."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.server.connections import Connections
from assistant.server.error_responses import ErrorResponse

__all__ = ["Quotas"]


class Quotas:
    """Answers 429 to a client that sends more than so many POST requests `a_minute`; 0 for no limit.

    A client that was silent may send a minute's at once. `connections` is told which of them have a token.
    """

    def __init__(
        self,
        app: ASGIApp,
        a_minute: int,
        connections: Connections | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._a_minute = a_minute
        self._connections = connections
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        client = scope.get("state", {}).get("client", "")
        if client and self._connections is not None and scope.get("client"):
            self._connections.known(scope["client"])
        if client and self._a_minute and scope.get("method") == "POST" and (wait := self.take(client)):
            error = f"That was more than {self._a_minute} requests a minute."
            what_to_do = f"Send it again in {wait} s, as Retry-After says; [serve] requests_a_minute is the limit."
            refused = ErrorResponse(429, "quota", error, what_to_do, wait)
            await refused.response(scope["path"])(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def take(self, client: str) -> int:
        """Counts a request; returns 0 if it may be answered, else whole seconds until the next one may."""
        now, a_second = self._clock(), self._a_minute / 60
        left, at = self._left.get(client, (float(self._a_minute), now))
        left = min(float(self._a_minute), left + (now - at) * a_second)
        allowed = left >= 1
        self._left[client] = (left - 1 if allowed else left, now)
        return 0 if allowed else max(1, math.ceil((1 - left) / a_second))
