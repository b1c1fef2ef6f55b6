"""State that every route may use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request

from assistant.app import App
from assistant.server.error_responses import ErrorResponse
from assistant.server.metrics import Metrics
from assistant.server.turn_service import TurnService
from assistant.speech import Synthesizer
from assistant.types import AudioClip

__all__ = ["AppState", "Client", "Here", "SharedVoice"]


class SharedVoice:
    """One voice for all clients, who take turns sentence by sentence."""

    def __init__(self, voice: Synthesizer) -> None:
        self._voice, self._lock = voice, Lock()

    def load(self) -> None:
        """Loads the voice ahead of its first sentence."""
        with self._lock:
            self._voice.load()

    def stream(self, text: str, language: str = "", speed: float | None = None) -> Iterator[AudioClip]:
        """Yields one clip per sentence, as soon as it is made; see `Synthesizer.stream`."""
        clips = self._voice.stream(text, language, speed)
        while True:
            with self._lock:
                clip = next(clips, None)
            if clip is None:
                return
            yield clip


class AppState:
    """An open assistant, its turn service, metrics (`labels`, such as a replica's name, are put on each) and voice."""

    def __init__(self, app: App, labels: dict[str, str] | None = None) -> None:
        self.app, self.settings = app, app.settings
        self.metrics = Metrics(labels)
        self.turn_service = TurnService(app, app.settings, self.metrics)
        self.listeners = 0
        """microphones that are connected now"""
        self._speaking = asyncio.Lock()

    @cached_property
    def voice(self) -> SharedVoice:
        """The voice of the settings; it loads with its first sentence."""
        return SharedVoice(Synthesizer.from_settings(self.settings))

    def check_speech(self, text: str, param: str) -> None:
        """Raises ErrorResponse for a text, in this field of a request, that is too long to be said, or empty."""
        most = self.settings.serve.max_speech_chars
        if len(text) > most:
            error = f"The text has {len(text):,} characters, and {most:,} are spoken at once."
            raise ErrorResponse(413, "too_large", error, "Send it in parts, such as sentences.", param=param)
        if not text.strip():
            raise ErrorResponse(400, "bad_input", "There is nothing to say.", "Send a text.", param=param)

    async def spoken(self, text: str, language: str, speed: float | None = None) -> AsyncIterator[AudioClip]:
        """A text as sound, sentence by sentence as it is made, at a speed of 0.5 to 2; others may speak in between.

        Raises:
            DeviceError: no voice for the language.
        """
        clips = self.voice.stream(text, language, speed)
        while True:
            async with self._speaking:  # so that only one waiting request holds a thread
                clip = await asyncio.to_thread(next, clips, None)
            if clip is None:
                return
            yield clip


def _here(request: Request) -> AppState:
    app_state: AppState = request.app.state.app_state
    return app_state


def _client(request: Request) -> str:
    client: str = request.state.client
    return client


Here = Annotated[AppState, Depends(_here)]
Client = Annotated[str, Depends(_client)]
