"""Reads the MCP servers from the settings and checks each."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant import UserError

from .tools import Tool, read_tools

__all__ = ["ServerSettings", "expanded", "read_servers"]

MOST_SERVERS = 20
MEANINGLESS = ("type", "disabled")
"""taken from files of other programs; a server that is disabled is left out before it is read"""
MUST = {
    **dict.fromkeys(("command", "url", "cwd"), "be a text"),
    **dict.fromkeys(("args", "tools", "reads"), "be a list of texts"),
    **dict.fromkeys(("env", "headers"), "hold texts"),
    "seconds": "be a number above 0, at most 120",
    "arguments": "be a table",
    "examples": "hold lists of texts",
}
"""what a server may be given, and how"""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ServerSettings(BaseModel):
    """One server, as the user set it up."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    """lower-case letters, digits and _"""
    command: str = ""
    """the program to start; "" for a server with a url"""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    """of its process, besides PATH, HOME and the like; ``${NAME}`` stands for a variable of ours"""
    cwd: str = ""
    """folder in which it is started; "" for ours"""
    url: str = ""
    headers: Mapping[str, str] = {}
    """``${NAME}`` stands for an environment variable"""
    seconds: float = Field(30.0, gt=0, le=120, strict=True)
    """a call may take"""
    tools: tuple[str, ...] = ()
    """the only tools that are used; empty for all"""
    reads: tuple[str, ...] = ()
    """tools that change nothing, as the user knows, though they do not say so"""
    arguments: Mapping[str, Any] = {}
    """argument → value that is always sent to the tools which take it"""
    examples: Mapping[str, tuple[str, ...]] = {}
    """tool → what its user says to mean it, besides what is made of its name and description"""

    def read(self, listed: Iterable[Any]) -> tuple[list[Tool], list[str]]:
        """The tools of a listing as the user wants them; see `read_tools`."""
        return read_tools(self.name, listed, self.tools, self.reads, self.arguments)

    @property
    def listens(self) -> bool:
        """Whether the server uses the older HTTP transport, in which the client listens to a stream of events."""
        return self.url.partition("?")[0].rstrip("/").endswith("/sse")

    @property
    def where(self) -> str:
        """The server's command or address for display, without secrets."""
        return self.url.partition("?")[0] or " ".join((self.command, *self.args))


def read_servers(written: Mapping[str, Any], file: str, seconds: float) -> list[ServerSettings]:
    """The servers of the settings and of a file, without those that are disabled.

    Args:
        written: name → server.
        file: a JSON file with ``mcpServers``; "" for none.
        seconds: a call may take, where a server does not say.

    Raises:
        UserError: one of them cannot work; says which and why.
    """
    every = {**(_of_file(Path(file).expanduser()) if file else {}), **written}
    if len(every) > MOST_SERVERS:
        raise UserError(f"There are {len(every)} MCP servers in the settings; at most {MOST_SERVERS} are used.")
    found: dict[str, ServerSettings] = {}
    for name, server in every.items():
        read = _read(str(name), server, seconds)
        if read is None:
            continue
        if read.name in found:
            raise UserError(f"Two MCP servers are called {read.name}: give one of them another name.")
        found[read.name] = read
    return list(found.values())


def _of_file(path: Path) -> dict[str, Any]:
    try:
        servers = json.loads(path.read_text("utf-8"))["mcpServers"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        reason = error.strerror if isinstance(error, OSError) else 'it is not JSON with "mcpServers"'
        raise UserError(f"The option mcp.file names {path}, which cannot be read: {reason}.") from error
    if not isinstance(servers, dict):
        raise UserError(f'The "mcpServers" of {path} must be an object of servers by name.')
    return servers


def _read(name: str, server: Any, seconds: float) -> ServerSettings | None:
    short = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not short or not short[0].isalpha():
        raise UserError(f"An MCP server cannot be called {name!r}: begin its name with a letter.")
    if not isinstance(server, Mapping):
        raise _wrong(short, "it needs a command or a url")
    if server.get("disabled"):
        return None
    given = {key: value for key, value in server.items() if key not in MEANINGLESS}
    try:
        read = ServerSettings(**{"seconds": seconds, **given, "name": short})
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        reason = f"{key} must {MUST[key]}" if key in MUST else f"there is no {key!r} (it may have {', '.join(MUST)})"
        raise _wrong(short, reason) from error
    if bool(read.command) == bool(read.url):
        raise _wrong(short, "it needs either a command or a url")
    if read.url and not re.match(r"https?://[^/\s]+", read.url):
        raise _wrong(short, f"its url cannot be {read.url!r}: it needs http:// or https:// and a host")
    return read


def _wrong(name: str, reason: str) -> UserError:
    return UserError(f"Settings, [plugins.options.mcp.servers.{name}]: {reason}.")


def expanded(server: ServerSettings, text: str) -> str:
    """A text with the values of the environment variables it names as ``${NAME}``.

    Raises:
        UserError: one of them is not set.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise UserError(
                f"The MCP server {server.name} needs the environment variable {match[1]}, which is not set."
            )
        return os.environ[match[1]]

    return _VARIABLE.sub(value, text)
