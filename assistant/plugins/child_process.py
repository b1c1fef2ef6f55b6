"""The plugin's side of its process: limits itself, imports the plugin, and calls its functions on request.

`assistant.plugins.parent_process` is at the other end. What the plugin prints goes to a pipe of its own.
"""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import json
import logging
import os
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.metadata import EntryPoint
from itertools import islice
from pathlib import Path
from typing import Any

from assistant.confine import SYSTEM, Confinement, confine, libraries
from assistant.errors import PluginError
from assistant.plugins.answers import shortened
from assistant.plugins.api import Dialogue, Services
from assistant.plugins.description import describe
from assistant.plugins.discovery import ENTRY_POINTS, Source, explain, import_plugin
from assistant.plugins.executor import as_exception
from assistant.plugins.manifest import written_capabilities
from assistant.plugins.pipe import MAX_LINE, ChildStore, Pipe
from assistant.plugins.registration import implementations, read_plugin
from assistant.plugins.remote import Member, remote
from assistant.plugins.schema import is_async, is_stream

__all__ = ["become", "main", "warm_up"]

INTERNET = ("resolv.conf", "hosts", "host.conf", "nsswitch.conf", "gai.conf", "services", "ssl", "pki")
"""files of /etc needed to find and trust another machine"""
COMMANDS = "register_commands is left out: commands run in the program itself, which needs [plugins] trusted = [{!r}]"
HINT = "; in a plugin's own process this needs capabilities=(…) in its MANIFEST, or [plugins] trusted in your settings"


def warm_up() -> None:
    """Load what a process needs, once for all that are forked."""
    asyncio.new_event_loop().close()
    for name in ("json", "logging", "importlib.metadata", "concurrent.futures.thread", "resource"):
        with suppress(ImportError):
            importlib.import_module(name)


def become(request: Mapping[str, Any], messages: int, output: int) -> None:
    """Turn this process into a plugin's; returns when the assistant has closed the socket, or loading failed.

    Args:
        request: see `assistant.plugins.starting`.
        messages: file descriptor of the socket to the assistant.
        output: file descriptor that what it prints goes to.
    """
    with suppress(OSError):
        os.setsid()
    channel = socket.socket(fileno=_settle(messages, output))
    source = _source(request)
    place, code = _find(source)
    capabilities = written_capabilities(code)
    _surroundings(request, place)
    held = confine(_limits(request, place, capabilities))
    _tell(channel, {"held": held, "capabilities": capabilities})
    try:
        functions, said = _load(source, place, capabilities)
    except BaseException as error:  # this process reports whatever it raises
        _tell(channel, {"failed": _explain_here(error, place)})
        return
    _tell(channel, {"described": said})
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    asyncio.run(_Process(source, place, functions, Path(request["pictures"])).serve(channel))


def _settle(messages: int, output: int) -> int:
    """Keep three standard streams and the socket, and no other open file; the socket's number."""
    messages, output = os.dup(messages), os.dup(output)
    null = os.open(os.devnull, os.O_RDONLY)
    for handle, to in ((null, 0), (output, 1), (output, 2)):
        os.dup2(handle, to)
    os.dup2(messages, 3, inheritable=False)
    os.closerange(4, 65_536)
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = open(number, "w", encoding="utf-8", errors="replace", buffering=1, closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", force=True)
    return 3


def _source(request: Mapping[str, Any]) -> Source:
    name, entry = request["name"], request["entry"]
    return Source(name, "user", Path(request["path"]), EntryPoint(name, entry, ENTRY_POINTS) if entry else None)


def _find(source: Source) -> tuple[Path, bytes]:
    """A plugin's file or folder, and its code, without running anything of it."""
    path = source.path
    if source.entry is not None:
        module, search = "", None
        for part in source.entry.module.split("."):
            module = f"{module}.{part}".strip(".")
            spec = PathFinder.find_spec(module, search) if search else importlib.util.find_spec(module)
            if spec is None or spec.origin is None:
                return path, b""  # the import says that it is missing
            path, search = Path(spec.origin), spec.submodule_search_locations
        top = importlib.util.find_spec(source.entry.module.partition(".")[0])
        origin = Path(top.origin) if top is not None and top.origin else path
        place = origin.parent if origin.name == "__init__.py" else origin
    else:
        place = source.place
    try:
        return place, path.read_bytes()
    except OSError:
        return place, b""


def _surroundings(request: Mapping[str, Any], place: Path) -> None:
    """Let its own modules be found, and let file names begin in its own folder."""
    folder = place if place.is_dir() else place.parent
    sys.path[:] = [*([str(folder)] if place.is_dir() and not request["entry"] else []), *request["sys_path"]]
    importlib.invalidate_caches()
    with suppress(OSError):
        os.chdir(folder)


def _limits(request: Mapping[str, Any], place: Path, capabilities: tuple[str, ...]) -> Confinement:
    data, files, network = Path(request["data"]), "files" in capabilities, "network" in capabilities
    readable = [place, Path(request["pictures"]), *map(Path, SYSTEM)]
    readable += libraries(request["sys_path"], request["private"])
    if place.is_file():  # a single-file plugin may read the files beside it, but no folders, which are other plugins
        readable += [
            each for each in islice(place.parent.iterdir(), 500) if each.is_file() and not each.name.startswith(".")
        ]
    readable += [Path("/etc", name) for name in INTERNET if network]
    if files:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["TMPDIR"] = tempfile.tempdir = str(data)
        readable = [Path("/")]
    return Confinement(request["memory"], tuple(readable), (Path(os.devnull), *([data] if files else [])), network)


def _load(
    source: Source, place: Path, capabilities: tuple[str, ...]
) -> tuple[dict[str, Callable[..., Any]], dict[str, Any]]:
    module = import_plugin(source)
    manifest, given, notes = read_plugin(source.name, module, commands=False)
    if not {*manifest.capabilities} & {"network", "files"} <= {*capabilities}:
        reason = 'write MANIFEST = Manifest(capabilities=("…",)) in its main file, so that it is read before it runs'
        raise PluginError(source.name, reason)
    functions = {**dict(implementations(module)), **{each.name: each.handler for each in given.intents}}
    if "register_commands" in functions:
        notes.append(COMMANDS.format(source.name).replace("'", '"'))
    return functions, describe(module, manifest, given, notes, place)


def _tell(channel: socket.socket, message: Mapping[str, Any]) -> None:
    channel.sendall(json.dumps(message).encode() + b"\n")


def _explain_here(error: BaseException, place: Path) -> str:
    """`explain`, with a hint where the error may come from the limits of this process."""
    reason = explain(as_exception(error), place)
    return f"{reason}{HINT}" if isinstance(error, PermissionError) else reason


class _Process:
    """Calls the functions of a plugin."""

    def __init__(self, source: Source, place: Path, functions: dict[str, Callable[..., Any]], pictures: Path) -> None:
        self._source = source
        self._place = place
        self._functions = functions
        """handlers and hooks by name"""
        self._store = ChildStore(pictures)
        self._pipe: Pipe

    async def serve(self, channel: socket.socket) -> None:
        """Answer requests until the other end is gone."""
        reader, writer = await asyncio.open_connection(sock=channel, limit=4 * MAX_LINE)

        async def send(line: bytes) -> None:
            writer.write(line)
            await writer.drain()

        explain = lambda error: _explain_here(error, self._place)  # noqa: E731
        self._pipe = Pipe(self._source.name, reader, send, self._store, self._perform, explain)
        await self._pipe.listen()
        os._exit(0)  # threads left by the plugin must not keep the process alive

    async def _perform(self, message: dict[str, Any]) -> Any:
        given = self._pipe.unpack(message["arguments"])
        if message["services"] is not None:
            given["services"] = self._services(self._pipe.unpack(message["services"]))
        if message["dialogue"] is not None:
            given["dialogue"] = remote(
                Dialogue, self._remote_call("dialogue", call=message["id"]), **message["dialogue"]
            )
        where = message["where"]
        if where not in self._functions:
            raise PluginError(self._source.name, f"does not have {where} in its own process")
        result = await _run(self._functions[where], given)
        return await self._stream(message["id"], result) if is_stream(result) else shortened(result)

    async def _stream(self, call: int, pieces: Any) -> None:
        """Send an answer piece by piece, each when the one before was taken."""
        coming = aiter(pieces)
        try:
            async for piece in coming:
                sent = self._pipe.pack({"piece": shortened(piece)})
                if await self._pipe.request("piece", of="call", call=call, arguments=sent):
                    break
        finally:
            if (close := getattr(coming, "aclose", None)) is not None:
                await close()

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
            through = {"do": member.name, "arguments": self._pipe.pack(arguments)}
            return remote(member.returns, self._remote_call("services", through=through))

        return remote(Services, call)

    def _remote_call(self, of: str, **more: Any) -> Callable[[Member, dict[str, Any]], Awaitable[Any]]:
        def call(member: Member, arguments: dict[str, Any]) -> Awaitable[Any]:
            return self._pipe.request(member.name, of=of, arguments=self._pipe.pack(arguments), **more)

        return call


async def _run(function: Callable[..., Any], available: Mapping[str, Any]) -> Any:
    takes = inspect.signature(function).parameters
    arguments = {name: value for name, value in available.items() if name in takes}
    if is_async(function):
        return await function(**arguments)
    thread = asyncio.ensure_future(asyncio.to_thread(_outcome, function, arguments))
    try:
        result, error = await asyncio.shield(thread)
    except asyncio.CancelledError:
        await asyncio.wait({thread})  # an abandoned call ends only with its thread
        raise
    if error is not None:
        raise error
    return await result if inspect.isawaitable(result) else result


def _outcome(function: Callable[..., Any], arguments: Mapping[str, Any]) -> tuple[Any, Exception | None]:
    try:
        return function(**arguments), None
    except BaseException as error:  # SystemExit would end the loop that waits
        return None, as_exception(error)


def main() -> None:
    """``python -m assistant.plugins.child_process MESSAGES OUTPUT REQUEST``: where there is no fork server."""
    become(json.loads(sys.argv[3]), int(sys.argv[1]), int(sys.argv[2]))
    os._exit(0)


if __name__ == "__main__":
    main()
