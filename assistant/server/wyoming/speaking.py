"""Speaking: a text sentence by sentence, also one that is still being written."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.tts import SynthesizeStopped

from assistant.errors import InputError
from assistant.server.app_state import AppState
from assistant.server.sound_encoding import RATE, SoundEncoder
from assistant.speech.speakable import pieces

__all__ = ["Speaking"]

CHUNK = RATE // 5 * 2
"""bytes of a chunk: 0.2 s"""

Send = Callable[[Event], Awaitable[None]]


class Speaking:
    """Says one text, in a language or as its letters look; see `say`, or `add` and `end` for one that comes in bits."""

    def __init__(self, here: AppState, language: str, send: Send) -> None:
        self._here, self._language, self._send = here, language, send
        self._encoder = SoundEncoder("pcm")
        self._begun = False
        self._text = ""
        self._characters = 0

    async def say(self, text: str) -> None:
        """A whole text: a start, chunks, and a stop; UserError when it is too long, or there is no voice for it."""
        await self._speak(text)
        await self._stop()

    async def add(self, text: str) -> None:
        """The next part of a text: says the sentences that are complete now."""
        *whole, self._text = pieces(self._text + text) or [""]
        for sentence in whole:
            await self._speak(sentence)

    async def end(self) -> None:
        """The text is over: says the rest."""
        await self._speak(self._text)
        await self._stop()
        await self._send(SynthesizeStopped().event())

    async def _speak(self, text: str) -> None:
        most = self._here.settings.serve.max_speech_chars
        self._characters += len(text)
        if self._characters > most:
            raise InputError(
                f"The text is longer than {most} characters (setting serve.max_speech_chars).", too_large=True
            )
        if not text.strip():
            return
        async with self._here.turn_service.limiter.admitted():
            async for clip in self._here.spoken(text, self._language):
                await self._sound(await self._encoder.add(clip))

    async def _sound(self, content: bytes) -> None:
        await self._start()
        for at in range(0, len(content), CHUNK):
            await self._send(AudioChunk(RATE, 2, 1, content[at : at + CHUNK]).event())

    async def _start(self) -> None:
        if not self._begun:
            self._begun = True
            await self._send(AudioStart(RATE, 2, 1).event())

    async def _stop(self) -> None:
        await self._start()
        await self._send(AudioStop().event())
