"""The assistant's side of a plugin's process: has it call functions, serves what it asks for, ends it.

The process stays as long as the plugin. It is paused while none of its calls is at work, so that nothing it leaves
behind uses the processor; a call that waits for the user is not at work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import PluginError
from assistant.plugins.api import Dialogue, Services
from assistant.plugins.pipe import MAX_LINE, Pipe
from assistant.plugins.remote import members
from assistant.plugins.starting import Started, ended_how
from assistant.settings import data_dir

__all__ = ["ProcessLost", "RunningProcess"]

GRACE = 0.2
"""seconds that a call which was given up may take to end; then its process is ended"""


class ProcessLost(PluginError):
    """The process ended, for which this call is not to blame."""


@dataclass(eq=False)
class _Call:
    dialogue: Dialogue | None
    take: Callable[[Any], bool] | None = None
    """takes a piece of an answer that streams, and returns whether that was the last one taken"""
    at_work: bool = True
    asking: asyncio.Task[Any] | None = None
    """waits for the user"""
    cut_off: bool = False
    """the process ended while it waited for the user"""


class RunningProcess:
    """A process that has loaded its plugin. Make it with `attach`."""

    def __init__(
        self,
        plugin: str,
        started: Started,
        services: Services | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.services = services
        self._plugin, self._started, self._writer = plugin, started, writer
        self._pipe = Pipe(plugin, reader, self._send, started.store, self._perform, _reason)
        self._calls: dict[int, _Call] = {}
        self._at_work = 0
        self._retired = False
        self._why = ""
        self._ending: asyncio.Task[int] | None = None
        self._giving_up: set[asyncio.Task[None]] = set()
        self._listening = asyncio.create_task(self._pipe.listen())

    @classmethod
    async def attach(cls, plugin: str, started: Started, services: Services | None) -> RunningProcess:
        """Connect to a process on this loop; `services` is what it may use of the assistant's."""
        streams = await asyncio.open_connection(sock=started.messages, limit=MAX_LINE)
        return cls(plugin, started, services, *streams)

    @property
    def alive(self) -> bool:
        """Whether it can be called, from this loop."""
        here = self.loop is asyncio.get_running_loop()
        return here and not self._retired and self._ending is None and not self._listening.done()

    @property
    def idle(self) -> bool:
        """Whether no call is at work in it."""
        return self._at_work == 0

    @property
    def over(self) -> bool:
        """Whether the process has ended."""
        return self._ending is not None and self._ending.done()

    async def call(self, where: str, arguments: Mapping[str, Any], take: Callable[[Any], bool] | None = None) -> Any:
        """Have it call a function, and return what that returns; cancel it to give up.

        Args:
            arguments: by name; ``services`` and ``dialogue`` stay here, and the process gets objects that ask for them.
            take: gets each piece of an answer that streams, and returns whether that was enough.

        Raises:
            PluginError: the function failed, or its process died.
            ProcessLost: the process ended for something else.
            UserError: the function raised it on purpose.
        """
        given = dict(arguments)
        dialogue: Dialogue | None = given.pop("dialogue", None)
        services = self._pipe.pack(_values(given.pop("services"))) if "services" in given else None
        number, answer = self._pipe.reserve()
        self._calls[number] = call = _Call(dialogue, take)
        self._begin()
        try:
            await self._pipe.send_request(
                number,
                "call",
                where=where,
                arguments=self._pipe.pack(given),
                services=services,
                dialogue=None if dialogue is None else {"session": dialogue.session, "id": dialogue.id},
            )
            await asyncio.wait({answer, self._listening}, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            task = asyncio.create_task(self._give_up(number, answer, call))
            self._giving_up.add(task)
            task.add_done_callback(self._giving_up.discard)
            raise
        if not answer.done() or answer.cancelled():  # the end of listening cancels what waits
            raise await self._explain_end(call)
        self._finish(number)
        return answer.result()

    async def _give_up(self, number: int, answer: asyncio.Future[Any], call: _Call) -> None:
        """Cancel a call; a process that does not stop working on it is ended."""
        call.take = None
        if not call.at_work:
            call.at_work = True
            self._begin()
        if call.asking is not None:
            call.asking.cancel()
        await self._pipe.cancel(number)
        await asyncio.wait({answer, self._listening}, timeout=GRACE, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            if not answer.cancelled():
                answer.exception()
            self._finish(number)
        else:
            self.end("was stopped, as another answer of it did not come")

    def _begin(self) -> None:
        self._at_work += 1
        if self._at_work == 1:
            self._started.printed.allow()
            self._started.resume()

    def _rest(self) -> None:
        self._at_work -= 1
        if self._at_work == 0 and self._ending is None:
            self._started.pause()
            if self._retired:
                self.end("was loaded anew")

    def _finish(self, number: int) -> None:
        self._calls.pop(number, None)
        self._rest()
        if not self._calls and self._ending is None:
            self._pipe.forget_functions()
            self._started.store.clear()

    async def _explain_end(self, call: _Call) -> PluginError:
        others = (
            len(self._calls) > 1 or not call.at_work or call.cut_off
        )  # waiting for the user is no reason to end the process
        if self._why:
            return ProcessLost(self._plugin, self._why)
        wrong = self._listening.exception() if not self._listening.cancelled() else None
        code = await self.ended()
        ended = f"its process ended on its own ({ended_how(code)})"
        reason = self._started.printed.flooded or (str(getattr(wrong, "reason", wrong)) if wrong else ended)
        return (ProcessLost if others else PluginError)(self._plugin, reason)

    def abandon(self) -> None:
        """Kill it from another loop, when its own is closed."""
        self._started.close()

    def retire(self) -> None:
        """Let calls at work end, and then end the process; calls that wait for the user are lost."""
        self._retired = True
        if self.idle:
            self.end("was loaded anew")

    def end(self, why: str = "") -> None:
        """Kill it, whatever it does; `why` is what calls that were not at fault say of it."""
        if self._ending is None:
            self._why = why
            self._ending = self.loop.create_task(self._end())

    async def settled(self) -> None:
        """Wait until calls that were given up have ended, or the process has."""
        if self._giving_up:
            await asyncio.wait({*self._giving_up})

    async def ended(self) -> int:
        """Wait until it has ended; its exit code."""
        await self.settled()
        self.end()
        assert self._ending is not None
        return await asyncio.shield(self._ending)

    async def _end(self) -> int:
        code = await asyncio.to_thread(self._started.reap if self._listening.done() else self._started.kill)
        self._listening.cancel()
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
        await asyncio.to_thread(self._started.close)
        return code

    async def _send(self, line: bytes) -> None:
        with suppress(ConnectionError, RuntimeError):  # it died; `_explain_end` says so
            self._writer.write(line)
            await self._writer.drain()

    async def _perform(self, message: dict[str, Any]) -> Any:
        """Call a member of the services, of a call's dialogue, or of what a member of theirs returns."""
        if message["of"] == "call":
            take = self._calls[message["call"]].take
            return take is None or take(self._pipe.unpack(message["arguments"])["piece"])
        call = self._calls[message["call"]] if message["of"] == "dialogue" else None
        contract: type = Services if call is None else Dialogue
        target: Any = self.services if call is None else call.dialogue
        if through := message.get("through"):
            member = members(contract)[through["do"]]
            target = getattr(target, member.name)(**self._pipe.unpack(through["arguments"]))
            assert member.returns is not None
            contract = member.returns
        member = members(contract)[message["do"]]  # a KeyError for what the contract does not declare
        arguments = self._pipe.unpack(message["arguments"])
        if member.name == "export":  # which the assistant writes for it, with rights that the process does not have
            _check_own(self._plugin, Path(arguments["path"]))
        asked = getattr(target, member.name)(**arguments)
        if call is None or not member.pauses:
            return await asked
        call.at_work, call.asking = False, asyncio.current_task()
        self._rest()
        try:
            return await asked
        except asyncio.CancelledError:
            call.cut_off = True
            raise
        finally:
            call.asking = None
            if not call.at_work:
                call.at_work = True
                self._begin()


def _values(services: Services) -> dict[str, Any]:
    """The members that the process answers by itself: name → [value, ""], or [None, why it is refused]."""
    values: dict[str, Any] = {}
    for member in members(Services).values():
        if not member.is_async and member.returns is None:
            try:
                value = getattr(services, member.name)
                values[member.name] = [value if member.is_property else value(), ""]
            except PluginError as error:
                values[member.name] = [None, error.reason]
    return values


def _check_own(plugin: str, path: Path) -> None:
    if not path.resolve().is_relative_to((data_dir() / "plugins" / plugin).resolve()):
        raise PluginError(plugin, f"may write in services.data_dir only, and not {path}")


def _reason(error: BaseException) -> str:
    return error.reason if isinstance(error, PluginError) else str(error)
