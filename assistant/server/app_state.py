"""State that every route may use."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, Request

from assistant.app import App
from assistant.server.metrics import Metrics
from assistant.server.turn_service import TurnService
from assistant.speech import Synthesizer
from assistant.types import AudioClip

__all__ = ["AppState", "Client", "Here"]


class AppState:
    """An open assistant, its turn service, metrics (`labels`, such as a replica's name, are put on each) and voice."""

    def __init__(self, app: App, labels: dict[str, str] | None = None) -> None:
        self.app, self.settings = app, app.settings
        self.metrics = Metrics(labels)
        self.turn_service = TurnService(app, app.settings, self.metrics)
        self._voice: Synthesizer | None = None
        self._speaking = asyncio.Lock()

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
