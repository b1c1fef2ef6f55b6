"""``assistant mcp servers``, ``allow``, ``forbid`` and ``ask``: what is connected, and what each may do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant import CommandContext, Services

if TYPE_CHECKING:
    import click

    from .permissions import Permission

__all__ = ["add_commands"]


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
        from .looking import MAY, look

        found = context.run(lambda services: look(services.options, services.data_dir))
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
            from .looking import MAY, decide_about

            async def decided(services: Services) -> str:
                return await decide_about(services.options, services.data_dir, server, tool, permission)

            click.echo(f"{context.run(decided)}: {MAY[permission]}.")

        return command

    decide("allow", "always", "Allow a TOOL of a SERVER for good; one that acts still asks for a yes each time.")
    decide("forbid", "never", "Forbid a TOOL of a SERVER.")
    decide("ask", None, "Let the assistant ask before it uses a TOOL of a SERVER.")
    register(mcp)
