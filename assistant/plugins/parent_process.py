"""The assistant's side of a handler that runs in a process of its own, and can be killed whatever it does.

The two sides send each other JSON lines over pipes. ``{"id": n, "do": …}`` asks for something, ``{"id": n,
"value": …}`` or ``{"id": n, "error": …}`` answers it; nothing is ever unpickled. Pictures and clips travel as
files in a folder that is gone afterwards.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import assistant
from assistant.errors import DeadlineExceeded, PluginError, UserError
from assistant.events import event_from_json
from assistant.plugins.api import Dialogue, Intent, Services
from assistant.plugins.discovery import Source
from assistant.plugins.executor import Deadline
from assistant.plugins.serialization import KINDS, Store, deserialize, deserialize_reply, serialize, serialize_turn
from assistant.storage.attachments import Attachments
from assistant.types import Reply, Turn

__all__ = ["CALLS", "answer_in_process"]

MAX_LINE = 16 * 2**20
"""bytes of the longest message a plugin's process may send"""

CALLS = frozenset(
    {
        "classify",
        "conversation",
        "describe",
        "encode_text",
        "open_audio",
        "open_picture",
        "read_text",
        "record",
        "take_picture",
        "transcribe",
    }
)
"""What a handler may await of the services; `publish`, `intents`, `options`, `data_dir` and `collection` work too."""
COLLECTION_CALLS = frozenset({"add", "count", "export", "remove", "search", "sources"})
"""What it may await of a collection."""


async def answer_in_process(
    source: Source,
    intent: Intent,
    turn: Turn,
    values: Mapping[str, Any],
    dialogue: Dialogue | None,
    services: Services | None,
    deadline: Deadline,
    load_timeout: float,
) -> Reply:
    """Run a handler in a child process.

    Args:
        source: where the child imports the plugin from.
        values: slot values by name.
        deadline: of the handler; it does not run while the process starts, nor while the user is asked.
        load_timeout: seconds the process may take to start and to import the plugin.

    Raises:
        PluginError: the handler failed, or its process died.
        UserError: the handler raised it on purpose.
    """
    with tempfile.TemporaryDirectory(prefix="assistant-") as folder:
        store = Attachments(Path(folder))
        order = {
            "name": source.name,
            "path": str(source.path),
            "entry": source.entry.value if source.entry else "",
            "intent": intent.name,
            "turn": serialize_turn(turn, store),
            "slots": serialize(dict(values), store),
            "folder": folder,
            "dialogue": [dialogue.session, dialogue.id] if dialogue else None,
            "services": _offer(services) if services else None,
        }
        deadline.pause()
        process = await _spawn()
        try:
            child = _Child(source.name, process, store, dialogue, services, deadline)
            return await child.serve(order, load_timeout)
        finally:
            await _end(process)


def _offer(services: Services) -> dict[str, Any]:
    """What the child's services answer without asking back."""
    try:
        folder: str | None = str(services.data_dir)
    except PluginError:
        folder = None  # not declared; the child says so when it is touched
    return {"data_dir": folder, "intents": services.intents(), "options": dict(services.options)}


async def _spawn() -> asyncio.subprocess.Process:
    home = str(Path(assistant.__file__).parent.parent)
    path = os.pathsep.join(filter(None, [home, os.environ.get("PYTHONPATH", "")]))
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "assistant.plugins.child_process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=MAX_LINE,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # so that it is killed together with whatever it started
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.stdin is not None:
        process.stdin.close()
        with suppress(ConnectionError):
            await process.stdin.wait_closed()
    await process.wait()


@dataclass
class _Child:
    plugin: str
    process: asyncio.subprocess.Process
    store: Store
    dialogue: Dialogue | None
    services: Services | None
    deadline: Deadline
    effects: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, order: dict[str, Any], load_timeout: float) -> Reply:
        """Send the order, do what the child asks for, and return its reply."""
        try:
            await self._send(order)
            try:
                async with asyncio.timeout(load_timeout):
                    message = await self._receive()
            except TimeoutError as error:
                raise DeadlineExceeded(f"its process took longer than {load_timeout:g} s to start") from error
            self.deadline.resume()
            while "reply" not in message:
                self._take(message)
                message = await self._receive()
            return deserialize_reply(message["reply"])
        finally:
            for task in self.tasks:
                task.cancel()

    async def _send(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        with suppress(ConnectionError):  # it died; `_receive` tells
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            await self.process.stdin.drain()

    async def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        try:
            line = await self.process.stdout.readline()
        except ValueError as error:  # longer than MAX_LINE
            raise PluginError(self.plugin, f"sent more than {MAX_LINE // 2**20} MB at once") from error
        if not line:
            code = await self.process.wait()
            raise PluginError(self.plugin, f"its process ended on its own ({_exit(code)})")
        message: dict[str, Any] = json.loads(line)
        if "failed" in message:
            reason = message["failed"]
            raise UserError(reason) if message["on_purpose"] else PluginError(self.plugin, reason)
        return message

    def _take(self, message: dict[str, Any]) -> None:
        if "ran" in message:
            self._settle(message)
        elif "do" in message:
            task = asyncio.get_running_loop().create_task(self._do(message))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _settle(self, message: dict[str, Any]) -> None:
        effect = self.effects.pop(message["ran"], None)
        if effect is None or effect.done():
            return
        if "error" in message:
            effect.set_exception(PluginError(self.plugin, message["error"]))
        else:
            effect.set_result(deserialize(message["value"], self.store))

    async def _do(self, message: dict[str, Any]) -> None:
        try:
            answer = {"value": serialize(await self._result(message), self.store)}
        except Exception as error:  # whatever it is, the handler that asked shall hear of it
            answer = {"error": error.reason if isinstance(error, PluginError) else str(error)}
        await self._send({"id": message["id"], **answer})

    async def _result(self, message: dict[str, Any]) -> Any:
        what = message["do"]
        if what == "publish" and self.services is not None:
            self.services.publish(event_from_json(message["event"]))
        elif what == "ask" and self.dialogue is not None:
            return await self._ask(self.dialogue, message)
        elif what == "once" and self.dialogue is not None:
            return await self.dialogue.once(message["key"], lambda: self._effect(message["id"]))
        elif what in CALLS and self.services is not None:
            return await getattr(self.services, what)(*deserialize(message["args"], self.store))
        elif what == "collection" and message["call"] in COLLECTION_CALLS and self.services is not None:
            collection = self.services.collection(message["name"], message["encoded"])
            args, named = deserialize(message["args"], self.store), deserialize(message["named"], self.store)
            return await getattr(collection, message["call"])(*args, **named)
        return None

    async def _ask(self, dialogue: Dialogue, message: dict[str, Any]) -> Any:
        self.deadline.pause()
        try:
            return await dialogue.ask(
                message["question"],
                kind=KINDS[message["kind"]],
                choices=message["choices"],
                mentions=message["mentions"],
                speech=message["speech"],
            )
        finally:
            self.deadline.resume()

    async def _effect(self, number: int) -> Any:
        self.effects[number] = asyncio.get_running_loop().create_future()
        future = self.effects[number]
        await self._send({"run": number})
        return await future


def _exit(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"code {code}"
