"""Replies said aloud by one command, or written to a sound file; the voice loop has its own `Speaker`."""

from __future__ import annotations

import asyncio
import threading
from functools import cached_property
from pathlib import Path

from assistant.settings import Settings
from assistant.speech import Synthesizer, join_clips, write_audio
from assistant.types import Reply

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
        stop = threading.Event()
        try:
            await asyncio.to_thread(self._say, reply.spoken, path, stop)
        finally:
            stop.set()  # cancelled: the sound ends too

    def _say(self, text: str, path: Path | None, stop: threading.Event) -> None:
        from assistant.outputs.loudspeaker import play

        clips = self._voice.stream(text)
        if path is not None:
            write_audio(path, join_clips(list(clips)))
            return
        for clip in clips:
            if not play(clip, self._settings.voice.output_device, stop):
                return
