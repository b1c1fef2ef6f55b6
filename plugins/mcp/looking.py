"""Asks all servers for their state: for `assistant mcp servers`, for the doctor, and to set a tool's permission."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assistant import UserError
from assistant.folders import data_dir

from .arguments import unsayable
from .permissions import Permission
from .servers import Servers
from .settings import read_servers
from .tools import Tool

__all__ = ["MAY", "decide_about", "examined", "look"]

MAY = {"always": "allowed", "never": "forbidden", None: "asks first"}


async def _begun(options: Mapping[str, Any], folder: Path) -> Servers:
    """The servers of the settings, with the tools they had last time."""
    servers = Servers()
    await servers.begin(read_servers(options["servers"], str(options["file"]), 30.0), folder)
    return servers


async def decide_about(
    options: Mapping[str, Any], folder: Path, server: str, tool: str, permission: Permission | None
) -> str:
    """Allow or forbid a tool, or let it be asked for; returns its name.

    Raises:
        UserError: there is no such tool; the settings cannot work.
    """
    servers = await _begun(options, folder)
    await servers.close()
    tools = (each for connection in servers.connections.values() for each in connection.tools)
    found = next((each for each in tools if (each.server, each.name) == (server, tool)), None)
    if found is None:
        raise UserError(f"No MCP server {server} with a tool {tool} is known; `assistant mcp servers` lists all.")
    servers.permissions.set(found, permission)
    return found.key


async def look(options: Mapping[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Every server, asked now: its tools, and what each may do.

    Args:
        options: of the plugin.
        folder: its data.

    Raises:
        UserError: the settings cannot work.
    """
    servers = await _begun(options, folder)
    try:
        await servers.refresh()
        return [
            {
                "name": name,
                "where": connection.server.where,
                "failure": connection.failure,
                "problems": list(connection.problems),
                "tools": [_described(tool, servers) for tool in connection.tools],
            }
            for name, connection in servers.connections.items()
        ]
    finally:
        await servers.close()


def _described(tool: Tool, servers: Servers) -> dict[str, Any]:
    told = {"name": tool.name, "summary": tool.summary, "reads_only": tool.reads_only, "unsayable": unsayable(tool)}
    return {**told, "permission": servers.permissions.of(tool)}


def examined(options: Mapping[str, Any]) -> str:
    """One line about all servers, for `assistant doctor`; "" when none is named.

    Raises:
        UserError: the settings cannot work, or a server cannot be used.
    """
    found = asyncio.run(look(options, data_dir() / "plugins" / "mcp"))
    lines = [server["failure"] or _counted(server) for server in found]
    told = "; ".join(line.rstrip(".") for line in lines)
    if any(server["failure"] for server in found):
        raise UserError(told)
    return told


def _counted(server: Mapping[str, Any]) -> str:
    tools = server["tools"]
    counts = {word: sum(tool["permission"] == kept for tool in tools) for kept, word in MAY.items()}
    listed = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"{server['name']} is connected, {len(tools)} tools{f' ({listed})' if listed else ''}"
