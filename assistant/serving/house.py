"""What every route may use."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from assistant.app import App
from assistant.messages import AudioClip
from assistant.serving.desk import Desk
from assistant.serving.metrics import Metrics
from assistant.settings import Settings
from assistant.speech import Synthesizer

__all__ = ["Client", "Here", "House"]


@dataclass
class House:
    """The assistant and what stands around it."""

    app: App
    settings: Settings
    desk: Desk
    metrics: Metrics
    _voice: Synthesizer | None = None
    _speaking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def say(self, text: str, language: str) -> AudioClip:
        """A text as sound; one at a time, since a voice is no two.

        Raises:
            DeviceError: no voice for the language.
        """
        async with self._speaking:
            voice = self._voice = self._voice or Synthesizer.from_settings(self.settings)
            return await asyncio.to_thread(voice.say, text, language)


def _here(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _client(request: Request) -> str:
    client: str = request.state.client
    return client


Here = Annotated[House, Depends(_here)]
Client = Annotated[str, Depends(_client)]
