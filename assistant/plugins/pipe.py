"""Sends requests and answers as JSON lines between the assistant and a plugin's process, in both directions.

Nothing is ever unpickled; pictures and clips travel as files. A request is ``{"id": 1, "do": "ask", …}``, its answer
``{"to": 1, "value": …}`` or ``{"to": 1, "error": "…", "kind": "PluginError"}``.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from assistant import errors
from assistant.errors import PluginError, UserError
from assistant.plugins.serialization import Store, deserialize, serialize

__all__ = ["MAX_LINE", "Pipe"]

MAX_LINE = 16 * 2**20
"""bytes of the longest message"""

KINDS: dict[str, type[UserError]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, UserError) and not issubclass(kind, PluginError)
}
"""errors that keep their class on the way; every other arrives as a `PluginError`"""


class Pipe:
    """One end of a pipe. Requests may overlap; each waits for its own answer.

    Args:
        plugin: named in the errors.
        reader: where lines come from.
        send: writes a line.
        store: where pictures and clips are left.
        perform: carries out a request of the other end, and returns the value to answer with.
        explain: an error in one line.
    """

    def __init__(
        self,
        plugin: str,
        reader: asyncio.StreamReader,
        send: Callable[[bytes], Awaitable[None]],
        store: Store,
        perform: Callable[[dict[str, Any]], Awaitable[Any]],
        explain: Callable[[BaseException], str],
    ) -> None:
        self._plugin = plugin
        self._reader = reader
        self._send = send
        self._store = store
        self._perform = perform
        self._explain = explain
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._functions: dict[int, Callable[[], Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def request(self, do: str, **message: Any) -> Any:
        """Ask the other end to do something, and wait for the value it answers with.

        Raises:
            PluginError: it failed.
            UserError: it raised this on purpose.
        """
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._write({"id": number, "do": do, **message})
        return await self._waiting[number]

    def pack(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments as JSON; functions stay here, and the other end gets a function that calls them."""
        return {name: self._pack(value) for name, value in arguments.items()}

    def _pack(self, value: Any) -> Any:
        if not callable(value) or isinstance(value, type):
            return serialize(value, self._store)
        number = len(self._functions)
        self._functions[number] = value
        return {"$function": number}

    def unpack(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Read back what `pack` of the other end made."""
        return {name: self._unpack(value) for name, value in sent.items()}

    def _unpack(self, value: Any) -> Any:
        if not isinstance(value, dict) or "$function" not in value:
            return deserialize(value, self._store)
        return lambda: self.request("run", function=value["$function"])

    async def listen(self) -> None:
        """Take messages until the other end is gone; what still waits is cancelled then.

        Raises:
            PluginError: a message is too long or cannot be read.
        """
        try:
            while line := await self._reader.readline():
                self._take(json.loads(line))
        except Exception as error:
            too_long = type(error) is ValueError  # of readline()
            reason = f"sent more than {MAX_LINE // 2**20} MB at once" if too_long else "sent a message of no known form"
            raise PluginError(self._plugin, reason) from error
        finally:
            for waiting in [*self._tasks, *self._waiting.values()]:
                waiting.cancel()

    def _take(self, message: dict[str, Any]) -> None:
        if "do" in message:
            task = asyncio.get_running_loop().create_task(self._answer(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif (future := self._waiting.pop(message["to"], None)) is not None and not future.done():
            if "value" in message:
                future.set_result(deserialize(message["value"], self._store))
            else:
                kind = KINDS.get(message["kind"])
                future.set_exception(kind(message["error"]) if kind else PluginError(self._plugin, message["error"]))

    async def _answer(self, message: dict[str, Any]) -> None:
        try:
            if message["do"] == "run":
                result = self._functions[message["function"]]()
                result = await result if inspect.isawaitable(result) else result
            else:
                result = await self._perform(message)
            answer = {"value": serialize(result, self._store)}
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # the other end gets it, whatever it is: SystemExit too
            kind = next((each.__name__ for each in type(error).__mro__ if each in KINDS.values()), "")
            answer = {"error": str(error) if kind else self._explain(error), "kind": kind}
        await self._write({"to": message["id"], **answer})

    async def _write(self, message: dict[str, Any]) -> None:
        await self._send(json.dumps(message).encode() + b"\n")
