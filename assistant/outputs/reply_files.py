"""Replies into sound files instead of a loudspeaker, and replies said aloud by one command."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from assistant.errors import AudioError
from assistant.outputs.loudspeaker import FirstSound, Played, cut
from assistant.settings import Settings
from assistant.speech import Synthesizer, write_audio
from assistant.types import AudioClip, Reply

__all__ = ["ReplyFiles", "ReplyVoice"]

RATE = 24_000
"""Hertz of the files, as of the English voice"""


class ReplyFiles:
    """Takes replies as `Loudspeaker` does, and writes each to a file of its own, as long as it would sound.

    Without a folder it only tells what would have been heard. `clock` and `sleep` are in seconds; a `sleep` of None
    writes as fast as the clips come. AudioError when the folder or a file cannot be written.
    """

    def __init__(
        self,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] | None = asyncio.sleep,
    ) -> None:
        self.on_first_sound: FirstSound | None = None
        self.on_played: Played | None = None
        self.written: list[Path] = []
        self._folder, self._clock, self._sleep = folder, clock, sleep
        self._stopped = False
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise AudioError(f"Replies cannot be written to {folder}: {error.strerror}") from error

    def stop(self) -> None:
        """Writes no more of this reply. No effect when nothing plays."""
        self._stopped = True

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Writes a reply, clip after clip; False when `stop` cut it short."""
        self._stopped = False
        at: float | None = None
        with self._next_file() as file:
            async for clip in clips:
                for block in cut(clip, RATE):
                    if self._stopped:
                        return False
                    if at is None and self.on_first_sound is not None:
                        self.on_first_sound(self._clock())
                    at = self._clock() if at is None else max(at, self._clock() - 0.1)
                    if file is not None:
                        file.write(block.samples)
                    if self.on_played is not None:
                        self.on_played(block.reference, at)
                    at += len(block.samples) / RATE
                    # A clock that goes in steps longer than a block is caught up with, and not waited for again.
                    if self._sleep is not None and (ahead := at - self._clock()) > 0:
                        await self._sleep(ahead)
        return not self._stopped

    @contextmanager
    def _next_file(self) -> Iterator[Any]:
        """The next reply's file; None without a folder."""
        if self._folder is None:
            yield None
            return
        import soundfile

        path = self._folder / f"reply-{len(self.written) + 1:03}.wav"
        try:
            with soundfile.SoundFile(str(path), "w", RATE, 1) as file:
                self.written.append(path)
                yield file
        except (soundfile.LibsndfileError, OSError) as error:
            raise AudioError(f"{path} cannot be written: {error}") from error


class ReplyVoice:
    """Says replies in the voice of the settings, which loads with the first of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _voice(self) -> Synthesizer:
        return Synthesizer.from_settings(self._settings)

    async def say(self, reply: Reply, path: Path | None = None) -> None:
        """Speaks a reply aloud, sentence by sentence, or writes a WAV file; DeviceError without voice or device."""
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
