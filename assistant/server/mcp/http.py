"""Streamable HTTP: a token for each client, and on this machine only unless its user says otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.server.mcp.door import Door
from assistant.server.server import Address, listen_at
from assistant.server.tokens import Clients

__all__ = ["PATH", "create_application", "serve_http"]

PATH = "/mcp"


class _Tokens:
    """Lets in who brings a known token, and notes who that is."""

    def __init__(self, app: ASGIApp, clients: Clients) -> None:
        self._app, self._clients = app, clients

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
        client = self._clients.identify(headers.get(b"authorization", ""))
        if scope["type"] != "http" or client is None:
            body = json.dumps({"error": "This needs a token: Authorization: Bearer TOKEN"}).encode()
            start = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
            await send({"type": "http.response.start", "status": 401, "headers": start})
            await send({"type": "http.response.body", "body": body})
            return
        scope.setdefault("state", {})["client"] = client
        await self._app(scope, receive, send)


def create_application(door: Door, clients: Clients, address: Address, origins: Sequence[str] = ()) -> ASGIApp:
    """The whole as an ASGI application, at `PATH`.

    Args:
        clients: who may come in.
        address: where it listens; requests to other hosts are refused.
        origins: web pages that may ask, besides those of this machine.
    """
    names = ["127.0.0.1", "localhost", "[::1]", f"[{address.host}]" if ":" in address.host else address.host]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[f"{name}:{address.port}" for name in names],
        allowed_origins=[*(f"http://{name}:{address.port}" for name in names), *origins],
    )
    application = door.server.streamable_http_app(streamable_http_path=PATH, transport_security=security)
    return _Tokens(application, clients)


async def serve_http(
    door: Door, clients: Clients, address: Address, origins: Sequence[str], say: Callable[[str], None]
) -> None:
    """Serve until a signal ends it.

    Raises:
        SettingsError: it cannot listen there.
    """
    listening, address = listen_at(address)
    with listening:
        application = create_application(door, clients, address, origins)
        config = uvicorn.Config(
            application, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5
        )
        say(f"Listening at {address.url}{PATH}. Ctrl-C ends it.")
        await uvicorn.Server(config).serve([listening])
