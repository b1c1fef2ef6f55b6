"""The running assistant's `Services`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.encoders.models import MULTILINGUAL
from assistant.encoders.runner import ModelRunner
from assistant.folders import private_folder
from assistant.outputs.schedule import Scheduled
from assistant.outputs.scheduler import Scheduler
from assistant.plugins.api import Exchange, Intent
from assistant.plugins.tools import Tools
from assistant.retrieval.entries import LibraryAnswer
from assistant.settings import Settings, data_dir
from assistant.storage import History, Memory
from assistant.types import AudioClip, Encoding, FloatArray, Picture, Reply, TextLine, Transcript, new_id
from assistant.understanding.entities import Recurrence

if TYPE_CHECKING:
    from assistant.retrieval.collection import StoredCollection
    from assistant.retrieval.items import Source
    from assistant.retrieval.library.library import Library

__all__ = ["PluginServices", "SharedParts"]


@dataclass(frozen=True, eq=False)
class SharedParts:
    """Parts shared by the services of all plugins."""

    settings: Settings
    runner: ModelRunner
    history: History
    scheduler: Scheduler
    memory: Memory
    intents: Callable[[], Sequence[Intent]]
    """all that are now known"""
    kinds: Callable[[Sequence[Encoding]], dict[str, float]]
    """how probable each kind of picture is that plugins bring, from a picture's encodings"""
    library: Callable[[], Library | None]
    """the user's library; None where nothing was ever added"""
    tools: Callable[[str, str], Tools]
    """what a plugin may call while a turn of a session is answered"""


class PluginServices:
    """Implements `assistant.plugins.api.Services` for one plugin; `CapabilityProxy` checks the capabilities."""

    def __init__(self, plugin: str, parts: SharedParts) -> None:
        self._plugin, self._parts = plugin, parts
        self._collections: dict[str, StoredCollection] = {}

    @property
    def data_dir(self) -> Path:
        return private_folder(data_dir() / "plugins" / self._plugin)

    @property
    def options(self) -> Mapping[str, Any]:
        """The user's settings under ``[plugins.options.PLUGIN]``; `CapabilityProxy` adds the defaults."""
        return self._parts.settings.plugins.options.get(self._plugin, {})

    async def conversation(self, session: str, last: int = 10) -> list[Exchange]:
        """The last turns of a session that were answered, or whose answer was stopped on the way; oldest first."""
        history, most = self._parts.history, last + 1
        quick = history.is_quick(session, most)
        turns = history.turns(session, most) if quick else await asyncio.to_thread(history.turns, session, most)
        told = [turn for turn in turns if turn.status == "answered" or (turn.status == "cancelled" and turn.reply)]
        answered = told[-last:] if last > 0 else []
        return [
            Exchange(
                " ".join(filter(None, (turn.transcript, turn.text))), turn.reply, turn.intent, turn.outcome, turn.data
            )
            for turn in answered
        ]

    async def remembered(self) -> dict[str, str]:
        return await asyncio.to_thread(self._parts.memory.facts)

    async def remember(self, key: str, value: str) -> None:
        await asyncio.to_thread(self._parts.memory.keep, key, value)

    async def forget(self, keys: Sequence[str]) -> int:
        return await asyncio.to_thread(self._parts.memory.forget, keys)

    async def open_picture(self, path: str | os.PathLike[str]) -> Picture:
        from assistant.inputs.image_file import read_picture

        return await asyncio.to_thread(read_picture, Path(path), self._parts.settings.vision.max_megapixels)

    async def open_audio(self, path: str | os.PathLike[str]) -> AudioClip:
        from assistant.inputs.audio_file import read_audio

        return await asyncio.to_thread(read_audio, path, self._parts.settings.speech.max_minutes)

    async def read_text(self, picture: Picture) -> list[TextLine]:
        return await self._parts.runner.read_text(picture)

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        """Sentence vectors (n, 512), float32, unit length, comparable across 16 languages."""
        return await self._parts.runner.vectors(texts, MULTILINGUAL)

    async def relevance(self, question: str, texts: Sequence[str]) -> list[float]:
        """Probability (0 to 1) that each text answers a question."""
        from assistant.retrieval.library.answering import relevances  # few turns need it

        runner = self._parts.runner
        return await runner.call(relevances, runner.models, question, texts) if texts else []

    async def classify(self, picture: Picture, top: int = 5) -> list[tuple[str, float]]:
        """Everyday objects in a picture with probabilities 0 to 1, best first; [] when the encoder knows none."""
        return await self._parts.runner.classify(picture, top)

    async def locate(self, picture: Picture, names: Sequence[str]) -> FloatArray:
        """Returns the heat map of everyday objects: (7, 7), 0 to 1; (0, 0) if the encoder knows none."""
        return await self._parts.runner.locate(picture, names)

    async def picture_kinds(self, picture: Picture) -> dict[str, float]:
        return self._parts.kinds(await self._parts.runner.look([picture], []))

    async def pictures(self, session: str, last: int = 1) -> list[Picture]:
        return await asyncio.to_thread(self._parts.history.pictures, session, last)

    async def transcribe(self, clip: AudioClip) -> Transcript:
        return await self._parts.runner.transcribe(clip)

    def collection(self, name: str, encoded: str | os.PathLike[str] | None = None) -> StoredCollection:
        from assistant.retrieval.collection import StoredCollection  # few turns need one

        if name not in self._collections:
            folder, file = data_dir() / "collections" / self._plugin, Path(encoded) if encoded else None
            self._collections[name] = StoredCollection(folder, name, self._parts.runner, encoded=file)
        return self._collections[name]

    async def library_answers(self, question: str, top: int = 3, least: float | None = None) -> list[LibraryAnswer]:
        if (library := self._parts.library()) is None or not question.strip():
            return []
        found = await self._parts.runner.run(partial(library.answers, question, top, least=least))
        return [
            LibraryAnswer(each.text, each.hit.source, each.hit.kind, each.relevance, each.hit.place, each.hit.start)
            for each in found
        ]

    async def library_files(self) -> list[str]:
        return sorted(name for name, source in (await self._sources()).items() if source.items)

    async def library_unread(self) -> dict[str, str]:
        return {name: source.reason for name, source in (await self._sources()).items() if source.reason}

    async def _sources(self) -> Mapping[str, Source]:
        library = self._parts.library()
        return await asyncio.to_thread(lambda: library.table.sources()) if library is not None else {}

    async def library_texts(self, path: str) -> list[str]:
        library = self._parts.library()
        return await asyncio.to_thread(library.texts, path) if library is not None else []

    def tools(self, session: str) -> Tools:
        return self._parts.tools(self._plugin, session)

    def intents(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(intent.name, intent.summary, intent.examples) for intent in self._parts.intents()]

    async def at(
        self, when: datetime | None, reply: Reply, *, session: str, key: str = "", insistent: bool = False
    ) -> Scheduled:
        return await self._put(key, session, reply, when, None, insistent)

    async def every(
        self,
        repeat: Recurrence,
        reply: Reply,
        *,
        start: datetime,
        session: str,
        key: str = "",
        insistent: bool = False,
    ) -> Scheduled:
        return await self._put(key, session, reply, start.replace(tzinfo=None), repeat, insistent)

    async def _put(
        self,
        key: str,
        session: str,
        reply: Reply,
        when: datetime | None,
        repeat: Recurrence | None,
        insistent: bool,
    ) -> Scheduled:
        arguments = (self._plugin, key or new_id(), session, reply, when, repeat)
        kept = await asyncio.to_thread(partial(self._parts.scheduler.schedule.put, *arguments, insistent=insistent))
        self._parts.scheduler.changed()
        return replace(kept, rings=self._parts.scheduler.rings(session))

    async def announce(self, reply: Reply, *, session: str) -> None:
        now = datetime.fromtimestamp(self._parts.scheduler.schedule.clock()).astimezone()
        await self._put("", session, reply, now, None, False)

    async def scheduled(self, session: str, prefix: str = "", most: int = 1_000) -> list[Scheduled]:
        found = await asyncio.to_thread(self._parts.scheduler.schedule.find, self._plugin, session, prefix, most)
        rings = self._parts.scheduler.rings(session)
        return [replace(each, rings=rings) for each in found]

    async def unschedule(self, keys: Sequence[str]) -> int:
        return await asyncio.to_thread(self._parts.scheduler.schedule.drop, self._plugin, keys)
