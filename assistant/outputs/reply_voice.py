"""Replies said aloud by one command, or written to a sound file; the voice loop has its own `Speaker`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import cached_property
from pathlib import Path

from assistant.settings import Settings
from assistant.speech import Synthesizer, write_audio
from assistant.types import AudioClip, Reply

__all__ = ["ReplyVoice"]


class ReplyVoice:
    """Says replies in the voice of the settings, which loads with the first of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _voice(self) -> Synthesizer:
        return Synthesizer.from_settings(self._settings)

    async def say(self, reply: Reply, path: Path | None = None) -> None:
        """Speak a reply aloud, sentence by sentence, or write it to a WAV file.

        Raises:
            DeviceError: no voice for the language, or no loudspeaker.
        """
        if path is not None:
            clip = await asyncio.to_thread(self._voice.say, reply.spoken)
            await asyncio.to_thread(write_audio, path, clip)
            return
        from assistant.outputs.loudspeaker import Loudspeaker

        await Loudspeaker(self._settings.voice.output_device).play(self._sentences(reply.spoken))

    async def _sentences(self, text: str) -> AsyncIterator[AudioClip]:
        clips = self._voice.stream(text)
        while (clip := await asyncio.to_thread(next, clips, None)) is not None:
            yield clip
