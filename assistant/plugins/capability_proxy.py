"""What a plugin may reach of the assistant: its declared capabilities, from any thread, at a bounded rate."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from assistant.errors import PluginError
from assistant.events import Event
from assistant.plugins.api import Capability, Collection, Dialogue, Manifest, Services
from assistant.plugins.executor import Deadline, Executor, on_loop
from assistant.plugins.options import read_options
from assistant.retrieval.entries import Entry, Match, Plain
from assistant.types import AudioClip, Exchange, FloatArray, Modality, Picture, TextLine, Transcript

__all__ = ["DialogueProxy", "RateLimit", "ServicesProxy"]

T = TypeVar("T")


class RateLimit:
    """At most `allowed` in any one second; counts what is refused.

    Args:
        allowed: how many per second.
        clock: monotonic seconds.
    """

    def __init__(self, allowed: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.allowed = allowed
        self.refused = 0
        self._clock = clock
        self._tokens = float(allowed)
        self._last = clock()

    def take(self) -> bool:
        """True if one more is allowed now."""
        now = self._clock()
        self._tokens = min(self.allowed, self._tokens + (now - self._last) * self.allowed)
        self._last = now
        if self._tokens < 1:
            self.refused += 1
            return False
        self._tokens -= 1
        return True


class ServicesProxy:
    """`Services` with the plugin's capabilities enforced; may be used from the plugin's own loop and threads.

    Args:
        plugin: whose it is.
        manifest: what it declares.
        services: the real ones; they run on `home`.
        home: the assistant's event loop.
        flooded: told once per burst when it publishes too much.
    """

    EVENTS_PER_SECOND = 50

    def __init__(
        self,
        plugin: str,
        manifest: Manifest,
        services: Services,
        home: asyncio.AbstractEventLoop,
        flooded: Callable[[str], None],
    ) -> None:
        self._plugin = plugin
        self._manifest = manifest
        self._services = services
        self._home = home
        self._flooded = flooded
        self._limit = RateLimit(self.EVENTS_PER_SECOND)
        self._told = False

    def _need(self, capability: Capability, what: str) -> None:
        if capability not in self._manifest.capabilities:
            raise PluginError(
                self._plugin, f'{what} needs capabilities=("{capability}",) in its MANIFEST; it does not declare it'
            )

    async def _there(self, function: Callable[..., Awaitable[T]], *args: Any) -> T:
        return await on_loop(self._home, function, *args)

    @property
    def data_dir(self) -> Path:
        """See `Services.data_dir`."""
        self._need("files", "services.data_dir")
        return self._services.data_dir

    @property
    def options(self) -> Mapping[str, Any]:
        """See `Services.options`."""
        return read_options(self._plugin, self._manifest.options, self._services.options)

    async def conversation(self, session: str, last: int = 10) -> list[Exchange]:
        """See `Services.conversation`."""
        return await self._there(self._services.conversation, session, last)

    async def open_picture(self, path: str | os.PathLike[str]) -> Picture:
        """See `Services.open_picture`."""
        self._need("files", "services.open_picture()")
        return await self._there(self._services.open_picture, str(path))

    async def open_audio(self, path: str | os.PathLike[str]) -> AudioClip:
        """See `Services.open_audio`."""
        self._need("files", "services.open_audio()")
        return await self._there(self._services.open_audio, str(path))

    async def read_text(self, picture: Picture) -> list[TextLine]:
        """See `Services.read_text`."""
        return await self._there(self._services.read_text, picture)

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        """See `Services.encode_text`."""
        return await self._there(self._services.encode_text, list(texts))

    async def describe(self, picture: Picture, phrases: Sequence[str]) -> list[tuple[str, float]]:
        """See `Services.describe`."""
        return await self._there(self._services.describe, picture, list(phrases))

    async def classify(self, picture: Picture, top: int = 5) -> list[tuple[str, float]]:
        """See `Services.classify`."""
        return await self._there(self._services.classify, picture, top)

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """See `Services.transcribe`."""
        return await self._there(self._services.transcribe, clip)

    async def take_picture(self) -> Picture:
        """See `Services.take_picture`."""
        self._need("camera", "services.take_picture()")
        return await self._there(self._services.take_picture)

    async def record(self, seconds: float) -> AudioClip:
        """See `Services.record`."""
        self._need("microphone", "services.record()")
        return await self._there(self._services.record, seconds)

    def collection(self, name: str, encoded: str | os.PathLike[str] | None = None) -> Collection:
        """See `Services.collection`."""
        return _CollectionProxy(self._services.collection(name, encoded), self._home, self._need)

    def intents(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """See `Services.intents`."""
        return self._services.intents()

    def publish(self, event: Event) -> None:
        """See `Services.publish`; what goes beyond the limit is dropped and reported."""
        if not isinstance(event, Event):
            raise PluginError(self._plugin, f"services.publish() needs an Event, not {type(event).__name__}")
        if self._limit.take():
            self._told = False
            self._services.publish(event)
        elif not self._told:
            self._told = True
            self._flooded(f"published more than {self._limit.allowed} events in a second; the rest is dropped")


class _CollectionProxy:
    """A `Collection` whose owner lives on another loop."""

    def __init__(
        self, collection: Collection, home: asyncio.AbstractEventLoop, need: Callable[[Capability, str], None]
    ) -> None:
        self._collection = collection
        self._home = home
        self._need = need

    async def add(self, entries: Sequence[Entry], *, only: bool = False) -> int:
        return await on_loop(self._home, self._collection.add, list(entries), only=only)

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
        given = {"picture": picture, "audio": audio, "top": top, "kind": kind, "where": where}
        return await on_loop(self._home, self._collection.search, text, **given)

    async def remove(self, sources: Sequence[str]) -> None:
        await on_loop(self._home, self._collection.remove, list(sources))

    async def sources(self) -> list[str]:
        return await on_loop(self._home, self._collection.sources)

    async def count(self) -> int:
        return await on_loop(self._home, self._collection.count)

    async def export(self, path: str | os.PathLike[str]) -> int:
        self._need("files", "collection.export()")
        return await on_loop(self._home, self._collection.export, str(path))


class DialogueProxy:
    """A `Dialogue` whose owner lives on another loop. Waiting for the user stops the handler's deadline.

    Args:
        dialogue: the real one; it runs on `home`.
        lane: where the plugin's side effects run.
        deadline: of the handler.
        home: the assistant's event loop.
    """

    def __init__(self, dialogue: Dialogue, lane: Executor, deadline: Deadline, home: asyncio.AbstractEventLoop) -> None:
        self.session = dialogue.session
        self.id = dialogue.id
        self._dialogue = dialogue
        self._lane = lane
        self._deadline = deadline
        self._home = home

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

        async def ask() -> Any:
            self._deadline.pause()
            try:
                return await self._dialogue.ask(question, kind=kind, choices=choices, mentions=mentions, speech=speech)
            finally:
                self._deadline.resume()

        return await on_loop(self._home, ask)

    async def once(self, key: str, effect: Callable[[], T | Awaitable[T]]) -> T:
        """See `Dialogue.once`."""

        async def in_lane() -> T:
            return await self._lane.call(effect, {})  # type: ignore[no-any-return]

        return await on_loop(self._home, self._dialogue.once, key, in_lane)
