"""Uses the tools of MCP servers that you name in the settings; off until you name one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from assistant import Manifest, Option, Register, Services, hookimpl

from .calling import handler_of
from .commands import add_commands, examined
from .servers import Servers
from .settings import read_servers

if TYPE_CHECKING:
    import click

__all__ = ["MANIFEST", "examine", "intents_changed", "register_commands", "register_intents", "shutdown", "startup"]

MANIFEST = Manifest(
    title="Tools of MCP servers",
    summary="Optional, off until you name a server: its tools answer, after you have allowed each.",
    capabilities=("network", "files"),
    timeout=150.0,
    options=(
        Option("servers", {}, "MCP servers by name: a command with args and env, or a url with headers; see the page"),
        Option("file", "", 'file of servers as other programs keep them, {"mcpServers": …}; "" for none'),
        Option("seconds", 30.0, "seconds a tool may take, at most 120"),
    ),
)

_servers = Servers()


@hookimpl
def register_intents(register: Register) -> None:
    """One intent for each tool that can be asked for in words."""
    for intent in _servers.intents():
        handler = handler_of(intent, _servers)
        register(handler, examples=intent.examples, name=intent.name, acts=not intent.tool.reads_only)


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add `assistant mcp servers`, `allow`, `forbid` and `ask`."""
    add_commands(register)


@hookimpl
async def startup(services: Services) -> None:
    """Read what the servers' tools were last time; a server that is new is asked now."""
    options = services.options
    named = read_servers(options["servers"], str(options["file"]), min(float(options["seconds"]), 120.0))
    if named:
        await _servers.begin(named, services.data_dir)


@hookimpl(optionalhook=True)
def examine(options: Mapping[str, Any]) -> str:
    """What `assistant doctor` says about the servers."""
    return examined(options)


@hookimpl
def intents_changed() -> bool:
    """Whether a server has other tools than were registered."""
    return _servers.changed()


@hookimpl
async def shutdown() -> None:
    """End all connections, and the servers that were started."""
    await _servers.close()
