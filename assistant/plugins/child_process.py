"""The plugin's side of its process: ``python -m assistant.plugins.child_process FOLDER``.

`assistant.plugins.parent_process` asks it to load a plugin and to call one function. What the plugin prints goes to
the standard error stream.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from assistant.errors import PluginError
from assistant.plugins.api import Dialogue, Services
from assistant.plugins.discovery import ENTRY_POINTS, Source
from assistant.plugins.importing import explain, import_plugin
from assistant.plugins.pipe import MAX_LINE, Pipe
from assistant.plugins.registration import check_hooks, implementations, register_all
from assistant.plugins.remote import Member, remote
from assistant.plugins.schema import is_async
from assistant.storage.attachments import Attachments

__all__ = ["main"]


class _Process:
    """Loads a plugin and calls its functions."""

    def __init__(self, reader: asyncio.StreamReader, out: int, folder: Path) -> None:
        self._out = out
        self._source = Source("plugin", "user", folder)
        self._functions: dict[str, Callable[..., Any]] = {}
        """handlers and hooks by name"""
        self.pipe = Pipe("plugin", reader, self._send, Attachments(folder), self._perform, self._explain)

    async def _send(self, line: bytes) -> None:
        while line:
            line = line[os.write(self._out, line) :]

    def _explain(self, error: BaseException) -> str:
        return explain(error, self._source.place)

    async def _perform(self, message: dict[str, Any]) -> Any:
        if message["do"] == "load":
            return self._load(message["name"], Path(message["path"]), message["entry"])
        given = self.pipe.unpack(message["arguments"])
        if message["services"] is not None:
            given["services"] = self._services(self.pipe.unpack(message["services"]))
        if message["dialogue"] is not None:
            given["dialogue"] = remote(Dialogue, self._remote_call("dialogue"), **message["dialogue"])
        return await self._call(message["where"], given)

    def _load(self, name: str, path: Path, entry: str) -> None:
        self._source = Source(name, "user", path, EntryPoint(name, entry, ENTRY_POINTS) if entry else None)
        module = import_plugin(self._source)
        check_hooks(name, module)
        intents = register_all(name, module).intents
        self._functions = {**dict(implementations(module)), **{each.name: each.handler for each in intents}}

    async def _call(self, where: str, given: Mapping[str, Any]) -> Any:
        """Call a function between the plugin's `startup` and `shutdown`."""
        if where not in self._functions:
            raise PluginError(self._source.name, f"does not have {where} in its own process")
        if startup := self._functions.get("startup"):
            await _run(startup, given)
        try:
            return await _run(self._functions[where], given)
        finally:
            if shutdown := self._functions.get("shutdown"):
                await _run(shutdown, {})

    def _services(self, values: Mapping[str, Any]) -> Any:
        there = self._remote_call("services")

        def call(member: Member, arguments: dict[str, Any]) -> Any:
            if member.name in values:
                value, refused = values[member.name]
                if refused:
                    raise PluginError(self._source.name, refused)
                return value
            if member.returns is None:
                return there(member, arguments)
            through = {"do": member.name, "arguments": self.pipe.pack(arguments)}
            return remote(member.returns, self._remote_call("services", through=through))

        return remote(Services, call)

    def _remote_call(self, of: str, **through: Any) -> Callable[[Member, dict[str, Any]], Awaitable[Any]]:
        def call(member: Member, arguments: dict[str, Any]) -> Awaitable[Any]:
            return self.pipe.request(member.name, of=of, arguments=self.pipe.pack(arguments), **through)

        return call


async def _run(function: Callable[..., Any], available: Mapping[str, Any]) -> Any:
    takes = inspect.signature(function).parameters
    arguments = {name: value for name, value in available.items() if name in takes}
    if is_async(function):
        return await function(**arguments)
    result = await asyncio.to_thread(function, **arguments)
    return await result if inspect.isawaitable(result) else result


async def _serve(out: int) -> None:
    reader = asyncio.StreamReader(limit=4 * MAX_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await _Process(reader, out, Path(sys.argv[1])).pipe.listen()


def main() -> None:
    """Serve until the assistant closes the pipe."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a plugin prints must not end up among the messages
    asyncio.run(_serve(out))
    os._exit(0)  # threads the plugin left behind shall not hold the process


if __name__ == "__main__":
    main()
