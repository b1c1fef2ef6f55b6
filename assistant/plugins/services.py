"""The running assistant's `Services`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.encoders.models import MULTILINGUAL
from assistant.encoders.runner import ModelRunner
from assistant.retrieval.collection import StoredCollection
from assistant.settings import Settings, data_dir
from assistant.storage import History, Memory
from assistant.storage.files import private_folder
from assistant.types import AudioClip, Exchange, FloatArray, Picture, TextLine, Transcript

__all__ = ["PluginServices"]


class PluginServices:
    """Implements `assistant.plugins.api.Services`; `CapabilityProxy` checks the capabilities.

    Args:
        plugin: whose services these are.
        runner: the models.
        settings: devices and limits.
        intents: all intents now known.
        history: what was said before.
        memory: what the user told about themselves.
    """

    def __init__(
        self,
        plugin: str,
        runner: ModelRunner,
        settings: Settings,
        intents: Callable[[], list[tuple[str, str, tuple[str, ...]]]],
        history: History,
        memory: Memory,
    ) -> None:
        self._plugin = plugin
        self._runner = runner
        self._settings = settings
        self._intents = intents
        self._history = history
        self._memory = memory
        self._collections: dict[str, StoredCollection] = {}

    @property
    def data_dir(self) -> Path:
        """The plugin's own folder, owner-only."""
        return private_folder(data_dir() / "plugins" / self._plugin)

    @property
    def options(self) -> Mapping[str, Any]:
        """What the user wrote under ``[plugins.options.PLUGIN]``; `CapabilityProxy` adds the defaults."""
        return self._settings.plugins.options.get(self._plugin, {})

    async def conversation(self, session: str, last: int = 10) -> list[Exchange]:
        """The last answered turns of a session, oldest first."""
        turns = await asyncio.to_thread(self._history.turns, session, last + 1)
        answered = [turn for turn in turns if turn.status == "answered"][-last:] if last > 0 else []
        return [
            Exchange(
                " ".join(filter(None, (turn.transcript, turn.text))), turn.reply, turn.intent, turn.outcome, turn.data
            )
            for turn in answered
        ]

    async def remembered(self) -> dict[str, str]:
        """What the user told about themselves, by key."""
        return await asyncio.to_thread(self._memory.facts)

    async def remember(self, key: str, value: str) -> None:
        """Keep a fact."""
        await asyncio.to_thread(self._memory.keep, key, value)

    async def forget(self, keys: Sequence[str]) -> int:
        """Forget facts."""
        return await asyncio.to_thread(self._memory.forget, keys)

    async def open_picture(self, path: str | os.PathLike[str]) -> Picture:
        """A picture from a file, upright and in RGB."""
        from assistant.inputs.image_file import read_picture

        return await asyncio.to_thread(read_picture, Path(path), self._settings.vision.max_megapixels)

    async def open_audio(self, path: str | os.PathLike[str]) -> AudioClip:
        """Sound from a file, mono at 16 kHz."""
        from assistant.inputs.audio_file import read_audio

        return await asyncio.to_thread(read_audio, path, self._settings.speech.max_minutes)

    async def read_text(self, picture: Picture) -> list[TextLine]:
        """The lines of text in a picture, top to bottom."""
        return await self._runner.read_text(picture)

    async def encode_text(self, texts: Sequence[str]) -> FloatArray:
        """Sentence vectors (n, 512), float32, unit length, comparable across 16 languages."""
        return await self._runner.vectors(texts, MULTILINGUAL)

    async def classify(self, picture: Picture, top: int = 5) -> list[tuple[str, float]]:
        """Everyday objects in a picture with probabilities 0 to 1, best first; [] when the encoder knows none."""
        return await self._runner.classify(picture, top)

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """What is said in a clip."""
        return await self._runner.transcribe(clip)

    def collection(self, name: str, encoded: str | os.PathLike[str] | None = None) -> StoredCollection:
        """A collection of the plugin's own."""
        if name not in self._collections:
            folder, file = data_dir() / "collections" / self._plugin, Path(encoded) if encoded else None
            self._collections[name] = StoredCollection(folder, name, self._runner, encoded=file)
        return self._collections[name]

    def intents(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Every intent now known: name, summary, examples."""
        return self._intents()
