"""The plugin's side of process isolation: ``python -m assistant.plugins.child_process`` answers one turn and ends.

See `assistant.plugins.parent_process` for the messages. What the plugin prints goes to the standard error stream.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, TypeVar

from assistant.errors import PluginError, UserError
from assistant.events import Event
from assistant.plugins.answers import as_reply
from assistant.plugins.api import Collection, Intent
from assistant.plugins.discovery import ENTRY_POINTS, Source
from assistant.plugins.importing import explain, import_plugin
from assistant.plugins.registration import check_hooks, register_all
from assistant.plugins.schema import given_to, is_async
from assistant.plugins.serialization import Store, deserialize, deserialize_turn, kind_name, serialize, serialize_reply
from assistant.retrieval.entries import Entry, Match, Plain
from assistant.storage.attachments import Attachments
from assistant.types import AudioClip, Exchange, FloatArray, Modality, Picture, TextLine, Transcript

__all__ = ["main"]

T = TypeVar("T")


class _Pipe:
    """JSON lines to and from the assistant. Requests may overlap; each waits for the answer of its number."""

    def __init__(self, out: int, store: Store) -> None:
        self.store = store
        self._out = out
        self._numbers = itertools.count()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._effects: dict[int, Callable[[], Any]] = {}
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message, from any thread."""
        data = json.dumps(message).encode() + b"\n"
        with self._lock:
            while data:
                data = data[os.write(self._out, data) :]

    async def request(self, effect: Callable[[], Any] | None = None, **message: Any) -> Any:
        """Ask for something and wait for it."""
        number = next(self._numbers)
        if effect is not None:
            self._effects[number] = effect
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self.send({"id": number, **message})
        return await self._waiting[number]

    def tell(self, **message: Any) -> None:
        """Say something and wait for nothing."""
        self.send({"id": next(self._numbers), **message})

    async def listen(self, reader: asyncio.StreamReader, plugin: str) -> None:
        """Hand every answer to whoever waits for it, until the assistant is gone."""
        while line := await reader.readline():
            message = json.loads(line)
            if "run" in message:
                task = asyncio.get_running_loop().create_task(self._run(message["run"]))
                self._tasks.add(task)
            elif (future := self._waiting.pop(message["id"], None)) is not None and not future.done():
                if "error" in message:
                    future.set_exception(PluginError(plugin, message["error"]))
                else:
                    future.set_result(deserialize(message["value"], self.store))
        os._exit(0)  # the assistant is gone: nobody wants the answer

    async def _run(self, number: int) -> None:
        try:
            made = self._effects[number]()
            result = await made if inspect.isawaitable(made) else made
            self.send({"ran": number, "value": serialize(result, self.store)})
        except Exception as error:
            self.send({"ran": number, "error": f"{type(error).__name__}: {error}"})


class _PipeDialogue:
    """A `Dialogue` whose other end is the assistant."""

    def __init__(self, pipe: _Pipe, session: str, dialogue: str) -> None:
        self.session = session
        self.id = dialogue
        self._pipe = pipe

    async def ask(
        self,
        question: str,
        *,
        kind: type[T] | None = None,
        choices: Sequence[str] = (),
        mentions: Sequence[str] = (),
        speech: str = "",
    ) -> Any:
        """See `Dialogue.ask`."""
        choices, mentions = (given if isinstance(given, str) else list(given) for given in (choices, mentions))
        return await self._pipe.request(
            do="ask", question=question, kind=kind_name(kind), choices=choices, mentions=mentions, speech=speech
        )

    async def once(self, key: str, effect: Callable[[], T | Awaitable[T]]) -> T:
        """See `Dialogue.once`."""
        result: T = await self._pipe.request(effect, do="once", key=key)
        return result


class _PipeServices:
    """`Services` whose other end is the assistant, which checks the capabilities."""

    def __init__(self, pipe: _Pipe, plugin: str, offer: dict[str, Any]) -> None:
        self._pipe = pipe
        self._plugin = plugin
        self._offer = offer

    async def _call(self, what: str, *args: Any) -> Any:
        return await self._pipe.request(do=what, args=serialize(args, self._pipe.store))

    @property
    def data_dir(self) -> Path:
        """See `Services.data_dir`."""
        if self._offer["data_dir"] is None:
            raise PluginError(self._plugin, 'services.data_dir needs capabilities=("files",) in its MANIFEST')
        return Path(self._offer["data_dir"])

    @property
    def options(self) -> Mapping[str, Any]:
        """See `Services.options`."""
        options: Mapping[str, Any] = self._offer["options"]
        return options

    async def conversation(self, session: str, last: int = 10) -> list[Exchange]:
        """See `Services.conversation`."""
        exchanges: list[Exchange] = await self._call("conversation", session, last)
        return exchanges

    async def open_picture(self, path: str | os.PathLike[str]) -> Picture:
        """See `Services.open_picture`."""
        picture: Picture = await self._call("open_picture", str(path))
        return picture

    async def open_audio(self, path: str | os.PathLike[str]) -> AudioClip:
        """See `Services.open_audio`."""
        clip: AudioClip = await self._call("open_audio", str(path))
        return clip

    async def read_text(self, picture: Picture) -> list[TextLine]:
        """See `Services.read_text`."""
        lines: list[TextLine] = await self._call("read_text", picture)
        return lines

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        """See `Services.encode_text`."""
        vectors: FloatArray = await self._call("encode_text", list(texts))
        return vectors

    async def describe(self, picture: Picture, phrases: Sequence[str]) -> list[tuple[str, float]]:
        """See `Services.describe`."""
        return [(phrase, score) for phrase, score in await self._call("describe", picture, list(phrases))]

    async def classify(self, picture: Picture, top: int = 5) -> list[tuple[str, float]]:
        """See `Services.classify`."""
        return [(label, score) for label, score in await self._call("classify", picture, top)]

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """See `Services.transcribe`."""
        transcript: Transcript = await self._call("transcribe", clip)
        return transcript

    async def take_picture(self) -> Picture:
        """See `Services.take_picture`."""
        picture: Picture = await self._call("take_picture")
        return picture

    async def record(self, seconds: float) -> AudioClip:
        """See `Services.record`."""
        clip: AudioClip = await self._call("record", seconds)
        return clip

    def collection(self, name: str, encoded: str | os.PathLike[str] | None = None) -> Collection:
        """See `Services.collection`."""
        return _PipeCollection(self._pipe, name, str(encoded) if encoded else None)

    def intents(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """See `Services.intents`."""
        return [(name, summary, tuple(examples)) for name, summary, examples in self._offer["intents"]]

    def publish(self, event: Event) -> None:
        """See `Services.publish`."""
        self._pipe.tell(do="publish", event=event.to_json())


class _PipeCollection:
    """A `Collection` whose other end is the assistant."""

    def __init__(self, pipe: _Pipe, name: str, encoded: str | None) -> None:
        self._pipe = pipe
        self._named: dict[str, Any] = {"name": name, "encoded": encoded}

    async def _call(self, what: str, *args: Any, **named: Any) -> Any:
        sent = {"args": serialize(args, self._pipe.store), "named": serialize(named, self._pipe.store)}
        return await self._pipe.request(do="collection", call=what, **self._named, **sent)

    async def add(self, entries: Sequence[Entry], *, only: bool = False) -> int:
        """See `Collection.add`."""
        added: int = await self._call("add", list(entries), only=only)
        return added

    async def search(
        self,
        text: str = "",
        *,
        picture: Picture | None = None,
        audio: AudioClip | None = None,
        top: int = 5,
        kind: Modality | None = None,
        where: Mapping[str, Plain] | None = None,
    ) -> list[Match]:
        """See `Collection.search`."""
        found: list[Match] = await self._call(
            "search", text, picture=picture, audio=audio, top=top, kind=kind, where=where
        )
        return found

    async def remove(self, sources: Sequence[str]) -> None:
        """See `Collection.remove`."""
        await self._call("remove", list(sources))

    async def sources(self) -> list[str]:
        """See `Collection.sources`."""
        names: list[str] = await self._call("sources")
        return names

    async def count(self) -> int:
        """See `Collection.count`."""
        number: int = await self._call("count")
        return number

    async def export(self, path: str | os.PathLike[str]) -> int:
        """See `Collection.export`."""
        number: int = await self._call("export", str(path))
        return number


def _load(order: dict[str, Any]) -> tuple[Source, Intent]:
    entry = EntryPoint(order["name"], order["entry"], ENTRY_POINTS) if order["entry"] else None
    source = Source(order["name"], "user", Path(order["path"]), entry)
    module = import_plugin(source)
    check_hooks(source.name, module)
    intents = register_all(source.name, module).intents
    intent = next((each for each in intents if each.name == order["intent"]), None)
    if intent is None:
        raise PluginError(source.name, f"does not register {order['intent']} in its own process")
    return source, intent


async def _answer(order: dict[str, Any], intent: Intent, pipe: _Pipe) -> dict[str, Any]:
    kwargs = deserialize(order["slots"], pipe.store)
    names = given_to(intent.handler)
    if "turn" in names:
        kwargs["turn"] = deserialize_turn(order["turn"], pipe.store)
    if "dialogue" in names:
        kwargs["dialogue"] = _PipeDialogue(pipe, *order["dialogue"])
    if "services" in names:
        kwargs["services"] = _PipeServices(pipe, order["name"], order["services"])
    if is_async(intent.handler):
        result: Any = await intent.handler(**kwargs)  # type: ignore[misc]
    else:
        result = await asyncio.to_thread(intent.handler, **kwargs)
        result = await result if inspect.isawaitable(result) else result
    return serialize_reply(as_reply(order["name"], intent.name.partition(".")[2], result))


async def _serve(out: int) -> None:
    reader = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    order = json.loads(await reader.readline())
    pipe = _Pipe(out, Attachments(Path(order["folder"])))
    place = Path(order["path"])
    try:
        source, intent = _load(order)
        place = source.place
        pipe.send({"ready": True})
        listening = asyncio.get_running_loop().create_task(pipe.listen(reader, order["name"]))
        pipe.send({"reply": await _answer(order, intent, pipe)})
        listening.cancel()
    except BaseException as error:  # SystemExit too is an answer that failed
        on_purpose = isinstance(error, UserError) and not isinstance(error, PluginError)
        pipe.send({"failed": str(error) if on_purpose else explain(error, place), "on_purpose": on_purpose})


def main() -> None:
    """Answer the one order that comes over the standard input."""
    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a plugin prints must not end up among the messages
    asyncio.run(_serve(out))
    os._exit(0)  # threads the plugin left behind shall not hold the process


if __name__ == "__main__":
    main()
