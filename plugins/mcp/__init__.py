"""Uses the tools of MCP servers that you name in the settings; off until you name one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from assistant import Manifest, Option, Register, Services, hookimpl

from .commands import add_commands

if TYPE_CHECKING:
    import click

    from .servers import Servers

__all__ = ["MANIFEST", "examine", "intents_changed", "register_commands", "register_intents", "shutdown", "startup"]

MANIFEST = Manifest(
    title="Tools of MCP servers",
    summary="Optional, off until you name a server: its tools answer, after you have allowed each.",
    translations={
        "zh": ("MCP服务器的工具", "可选，指定服务器后才启用：逐个允许后，由其工具回答。"),
        "de": (
            "Werkzeuge von MCP-Servern",
            "Wahlweise, aus, bis Sie einen Server nennen: seine Werkzeuge antworten, wenn Sie jedes erlaubt haben.",
        ),
    },
    capabilities=("network", "files"),
    timeout=150.0,
    options=(
        Option("servers", {}, "MCP servers by name: a command with args and env, or a url with headers; see the page"),
        Option("file", "", 'file of servers as other programs keep them, {"mcpServers": …}; "" for none'),
        Option("seconds", 30.0, "seconds a tool may take, at most 120"),
    ),
)

_running: list[Servers] = []
"""the servers of the settings; nothing is loaded where there are none"""


@hookimpl
def register_intents(register: Register) -> None:
    """One intent for each tool that can be asked for in words."""
    for servers in _running:
        from .calling import handler_of

        for intent in servers.intents():
            handler = handler_of(intent, servers)
            register(handler, examples=intent.examples, name=intent.name, acts=not intent.tool.reads_only)


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add `assistant mcp servers`, `allow`, `forbid` and `ask`."""
    add_commands(register)


@hookimpl
async def startup(services: Services) -> None:
    """Read what the servers' tools were last time; a server that is new is asked now."""
    options = services.options
    if not options["servers"] and not options["file"]:
        return
    from .servers import Servers
    from .settings import read_servers

    named = read_servers(options["servers"], str(options["file"]), min(float(options["seconds"]), 120.0))
    servers = Servers()
    _running[:] = [servers]
    await servers.begin(named, services.data_dir)


@hookimpl(optionalhook=True)
def examine(options: Mapping[str, Any]) -> str:
    """The findings of `assistant doctor` about the servers."""
    if not options["servers"] and not options["file"]:
        return ""
    from .looking import examined

    return examined(options)


@hookimpl
def intents_changed() -> bool:
    """Returns whether a server's tools differ from those registered."""
    return any(servers.changed() for servers in _running)


@hookimpl
async def shutdown() -> None:
    """End all connections, and the servers that were started."""
    for servers in _running:
        await servers.close()
    _running.clear()
