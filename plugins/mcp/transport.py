"""Connects to a server: as a process of ours, or over HTTP, with limits on what it may send."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant import UserError

from .settings import LOOPBACK, ServerSettings, expanded
from .tools import one_line

if TYPE_CHECKING:
    import httpx2
    from anyio.abc import Process

__all__ = ["LARGEST", "Noted", "kill_all", "open_transport"]

LARGEST = 4_000_000
"""bytes of one message of a server"""
TOO_LARGE = f"it sent a message of more than {LARGEST // 1_000_000} million bytes"
GRACE = 0.5
"""seconds that a server has to end by itself, and again after it was told to"""

_running: set[int] = set()
"""processes that were started and have not ended"""


def kill_all() -> None:
    """Kill every process that was started and still runs."""
    for pid in list(_running):
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)
    _running.clear()


class Noted:
    """Observations of a server, for one clear line about its failure."""

    def __init__(self) -> None:
        self.status = 0
        """of the last HTTP answer that was refused"""
        self.problem = ""
        self.errors = b""
        """the end of what its process wrote to its error stream"""

    @property
    def last_words(self) -> str:
        """The last line of the error stream."""
        lines = [line for line in self.errors.decode("utf-8", "replace").splitlines() if line.strip()]
        return one_line(lines[-1], 160) if lines else ""


def open_transport(server: ServerSettings, noted: Noted, lost: Callable[[], None]) -> Any:
    """A transport of the `mcp` package.

    Args:
        server: where it is.
        noted: filled on the way.
        lost: called when its process has ended.

    Raises:
        UserError: an environment variable is missing, or a secret would travel unencrypted.
    """
    return _http(server, noted) if server.url else _process(server, noted, lost)


# Over HTTP


def _http(server: ServerSettings, noted: Noted) -> contextlib.AbstractAsyncContextManager[Any]:
    headers = {name: expanded(server, value) for name, value in server.headers.items()}
    parts = urlsplit(server.url)
    secret = any(name.lower() in ("authorization", "cookie") or "key" in name.lower() for name in headers)
    if secret and parts.scheme == "http" and not _near(parts.hostname or ""):
        raise UserError(
            f"The key of the MCP server {server.name} is not sent to {parts.hostname} unencrypted: use https://."
        )
    return _http_streams(server, headers, noted)


def _near(host: str) -> bool:
    """Returns whether a host is this machine or in the home network."""
    import ipaddress

    if host in LOOPBACK or host.endswith((".local", ".lan", ".home", ".internal")):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host


@contextlib.asynccontextmanager
async def _http_streams(server: ServerSettings, headers: dict[str, str], noted: Noted) -> AsyncIterator[Any]:
    import httpx2

    from mcp.client.sse import sse_client
    from mcp.client.streamable_http import streamable_http_client

    async def look(response: httpx2.Response) -> None:
        if response.status_code >= 400:
            noted.status = response.status_code
        if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
            response.stream = _bounded(response.stream, noted)

    def client(*given: Any, **named: Any) -> httpx2.AsyncClient:
        seconds = httpx2.Timeout(server.seconds, read=None)
        return httpx2.AsyncClient(headers=headers, timeout=seconds, event_hooks={"response": [look]})

    if server.listens:
        async with sse_client(server.url, httpx_client_factory=client) as streams:
            yield streams
        return
    async with (
        client() as given,
        streamable_http_client(server.url, http_client=given, max_sse_event_size=LARGEST) as streams,
    ):
        yield streams


def _bounded(stream: Any, noted: Noted) -> Any:
    """A response's body that ends in an error when it becomes too large."""
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for chunk in stream:
                size += len(chunk)
                if size > LARGEST:
                    noted.problem = TOO_LARGE
                    raise httpx2.StreamError(TOO_LARGE)
                yield chunk

        async def aclose(self) -> None:
            await stream.aclose()

    return Bounded()


# As a process


@contextlib.asynccontextmanager
async def _process(server: ServerSettings, noted: Noted, lost: Callable[[], None]) -> AsyncIterator[Any]:
    """Like the package's own `stdio_client`, with bounded messages, and an error stream that stays off the screen."""
    import anyio
    from mcp_types import jsonrpc_message_adapter

    from mcp.client.stdio import get_default_environment
    from mcp.shared.message import SessionMessage

    command = [server.command, *(expanded(server, each) for each in server.args)]
    env = get_default_environment() | {name: expanded(server, value) for name, value in server.env.items()}
    try:
        process = await anyio.open_process(
            [_home(command[0]), *command[1:]], env=env, cwd=_home(server.cwd) or None, start_new_session=True
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(f"The MCP server {server.name} cannot be started: {server.command}: {reason}.") from error
    _running.add(process.pid)
    incoming, read = anyio.create_memory_object_stream[Any](0)
    write, outgoing = anyio.create_memory_object_stream[Any](0)

    async def receive() -> None:
        from anyio.streams.buffered import BufferedByteReceiveStream

        assert process.stdout is not None
        lines = BufferedByteReceiveStream(process.stdout)
        async with incoming:
            while True:
                try:
                    line = await lines.receive_until(b"\n", LARGEST)
                except anyio.DelimiterNotFound:
                    noted.problem = TOO_LARGE
                    return lost()
                except (anyio.IncompleteRead, anyio.EndOfStream, anyio.ClosedResourceError, OSError):
                    return lost()
                try:
                    await incoming.send(SessionMessage(jsonrpc_message_adapter.validate_json(line, by_name=False)))
                except ValueError as error:  # a server that prints: not a message, and no harm
                    await incoming.send(error)
                except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                    return None

    async def send() -> None:
        assert process.stdin is not None
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            async with outgoing:
                async for message in outgoing:
                    text = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                    await process.stdin.send(text.encode() + b"\n")

    async def collect() -> None:
        assert process.stderr is not None
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            async for chunk in process.stderr:
                noted.errors = (noted.errors + chunk)[-2_000:]

    async with anyio.create_task_group() as tasks:
        for work in (receive, send, collect):
            tasks.start_soon(work)
        try:
            yield read, write
        finally:
            with anyio.CancelScope(shield=True):
                await _end(process)
                for stream in (incoming, read, write, outgoing):
                    await stream.aclose()
            tasks.cancel_scope.cancel()


def _home(path: str) -> str:
    return os.path.expanduser(path)


async def _end(process: Process) -> None:
    """Closes its input, waits, and ends it with all that it started."""
    import anyio

    assert process.stdin is not None
    with contextlib.suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.stdin.aclose()
    for how in (None, signal.SIGTERM, signal.SIGKILL):
        if how is not None:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, how)
        with anyio.move_on_after(GRACE):
            while process.returncode is None:  # noqa: ASYNC110  wait() waits for the pipes, too, which others may hold
                await anyio.sleep(0.01)
        if process.returncode is not None and how is None:
            with contextlib.suppress(OSError):  # what it started and left behind
                os.killpg(process.pid, signal.SIGTERM)
        if process.returncode is not None:
            _running.discard(process.pid)
            break
    with contextlib.suppress(OSError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        await process.aclose()
