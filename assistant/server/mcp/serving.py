"""Opens the assistant and serves it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import TYPE_CHECKING

from assistant.app import App
from assistant.server.mcp.door import Door
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.server.server import Address
    from assistant.server.tokens import Clients

__all__ = ["serve_clients", "serve_program"]


@contextlib.asynccontextmanager
async def _opened(
    settings: Settings, plugins: Collection[str], *, local: bool, history: bool, library: bool
) -> AsyncIterator[Door]:
    app = await App.open(settings)
    app.start_loading(text_only=True)
    door = Door(app, plugins, local=local, history=history, library=library)
    try:
        yield door
    finally:
        door.close()
        await app.close()


async def serve_program(settings: Settings, plugins: Collection[str], *, history: bool, library: bool) -> None:
    """Serve the program that started this one; nothing but the protocol reaches standard output."""
    from mcp.server.stdio import stdio_server

    async with stdio_server() as (read, write):  # from here on, what is printed goes to the error stream
        with contextlib.redirect_stdout(sys.stderr):
            async with _opened(settings, plugins, local=True, history=history, library=library) as door:
                await door.serve(read, write)


async def serve_clients(
    settings: Settings,
    clients: Clients,
    address: Address,
    origins: Sequence[str],
    plugins: Collection[str],
    say: Callable[[str], None],
    *,
    history: bool,
    library: bool,
) -> None:
    """Serve clients over HTTP until a signal ends it.

    Raises:
        SettingsError: it cannot listen there.
    """
    from assistant.server.mcp.http import serve_http

    with contextlib.redirect_stdout(sys.stderr):
        async with _opened(settings, plugins, local=False, history=history, library=library) as door:
            await serve_http(door, clients, address, origins, say)
