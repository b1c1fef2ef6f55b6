"""Sends requests and answers as JSON lines between the assistant and a plugin's process, in both directions.

Nothing is ever unpickled; pictures and clips travel as files. A request is ``{"id": 1, "do": "ask", …}``, its answer
``{"to": 1, "value": …}`` or ``{"to": 1, "error": "…", "kind": "PluginError"}``. ``{"cancel": 1}`` takes it back, and is
answered with an error when it has ended.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import io
import itertools
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from assistant import errors
from assistant.errors import PluginError, UserError
from assistant.folders import private_folder
from assistant.plugins.serialization import Store, deserialize, serialize
from assistant.settings import data_dir
from assistant.storage.attachments import Attachments, read_stored
from assistant.types import AudioClip, Picture

__all__ = ["MAX_LINE", "ChildStore", "ParentStore", "Pipe"]

MAX_LINE = 8 * 2**20
"""bytes of the longest message"""
MAX_REQUESTS = 64
"""requests of the other end that are carried out at the same time"""

KINDS: dict[str, type[UserError]] = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, UserError) and not issubclass(kind, PluginError)
}
"""errors that keep their class on the way; every other arrives as a `PluginError`"""


class Pipe:
    """One end of a pipe. Requests may overlap; each waits for its own answer.

    Args:
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
        self._tasks: dict[int, asyncio.Task[None]] = {}
        """requests of the other end, by their numbers"""

    async def request(self, do: str, **message: Any) -> Any:
        """Have the other end do something, and return the value it answers with; raises its error."""
        number, answer = self.reserve()
        await self.send_request(number, do, **message)
        return await answer

    def reserve(self) -> tuple[int, asyncio.Future[Any]]:
        """A number for a request, and its answer to come."""
        number = next(self._numbers)
        self._waiting[number] = answer = asyncio.get_running_loop().create_future()
        return number, answer

    async def send_request(self, number: int, do: str, **message: Any) -> None:
        """Send a request under a number that was reserved."""
        await self._write({"id": number, "do": do, **message})

    async def cancel(self, number: int) -> None:
        """Cancel a request; its answer comes when the other end has stopped."""
        await self._write({"cancel": number})

    def forget_functions(self) -> None:
        """Forget the functions that were passed in arguments."""
        self._functions.clear()

    def pack(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments as JSON; functions stay here, and the other end gets a function that calls them."""
        return {name: self._pack(value) for name, value in arguments.items()}

    def _pack(self, value: Any) -> Any:
        if not callable(value) or isinstance(value, type):
            return serialize(value, self._store)
        number = next(self._numbers)
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
        """Take messages until the other end is gone; what still waits is cancelled then. Raises `PluginError` for bad
        ones.
        """
        try:
            while line := await self._line():
                self._take(json.loads(line))
                await asyncio.sleep(0)  # buffered lines must not starve other tasks
        except PluginError:
            raise
        except Exception as error:
            raise PluginError(self._plugin, "sent an unknown message") from error
        finally:
            for waiting in [*self._tasks.values(), *self._waiting.values()]:
                waiting.cancel()

    async def _line(self) -> bytes:
        try:
            return await self._reader.readline()
        except ConnectionError:
            return b""
        except ValueError as error:
            raise PluginError(self._plugin, f"sent more than {MAX_LINE // 2**20} MB at once") from error

    def _take(self, message: dict[str, Any]) -> None:
        if "do" in message:
            number = int(message["id"])
            if number in self._tasks or len(self._tasks) >= MAX_REQUESTS:
                raise OverflowError("too many requests")
            self._tasks[number] = task = asyncio.get_running_loop().create_task(self._answer(message))
            task.add_done_callback(lambda _: self._tasks.pop(number, None))
        elif "cancel" in message:
            if (given_up := self._tasks.get(message["cancel"])) is not None:
                given_up.cancel()
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
        except BaseException as error:  # the other end gets every exception, SystemExit too
            kinds = () if isinstance(error, PluginError) else type(error).__mro__
            kind = next((each.__name__ for each in kinds if each in KINDS.values()), "")
            answer = {"error": str(error) if kind else self._explain(error), "kind": kind}
        await self._write({"to": message["id"], **answer})

    async def _write(self, message: dict[str, Any]) -> None:
        line = json.dumps(message).encode() + b"\n"
        if len(line) > MAX_LINE and "to" in message:
            error = f"answers with {len(line) // 2**20} MB; at most {MAX_LINE // 2**20} MB are taken"
            line = json.dumps({"to": message["to"], "error": error, "kind": ""}).encode() + b"\n"
        elif len(line) > MAX_LINE:
            raise PluginError(self._plugin, f"more than {MAX_LINE // 2**20} MB cannot be passed at once")
        await self._send(line)


INLINE = "data:"
MAX_PIXELS = 40_000_000
"""most pixels of a picture that a process sends"""


class ChildStore(Attachments):
    """The process's end."""

    def get_picture(self, digest: str) -> Picture:
        """A picture that the assistant left; it is read when it is looked at."""
        path = self._path(digest, ".png")
        picture = Picture(partial(read_stored, path), source=str(path))
        vars(picture)["digest"] = digest
        return picture

    def put_picture(self, picture: Picture) -> str:
        """The name of a picture that came from the assistant, or the whole picture."""
        if self._path(picture.digest, ".png").exists():
            return picture.digest
        file = io.BytesIO()
        picture.image.save(file, "PNG", compress_level=1)
        return INLINE + base64.b64encode(file.getvalue()).decode()

    def put_clip(self, clip: AudioClip) -> str:
        """The name of a clip that came from the assistant, or the whole clip."""
        if self._path(clip.digest, ".npz").exists():
            return clip.digest
        samples = np.ascontiguousarray(clip.samples, dtype=np.float32).tobytes()
        return f"{INLINE}{clip.sample_rate}:{base64.b64encode(samples).decode()}"


class ParentStore(Attachments):
    """The assistant's end; a folder of its own until `close`."""

    def __init__(self) -> None:
        super().__init__(Path(tempfile.mkdtemp(prefix="assistant-")))
        self._history = Attachments(data_dir() / "attachments")

    def put_picture(self, picture: Picture) -> str:
        """Leave a picture for the process; one that the history keeps is not encoded again."""
        kept = self._history.picture_file(picture.digest)
        path = self._path(picture.digest, ".png")
        if kept is None or path.exists():
            return super().put_picture(picture)
        private_folder(path.parent)
        shutil.copyfile(kept, path)
        return picture.digest

    def get_picture(self, digest: str) -> Picture:
        """A picture that a process names or sends."""
        if not digest.startswith(INLINE):
            return super().get_picture(digest)
        sent = io.BytesIO(base64.b64decode(digest[len(INLINE) :], validate=True))
        with Image.open(sent, formats=("PNG",)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ValueError(f"a picture of more than {MAX_PIXELS:,} pixels")
            return Picture(image.convert("RGB"))

    def get_clip(self, digest: str) -> AudioClip:
        """A clip that a process names or sends."""
        if not digest.startswith(INLINE):
            return super().get_clip(digest)
        rate, _, samples = digest[len(INLINE) :].partition(":")
        return AudioClip(np.frombuffer(base64.b64decode(samples, validate=True), dtype=np.float32), int(rate))

    def clear(self) -> None:
        """Delete what no call needs any more."""
        for folder in self.folder.iterdir():
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
