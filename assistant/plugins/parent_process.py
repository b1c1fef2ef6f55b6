"""The assistant's side of a plugin's process: starts it, has it call a function, serves what it asks for, kills it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import assistant
from assistant.errors import DeadlineExceeded, PluginError
from assistant.plugins.api import Dialogue, Services
from assistant.plugins.discovery import Source
from assistant.plugins.executor import Deadline
from assistant.plugins.pipe import MAX_LINE, Pipe
from assistant.plugins.remote import members
from assistant.storage.attachments import Attachments

__all__ = ["call_in_process"]


async def call_in_process(
    source: Source,
    where: str,
    arguments: Mapping[str, Any],
    services: Services | None,
    dialogue: Dialogue | None,
    deadline: Deadline,
    load_timeout: float,
) -> Any:
    """Call a function of a plugin in a process of its own, and return what it returns.

    Args:
        source: where the process imports the plugin from.
        where: the intent's or hook's name.
        arguments: by name, without services and dialogue.
        deadline: of the function; it does not run while the process starts, nor while the user is asked.
        load_timeout: seconds the process may take to start and to import the plugin.

    Raises:
        PluginError: the function failed, or its process died.
        UserError: the function raised it on purpose.
    """
    with tempfile.TemporaryDirectory(prefix="assistant-") as folder:
        with deadline.paused():
            process = await _spawn(folder)
        child = _Child(source, process, Path(folder), services, dialogue)
        try:
            with deadline.paused():
                await child.start(load_timeout)
            return await child.call(where, arguments)
        finally:
            await child.end()


async def _spawn(folder: str) -> asyncio.subprocess.Process:
    home = str(Path(assistant.__file__).parent.parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")]))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "assistant.plugins.child_process", folder),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_LINE,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # so that it is killed together with whatever it started
    )


class _Child:
    """A plugin's process, and the objects of the assistant that it may use."""

    def __init__(
        self,
        source: Source,
        process: asyncio.subprocess.Process,
        folder: Path,
        services: Services | None,
        dialogue: Dialogue | None,
    ) -> None:
        assert process.stdout is not None
        self._source = source
        self._process = process
        self._services = services
        self._dialogue = dialogue
        self._pipe = Pipe(source.name, process.stdout, self._send, Attachments(folder), self._perform, _reason)
        self._listening = asyncio.create_task(self._pipe.listen())

    async def start(self, seconds: float) -> None:
        """Have it import the plugin."""
        source = self._source
        entry = source.entry.value if source.entry else ""
        try:
            async with asyncio.timeout(seconds):
                await self._ask("load", name=source.name, path=str(source.path), entry=entry)
        except TimeoutError as error:
            raise DeadlineExceeded(f"its process took longer than {seconds:g} s to start") from error

    async def call(self, where: str, arguments: Mapping[str, Any]) -> Any:
        """Have it call a function."""
        services, dialogue = self._services, self._dialogue
        return await self._ask(
            "call",
            where=where,
            arguments=self._pipe.pack(arguments),
            services=None if services is None else self._pipe.pack(_values(services)),
            dialogue=None if dialogue is None else {"session": dialogue.session, "id": dialogue.id},
        )

    async def _ask(self, do: str, **message: Any) -> Any:
        """Wait for an answer or for the end of the process, whichever comes first."""
        asking = asyncio.create_task(self._pipe.request(do, **message))
        try:
            await asyncio.wait([self._listening, asking], return_when=asyncio.FIRST_COMPLETED)
            if not asking.done() or asking.cancelled():  # the end of listening cancels what waits
                await self._explain_end()
            return asking.result()
        finally:
            asking.cancel()

    async def _explain_end(self) -> None:
        await self._listening  # raises what was wrong with a message
        code = await self._process.wait()
        ended = f"signal {-code}" if code < 0 else f"code {code}"
        raise PluginError(self._source.name, f"its process ended on its own ({ended})")

    async def end(self) -> None:
        """Kill it, whatever it does."""
        self._listening.cancel()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._process.stdin is not None:
            self._process.stdin.close()
            with suppress(ConnectionError):
                await self._process.stdin.wait_closed()
        await self._process.wait()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def _send(self, line: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(ConnectionError):  # it died; `_explain_end` says so
            self._process.stdin.write(line)
            await self._process.stdin.drain()

    async def _perform(self, message: dict[str, Any]) -> Any:
        """Call a member of the services, of the dialogue, or of what a member of theirs returns."""
        contracts: dict[str, tuple[type, Any]] = {
            "services": (Services, self._services),
            "dialogue": (Dialogue, self._dialogue),
        }
        contract, target = contracts[message["of"]]
        if through := message.get("through"):
            member = members(contract)[through["do"]]
            target = getattr(target, member.name)(**self._pipe.unpack(through["arguments"]))
            assert member.returns is not None
            contract = member.returns
        member = members(contract)[message["do"]]  # a KeyError for what the contract does not declare
        return await getattr(target, member.name)(**self._pipe.unpack(message["arguments"]))


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


def _reason(error: BaseException) -> str:
    return error.reason if isinstance(error, PluginError) else str(error)
