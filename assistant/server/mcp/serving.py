"""Opens the assistant for clients of the protocol: for the program that started this one, or over HTTP by token."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from assistant.app import App
from assistant.server.authentication import Authentication
from assistant.server.mcp.calls import LARGEST
from assistant.server.mcp.door import Door
from assistant.server.server import Address, listen_at
from assistant.server.tls import tls_files
from assistant.server.tokens import Clients
from assistant.settings import Settings

__all__ = ["PATH", "create_application", "opened_door", "serve_clients", "serve_program"]


@contextlib.asynccontextmanager
async def opened_door(settings: Settings, **offered: Any) -> AsyncIterator[Door]:
    """The assistant behind a `Door`, which serves the `offered` intents, for the length of an ``async with``."""
    app = await App.open(settings)
    app.start_loading(text_only=True)
    door = Door(app, **offered)
    try:
        yield door
    finally:
        door.close()
        await app.close()


async def serve_program(settings: Settings, **offered: Any) -> None:
    """Serve the program that started this one; nothing but the protocol reaches standard output."""
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (read, write):  # from here on, what is printed goes to the error stream
        with contextlib.redirect_stdout(sys.stderr):
            async with opened_door(settings, local=True, **offered) as door:
                await door.serve(read, write)


PATH = "/mcp"
MOST_BYTES = LARGEST * 3 // 2
"""bytes of a request: the largest file in base64, and what stands around it"""


def create_application(door: Door, clients: Clients, address: Address, origins: Sequence[str] = ()) -> ASGIApp:
    """The whole as an ASGI application at `PATH`, for requests to this address and from pages of these origins."""
    pages = [replace(address, host=name).url for name in ("127.0.0.1", "localhost", "::1", address.host)]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[page.partition("://")[2] for page in pages],
        allowed_origins=[*pages, *origins],
    )
    application = door.server.streamable_http_app(streamable_http_path=PATH, transport_security=security)
    return Authentication(application, clients, MOST_BYTES)


async def serve_clients(
    settings: Settings,
    clients: Clients,
    address: Address,
    origins: Sequence[str],
    say: Callable[[str], None],
    **offered: Any,
) -> None:
    """Serve until a signal ends it; `offered` are arguments of `Door`. SettingsError when it cannot listen there."""
    tls = tls_files(settings.serve)
    listening, address = listen_at(address)
    with listening:
        async with opened_door(settings, local=False, **offered) as door:
            application = create_application(door, clients, address, origins)
            config = uvicorn.Config(
                application, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=5, **tls
            )
            say(f"Listening at {address.url}{PATH}. Ctrl-C ends it.")
            await uvicorn.Server(config).serve([listening])
