"""Opens the assistant for clients of the protocol, and serves the program that started this one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from typing import Any

from assistant.app import App
from assistant.server.mcp.door import Door
from assistant.settings import Settings

__all__ = ["opened_door", "serve_program"]


@contextlib.asynccontextmanager
async def opened_door(settings: Settings, **offered: Any) -> AsyncIterator[Door]:
    """The assistant behind a `Door`, which is told what is `offered`, for the length of an ``async with``."""
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
