"""All servers: their tools as they were last time, at once; their connections, when they are needed."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import AssistantError
from assistant.folders import write_private
from assistant.types import content_hash

from .arguments import Argument, arguments_of, unsayable
from .connection import Connection
from .examples import examples_of, shared_words
from .permissions import Permissions
from .settings import ServerSettings
from .tools import Tool
from .transport import kill_all

__all__ = ["Servers", "ToolIntent"]

FIRST_SECONDS = 15.0
"""that the start waits for a server which was never asked before"""
AGE = 24 * 3600.0
"""seconds after which a list of tools is asked for again, in the background"""


@dataclass(frozen=True)
class ToolIntent:
    """A tool that can be asked for in words."""

    name: str
    """of the intent, after the dot"""
    tool: Tool
    arguments: tuple[Argument, ...]
    examples: tuple[str, ...]


class Servers:
    """The servers of the settings. `intents` and `changed` may be called from any thread, the rest from one loop."""

    def __init__(self) -> None:
        self.connections: dict[str, Connection] = {}
        self.permissions = Permissions(Path("nowhere"))
        self._cache = Path("nowhere")
        self._listed = self._registered = 0
        self._tasks: set[asyncio.Task[Any]] = set()

    async def begin(self, named: Iterable[ServerSettings], folder: Path) -> None:
        """Take up the tools that each server had last time; ask the servers that are new, for a moment.

        Args:
            named: the servers.
            folder: where tools and permissions are kept.
        """
        self._cache, self.permissions = folder / "tools.json", Permissions(folder / "permissions.json")
        self.connections = {server.name: Connection(server, self._keep) for server in named}
        kept, new = self._read(), []
        for name, connection in self.connections.items():
            known = kept.get(name, {})
            if known.get("server") != _mark(connection.server):
                new.append(connection)
                continue
            connection.tools = tuple(connection.server.read(known.get("tools", []))[0])
            connection.failure = str(known.get("failure", ""))
            if time.time() - float(known.get("at", 0)) > AGE or connection.failure:
                self._background(connection)
        self._listed += 1
        if new:
            tasks = [self._background(connection) for connection in new]
            await asyncio.wait(tasks, timeout=FIRST_SECONDS)

    def _background(self, connection: Connection) -> asyncio.Task[None]:
        async def ask() -> None:
            try:
                await connection.connect()
            except AssistantError:
                self._keep(connection)

        task = asyncio.create_task(ask())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _keep(self, connection: Connection) -> None:
        """Keeps what a server listed, or why it could not be asked."""
        self._listed += 1
        kept = {name: each for name, each in self._read().items() if name in self.connections}
        kept[connection.server.name] = {
            "server": _mark(connection.server),
            "at": time.time(),
            "failure": connection.failure,
            "tools": [tool.to_json() for tool in connection.tools],
        }
        with suppress(AssistantError):  # a full disk: asked again next time
            write_private(self._cache, lambda file: file.write(json.dumps(kept).encode()))

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            kept = json.loads(self._cache.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {name: each for name, each in kept.items() if isinstance(each, dict)} if isinstance(kept, dict) else {}

    def changed(self) -> bool:
        """Returns whether tools were listed since `intents` was last called."""
        return self._listed != self._registered

    def intents(self) -> list[ToolIntent]:
        """One for each tool that can be asked for in words."""
        self._registered = self._listed
        found: dict[str, ToolIntent] = {}
        for connection in self.connections.values():
            shared = shared_words([tool.name for tool in connection.tools])
            for tool in connection.tools:
                if unsayable(tool):
                    continue
                arguments = arguments_of(tool)
                examples = examples_of(tool, arguments, connection.server.examples.get(tool.name, ()), shared)
                name = re.sub(r"[^a-z0-9]+", "_", f"{tool.server}_{tool.name}".lower()).strip("_")
                while name in found:
                    name += "_2"
                if examples:
                    found[name] = ToolIntent(name, tool, tuple(arguments), tuple(examples))
        return list(found.values())

    async def refresh(self) -> None:
        """Connect to every server that is not connected."""
        waiting = [self._background(each) for each in self.connections.values() if not each.connected]
        await asyncio.gather(*waiting)

    async def close(self) -> None:
        """End all connections."""
        for task in list(self._tasks):
            task.cancel()
        closing = (connection.close() for connection in self.connections.values())
        try:
            await asyncio.gather(*closing, return_exceptions=True)
        except asyncio.CancelledError:  # out of time
            kill_all()
            raise


def _mark(server: ServerSettings) -> str:
    """Changes when the server does; holds no secret."""
    return content_hash(server.model_dump_json())[:16]
