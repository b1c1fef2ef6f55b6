"""State that every route may use."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from assistant.app import App
from assistant.server.metrics import Metrics
from assistant.server.turn_service import TurnService
from assistant.settings import Settings
from assistant.speech import Synthesizer
from assistant.types import AudioClip

__all__ = ["AppState", "Client", "Here"]


@dataclass
class AppState:
    """An open assistant, its turn service, metrics and voice."""

    app: App
    settings: Settings
    turn_service: TurnService
    metrics: Metrics
    _voice: Synthesizer | None = None
    _speaking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def say(self, text: str, language: str) -> AudioClip:
        """A text as sound; one at a time.

        Raises:
            DeviceError: no voice for the language.
        """
        async with self._speaking:
            voice = self._voice = self._voice or Synthesizer.from_settings(self.settings)
            return await asyncio.to_thread(voice.say, text, language)


def _here(request: Request) -> AppState:
    app_state: AppState = request.app.state.app_state
    return app_state


def _client(request: Request) -> str:
    client: str = request.state.client
    return client


Here = Annotated[AppState, Depends(_here)]
Client = Annotated[str, Depends(_client)]
