"""Connects to one server when it is needed, pauses after failures, and restarts it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from assistant import UserError

from .settings import ServerSettings
from .tools import MOST_TOOLS, Tool, one_line
from .transport import Noted, open_transport

if TYPE_CHECKING:
    from mcp import Client
    from mcp.types import CallToolResult

__all__ = ["Connection"]

CONNECT_SECONDS = 30.0
MOST_PAGES = 20
LONGEST_REST = 60.0
"""seconds that a server which fails again and again is left alone"""

logger = logging.getLogger(__name__)


class Connection:
    """A server and its tools. All methods run on one event loop.

    Args:
        server: where it is.
        changed: called when its tools have been listed.
    """

    def __init__(self, server: ServerSettings, changed: Callable[[Connection], None]) -> None:
        self.server = server
        self.tools: tuple[Tool, ...] = ()
        self.problems: tuple[str, ...] = ()
        """one line for each tool that cannot be used"""
        self.failure = ""
        """why it is not connected, one line; "" when nothing is wrong"""
        self._changed = changed
        self._client: Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._noted = Noted()
        self._failures = 0
        self._failed_at = 0.0
        self._opening = asyncio.Lock()
        self._relisting: asyncio.Task[None] | None = None

    @property
    def connected(self) -> bool:
        """Whether the server was reachable at the last contact."""
        return self._client is not None and not self._lost.is_set()

    async def connect(self) -> Client:
        """Connect, and list the tools, unless that is done.

        Raises:
            UserError: it cannot be reached, or is left alone for now; one line.
        """
        async with self._opening:
            if self.connected:
                assert self._client is not None
                return self._client
            await self._drop()
            self._check_rest()
            self._lost, self._noted = asyncio.Event(), Noted()
            ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._serve(ready), name=f"mcp {self.server.name}")
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    self._client = await asyncio.shield(ready)
            except TimeoutError as error:
                await self._drop()
                raise self._failed(f"it did not answer within {CONNECT_SECONDS:g} s") from error
            except asyncio.CancelledError:
                await self._drop()
                raise
            except UserError as error:
                self._count()
                self.failure = str(error)
                raise
            except Exception as error:
                raise self._failed(self._reason(error)) from error
            self.failure = ""
            return self._client

    def _check_rest(self) -> None:
        rest = min(2.0**self._failures, LONGEST_REST) if self._failures > 1 else 0.0
        left = self._failed_at + rest - time.monotonic()
        if self._failures > 1 and left > 0:
            raise UserError(f"{self.failure.rstrip('.')}; it is tried again in {left:.0f} s.")

    async def _serve(self, ready: asyncio.Future[Client]) -> None:
        """Holds the connection from opening to closing, in one task as anyio requires."""
        try:
            await asyncio.to_thread(importlib.import_module, "mcp")  # takes a second, once
            from mcp import Client
        except ImportError as error:
            ready.set_exception(
                UserError("MCP servers need a package that is not installed: pip install 'multimodal-assistant[mcp]'")
            )
            logger.info("mcp: %s", error)
            return
        try:
            transport = open_transport(self.server, self._noted, self._lost.set)
            mode = "legacy" if self.server.listens else "auto"
            async with Client(transport, message_handler=self._told, mode=mode) as client:
                await self._list(client)
                listening = asyncio.create_task(self._listen(client))
                if not ready.done():
                    ready.set_result(client)
                try:
                    await self._lost.wait()
                finally:
                    listening.cancel()
                    await asyncio.wait({listening}, timeout=1.0)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # an exception group of whatever failed in it
            if not ready.done():
                ready.set_exception(_innermost(error))
            logger.info("mcp %s: %s", self.server.name, error)
        finally:
            self._lost.set()
            if not ready.done():
                ready.set_exception(ConnectionError("it ended"))
            if ready.cancelled() is False:
                ready.exception()  # read, so that none is reported as never read

    async def _told(self, message: Any) -> None:
        """Lists the tools again when a server of before 2026 says that they have changed."""
        if getattr(message, "method", "") == "notifications/tools/list_changed" and self._client is not None:
            self._relisting = asyncio.create_task(self._list_again(self._client))

    async def _listen(self, client: Client) -> None:
        """The same for a server of the protocol of 2026."""
        from mcp_types.version import MODERN_PROTOCOL_VERSIONS

        tools = client.server_capabilities.tools
        if client.protocol_version not in MODERN_PROTOCOL_VERSIONS or tools is None or not tools.list_changed:
            return
        with contextlib.suppress(Exception):  # it is no more listened to; each call tells what has changed
            async with client.listen(tools_list_changed=True) as events:
                async for _ in events:
                    await self._list_again(client)

    async def _list_again(self, client: Client) -> None:
        with contextlib.suppress(Exception):  # what it lists next time, or when it is called, counts
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._list(client)

    async def _list(self, client: Client) -> None:
        listed: list[Any] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await client.list_tools(cursor=cursor, cache_mode="bypass")
            listed += [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in page.tools]
            cursor = page.next_cursor
            if not cursor or len(listed) > MOST_TOOLS:
                break
        tools, problems = self.server.read(listed)
        self.tools, self.problems = tuple(tools), tuple(problems)
        self._changed(self)

    async def call(self, tool: Tool, arguments: Mapping[str, Any]) -> CallToolResult:
        """Let the server do what a tool does.

        Raises:
            UserError: the tool is another by now, or the server failed, broke off or took too long; one line.
        """
        client = await self.connect()
        if tool not in self.tools:
            raise UserError(f"The MCP server {self.server.name} has changed its tool {tool.shown}: ask again.")
        try:
            async with asyncio.timeout(self.server.seconds):
                result = await self._answered(client, tool, arguments)
        except TimeoutError as error:
            if not self.server.url:  # whatever it hangs in, it will not come back from it
                self._lost.set()
            raise self._failed(f"it did not answer within {self.server.seconds:g} s") from error
        except UserError:
            raise
        except Exception as error:
            if not self._lost.is_set() and _is_answer(error):
                raise UserError(f"The MCP server {self.server.name} did not do that: {_plain(error)}.") from error
            self._lost.set()
            raise self._failed(self._reason(error)) from error
        self._failures = 0
        return result

    async def _answered(self, client: Client, tool: Tool, arguments: Mapping[str, Any]) -> CallToolResult:
        """The answer to a call, or an error when the server is gone first."""
        call = asyncio.ensure_future(client.call_tool(tool.name, dict(arguments)))
        gone = asyncio.ensure_future(self._lost.wait())
        try:
            await asyncio.wait({call, gone}, return_when=asyncio.FIRST_COMPLETED)
            if call.done():
                return call.result()
            await asyncio.sleep(0)
            raise ConnectionError("it ended in the middle")
        finally:
            gone.cancel()
            if not call.done():
                call.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await call

    def _reason(self, error: BaseException) -> str:
        noted = self._noted
        if noted.problem:
            return noted.problem
        if noted.status in (401, 403):
            return 'it wants a valid key: set headers = { Authorization = "Bearer ${NAME}" } and the variable NAME'
        if noted.status:
            return f"it answered with HTTP error {noted.status}"
        words = f" ({noted.last_words})" if noted.last_words else ""
        return f"{_plain(error)}{words}"

    def _failed(self, reason: str) -> UserError:
        self._count()
        self.failure = f"The MCP server {self.server.name} cannot be used: {reason.rstrip('.')}."
        return UserError(self.failure)

    def _count(self) -> None:
        self._failures, self._failed_at = self._failures + 1, time.monotonic()

    async def _drop(self) -> None:
        self._client = None
        if self._task is not None:
            self._lost.set()
            done, _ = await asyncio.wait({self._task}, timeout=5.0)
            if not done:
                self._task.cancel()
                await asyncio.wait({self._task}, timeout=5.0)
            self._task = None

    async def close(self) -> None:
        """End the connection, and the process if it has one."""
        async with self._opening:
            await self._drop()


def _innermost(error: BaseException) -> Exception:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error if isinstance(error, Exception) else ConnectionError(type(error).__name__)


def _is_answer(error: Exception) -> bool:
    """Returns whether an error is the server's own answer, after which it continues."""
    from mcp import MCPError
    from mcp.types import CONNECTION_CLOSED, REQUEST_TIMEOUT

    if isinstance(error, MCPError):
        return error.code not in (CONNECTION_CLOSED, REQUEST_TIMEOUT)
    return isinstance(error, RuntimeError | ValueError)


def _plain(error: BaseException) -> str:
    error = _innermost(error)
    if type(error).__name__ == "ValidationError":
        return "what it sent is not what the protocol says"
    return one_line(str(getattr(error, "strerror", None) or error), 200).rstrip(".") or type(error).__name__
