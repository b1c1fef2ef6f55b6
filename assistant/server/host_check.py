"""Refuses requests that a web page elsewhere makes its reader's browser send: by the Host and Origin they carry.

A page of another site can have its own name lead to this machine (DNS rebinding); the browser then takes it for the
same origin, and only Host tells. An address made of numbers, or "localhost", cannot be taken over so. Other names, such
as that of a proxy, are let in by the setting.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.server.error_responses import ErrorResponse

__all__ = ["HostCheck"]


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
        if refused is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
            await refused.response(scope["path"])(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": refused.code})

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
