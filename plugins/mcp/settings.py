"""Which servers there are: read from the settings, each checked."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant import UserError

from .tools import Tool, read_tools

__all__ = ["ServerSettings", "expanded", "read_servers"]

MOST_SERVERS = 20
KNOWN = (
    *("command", "args", "env", "cwd", "url", "headers", "type", "disabled"),
    *("seconds", "tools", "reads", "arguments", "examples"),
)
"""what a server may be given; `type` is taken from files of other programs and means nothing here"""
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ServerSettings:
    """One server, as the user set it up."""

    name: str
    """lower-case letters, digits and _"""
    command: str = ""
    """the program to start; "" for a server with a url"""
    args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    """of its process, besides PATH, HOME and the like; ``${NAME}`` stands for a variable of ours"""
    cwd: str = ""
    """folder in which it is started; "" for ours"""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """``${NAME}`` stands for an environment variable"""
    seconds: float = 30.0
    """a call may take"""
    tools: tuple[str, ...] = ()
    """the only tools that are used; empty for all"""
    reads: tuple[str, ...] = ()
    """tools that change nothing, as the user knows, though they do not say so"""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    """argument → value that is always sent to the tools which take it"""
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """tool → what its user says to mean it, besides what is made of its name and description"""

    def read(self, listed: Iterable[Any]) -> tuple[list[Tool], list[str]]:
        """The tools of a listing as the user wants them; see `read_tools`."""
        return read_tools(self.name, listed, self.tools, self.reads, self.arguments)

    @property
    def listens(self) -> bool:
        """Whether it speaks the older HTTP transport, in which the client listens to a stream of events."""
        return self.url.partition("?")[0].rstrip("/").endswith("/sse")

    @property
    def where(self) -> str:
        """What it is, for people; without secrets."""
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
        reason = error.strerror if isinstance(error, OSError) else 'it is no JSON with "mcpServers"'
        raise UserError(f"The option mcp.file names {path}, which cannot be read: {reason}.") from error
    if not isinstance(servers, dict):
        raise UserError(f'The "mcpServers" of {path} are no servers by name.')
    return servers


def _read(name: str, server: Any, seconds: float) -> ServerSettings | None:
    short = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not short or not short[0].isalpha():
        raise UserError(f"An MCP server cannot be called {name!r}: begin its name with a letter.")
    if not isinstance(server, Mapping):
        raise _wrong(short, "it needs a command or a url")
    for key in server:
        if key not in KNOWN:
            raise _wrong(short, f"there is no {key!r} (it may have {', '.join(KNOWN)})")
    if server.get("disabled"):
        return None
    command, url = _text(short, server, "command"), _text(short, server, "url")
    if bool(command) == bool(url):
        raise _wrong(short, "it needs either a command or a url")
    if url and not re.match(r"https?://[^/\s]+", url):
        raise _wrong(short, f"its url cannot be {url!r}: it needs http:// or https:// and a host")
    given = server.get("seconds", seconds)
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= 120:
        raise _wrong(short, "seconds must be a number above 0, at most 120")
    examples = {
        str(tool): _list(short, {"examples": said}, "examples")
        for tool, said in _table(short, server, "examples").items()
    }
    return ServerSettings(
        short,
        command,
        _list(short, server, "args"),
        _texts(short, server, "env"),
        _text(short, server, "cwd"),
        url,
        _texts(short, server, "headers"),
        float(given),
        _list(short, server, "tools"),
        _list(short, server, "reads"),
        dict(_table(short, server, "arguments")),
        examples,
    )


def _wrong(name: str, reason: str) -> UserError:
    return UserError(f"Settings, [plugins.options.mcp.servers.{name}]: {reason}.")


def _text(name: str, server: Mapping[str, Any], key: str) -> str:
    value = server.get(key, "")
    if not isinstance(value, str):
        raise _wrong(name, f"{key} must be a text")
    return value


def _list(name: str, server: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = server.get(key, ())
    if (
        isinstance(value, str)
        or not isinstance(value, list | tuple)
        or not all(isinstance(each, str) for each in value)
    ):
        raise _wrong(name, f"{key} must be a list of texts")
    return tuple(value)


def _table(name: str, server: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = server.get(key, {})
    if not isinstance(value, Mapping):
        raise _wrong(name, f"{key} must be a table")
    return value


def _texts(name: str, server: Mapping[str, Any], key: str) -> dict[str, str]:
    table = _table(name, server, key)
    if not all(isinstance(value, str) for value in table.values()):
        raise _wrong(name, f"{key} must hold texts")
    return dict(table)


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
