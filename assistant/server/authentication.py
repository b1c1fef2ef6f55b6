"""Checks the token and the size of a request before its body is read."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.server.error_responses import ErrorResponse, error_response_of
from assistant.server.metrics import Metrics
from assistant.server.tokens import Clients
from assistant.server.web.login import WebLogin, refuse_socket, serves_page

__all__ = ["OPEN_PATHS", "Authentication"]

OPEN_PATHS = frozenset({"/", "/healthz", "/readyz", "/docs", "/openapi.json"})
"""served without a token"""


class Authentication:
    """Refuses requests without a known token or with too large a body, and counts all of them."""

    def __init__(self, app: ASGIApp, clients: Clients, max_bytes: int, metrics: Metrics) -> None:
        self._app = app
        self._clients = clients
        self._max_bytes = max_bytes
        self._metrics = metrics
        self._login = WebLogin(clients)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, _Response(send, scope, self._metrics))

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
            await refuse_socket(scope, receive, send)
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

    def __init__(self, send: Send, scope: Scope, metrics: Metrics) -> None:
        self.begun = False
        self._send = send
        self._scope = scope
        self._metrics = metrics
        self._done = False

    async def __call__(self, message: Message) -> None:
        if self._done:
            return
        if message["type"] == "http.response.start":
            self._start(message["status"])
        await self._send(message)

    async def send_error(self, error: ErrorResponse) -> None:
        """Sends an error, unless a response has begun."""
        if not self.begun:
            await error.response(self._scope["path"])(self._scope, _nothing, self)
            self._done = True

    def _start(self, status: int) -> None:
        self.begun = True
        route = getattr(self._scope.get("route"), "path", "other")
        self._metrics.request(route, status)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
