"""Checks Host, Origin, token, quota and body size of a request.

A page of another site can have its own name lead to this machine (DNS rebinding); the browser then takes it for the
same origin, and only Host tells. An address made of numbers, or "localhost", cannot be taken over so. Other names, such
as that of a proxy, are let in by the setting.
"""

from __future__ import annotations

import ipaddress
import math
import time
from collections.abc import Callable, Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.server.connections import Connections
from assistant.server.error_responses import ErrorResponse, error_response_of
from assistant.server.tokens import Clients
from assistant.server.web.login import WebLogin, serves_page, socket_refusal

__all__ = ["OPEN_PATHS", "Authentication", "HostCheck", "Quotas"]

OPEN_PATHS = frozenset({"/", "/healthz", "/readyz", "/docs", "/openapi.json"})
"""served without a token"""


class Authentication:
    """Refuses requests without a known token or with too large a body."""

    def __init__(self, app: ASGIApp, clients: Clients, max_bytes: int) -> None:
        self._app, self._clients, self._max_bytes = app, clients, max_bytes
        self._login = WebLogin(clients)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, _Response(send, scope))

    async def _request(self, scope: Scope, receive: Receive, response: _Response) -> None:
        client = self._identify(scope, headers := Headers(scope=scope))
        if client is None and scope["path"] not in OPEN_PATHS and not serves_page(scope["path"]):
            error = "This needs a token." if "authorization" not in headers else "This token is not known here."
            await response.send_error(
                ErrorResponse(401, "no_token", error, "Send the header: Authorization: Bearer TOKEN")
            )
            return
        declared = headers.get("content-length", "0")
        if declared.isdigit() and int(declared) > self._max_bytes:
            await response.send_error(self._too_large())
            return
        scope.setdefault("state", {}).update(client=client or "", login=self._login)
        carried = 0

        async def count() -> Message:
            nonlocal carried
            message = await receive()
            carried += len(message.get("body", b""))
            if carried > self._max_bytes:
                await response.send_error(self._too_large())
                return {"type": "http.disconnect"}
            return message

        try:
            await self._app(scope, count, response)
        except Exception as error:  # also one that was answered and logged
            if not response.begun:
                await response.send_error(error_response_of(error))

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = self._identify(scope, Headers(scope=scope))
        if client is None:
            await socket_refusal(Headers(scope=scope)).answer(scope, receive, send)
            return
        scope.setdefault("state", {})["client"] = client
        await self._app(scope, receive, send)

    def _identify(self, scope: Scope, headers: Headers) -> str | None:
        """The client of a request: by its token, or by the cookie of the web page."""
        by_token = self._clients.identify(headers.get("authorization", ""))
        return by_token or self._login.client_of(scope.get("method", "GET"), headers)

    def _too_large(self) -> ErrorResponse:
        error = f"The request is larger than {self._max_bytes / 1e6:g} MB."
        return ErrorResponse(413, "too_large", error, "Send smaller pictures or a shorter recording.")


class _Response:
    """Sends one response and drops what comes after it."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self.begun = self._done = False
        self._send, self._scope = send, scope

    async def __call__(self, message: Message) -> None:
        if self._done:
            return
        self.begun = True
        await self._send(message)

    async def send_error(self, error: ErrorResponse) -> None:
        """Sends an error, unless a response has begun."""
        if not self.begun:
            await error.response(self._scope["path"])(self._scope, _nothing, self)
            self._done = True


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


class Quotas:
    """Answers 429 to a client that sends more than so many POST requests `a_minute`; 0 for no limit.

    A client that was silent may send a minute's at once. `connections` learns which of them have a token.
    """

    def __init__(
        self,
        app: ASGIApp,
        a_minute: int,
        connections: Connections | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._a_minute, self._connections, self._clock = app, a_minute, connections, clock
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
            await refused.answer(scope, receive, send)
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


class HostCheck:
    """Refuses requests with a Host that is none of this server's names, or an Origin that may not ask.

    It is reached by numbers, localhost and `hosts` ("nas.local", "*.example.org"); pages of `origins` may ask, too.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str] = (), origins: Sequence[str] = ()) -> None:
        self._app = app
        self._hosts = tuple(host.lower().rstrip(".") for host in hosts if host)
        self._origins = frozenset(origin.lower().rstrip("/") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        refused = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        await (self._app if refused is None else refused.answer)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ErrorResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "").strip()
        if not self._known(_name(host)):
            error = f"This server is not called {host[:100]!r}." if host else "The request names no Host."
            return ErrorResponse(421, "wrong_host", error, "Use its address, or add the name to [serve] hosts.")
        origin = headers.get("origin", "").strip().lower().rstrip("/")
        if not origin or origin in self._origins or origin.partition("://")[2] == host.lower():
            return None
        error = f"Web pages of {origin[:100]!r} may not ask here."
        return ErrorResponse(403, "wrong_origin", error, "Name the origin: [serve] origins, or --origin.")

    def _known(self, name: str) -> bool:
        try:
            ipaddress.ip_address(name)
        except ValueError:
            ours = (*self._hosts, "localhost", "*.localhost")
            return any(name == host or (host[:2] == "*." and name.endswith(host[1:])) for host in ours)
        return True


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower().rstrip(".")
