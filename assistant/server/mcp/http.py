"""Streamable HTTP: a token for each client, and on this machine only unless its user says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from assistant.server.authentication import Authentication
from assistant.server.mcp.calls import LARGEST
from assistant.server.mcp.door import Door
from assistant.server.mcp.serving import opened_door
from assistant.server.metrics import Metrics
from assistant.server.server import Address, listen_at
from assistant.server.tls import tls_files
from assistant.server.tokens import Clients
from assistant.settings import Settings

__all__ = ["PATH", "create_application", "serve_clients"]

PATH = "/mcp"
MOST_BYTES = LARGEST * 3 // 2
"""bytes of a request: the largest file in base64, and what stands around it"""


def create_application(door: Door, clients: Clients, address: Address, origins: Sequence[str] = ()) -> ASGIApp:
    """The whole as an ASGI application, at `PATH`.

    Args:
        clients: who may come in.
        address: where it listens; requests to other hosts are refused.
        origins: web pages that may ask, besides those of this machine.
    """
    pages = [replace(address, host=name).url for name in ("127.0.0.1", "localhost", "::1", address.host)]
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=[page.partition("://")[2] for page in pages],
        allowed_origins=[*pages, *origins],
    )
    application = door.server.streamable_http_app(streamable_http_path=PATH, transport_security=security)
    return Authentication(application, clients, MOST_BYTES, Metrics())


async def serve_clients(
    settings: Settings,
    clients: Clients,
    address: Address,
    origins: Sequence[str],
    say: Callable[[str], None],
    **offered: Any,
) -> None:
    """Serve until a signal ends it; `offered` are arguments of `Door`.

    Raises:
        SettingsError: it cannot listen there.
    """
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
