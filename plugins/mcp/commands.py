"""``assistant mcp servers``, ``allow``, ``forbid`` and ``ask``: what is connected, and what each may do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import CommandContext, Services, UserError
from assistant.folders import data_dir

from .arguments import unsayable
from .permissions import Permission
from .servers import Servers
from .settings import read_servers
from .tools import Tool

if TYPE_CHECKING:
    import click

__all__ = ["add_commands", "examined", "look"]

MAY = {"always": "allowed", "never": "forbidden", None: "asks first"}


def add_commands(register: Callable[[click.Command], None]) -> None:
    """Add them to the group ``mcp``."""
    import click  # the command line is not needed to answer

    @click.group()
    def mcp() -> None:
        """Use the tools of MCP servers."""

    @mcp.command("servers")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.pass_obj
    def servers(context: CommandContext, as_json: bool) -> None:
        """Connect to every MCP server of the settings, and list its tools and what each may do."""
        found = context.run(_looked)
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False, indent=2))
            return
        if not found:
            click.echo("There are no MCP servers in the settings: name one under [plugins.options.mcp.servers.NAME].")
        for server in found:
            click.echo(f"{server['name']}: {server['failure'] or 'connected'} ({server['where']})")
            for problem in server["problems"]:
                click.echo(f"  {problem}")
            for tool in server["tools"]:
                kind = "reads" if tool["reads_only"] else "acts, with a yes each time"
                why = f"; not to be asked in words: {tool['unsayable']}" if tool["unsayable"] else ""
                click.echo(f"  {tool['name']}: {tool['summary']} [{MAY[tool['permission']]}; {kind}{why}]")

    def decide(name: str, permission: Permission | None, told: str) -> click.Command:
        @mcp.command(name, help=told)
        @click.argument("server")
        @click.argument("tool")
        @click.pass_obj
        def command(context: CommandContext, server: str, tool: str) -> None:
            async def decided(services: Services) -> str:
                kept = await _begun(services.options, services.data_dir)
                await kept.close()
                found = next((each for each in _tools(kept) if (each.server, each.name) == (server, tool)), None)
                if found is None:
                    raise UserError(
                        f"No MCP server {server} with a tool {tool} is known; `assistant mcp servers` lists all."
                    )
                kept.permissions.set(found, permission)
                return found.key

            click.echo(f"{context.run(decided)}: {MAY[permission]}.")

        return command

    decide("allow", "always", "Allow a TOOL of a SERVER for good; one that acts still asks for a yes each time.")
    decide("forbid", "never", "Forbid a TOOL of a SERVER.")
    decide("ask", None, "Let the assistant ask before it uses a TOOL of a SERVER.")
    register(mcp)


async def _looked(services: Services) -> list[dict[str, Any]]:
    return await look(services.options, services.data_dir)


async def _begun(options: Mapping[str, Any], folder: Path) -> Servers:
    """The servers of the settings, with the tools they had last time."""
    servers = Servers()
    await servers.begin(read_servers(options["servers"], str(options["file"]), 30.0), folder)
    return servers


def _tools(servers: Servers) -> list[Tool]:
    return [tool for connection in servers.connections.values() for tool in connection.tools]


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
