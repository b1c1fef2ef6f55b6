"""Replies into a sound file instead of a loudspeaker: where there is no sound card, and for tests."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

from assistant.errors import AudioError
from assistant.outputs.blocks import FirstSound, Played, cut
from assistant.types import AudioClip

__all__ = ["WavWriter"]

RATE = 24_000
"""Hertz of the file, as of the English voice"""


class WavWriter:
    """Takes replies as `Loudspeaker` does, and writes them one after another.

    Args:
        path: the file; its folder must exist. "" writes nothing, and only tells what would have been heard.
        on_first_sound: called once per reply with the time of its first sample.
        on_played: called for each stretch with its samples at 16 kHz (float32) and the time of its first sample.
        clock: the time now, seconds.
        sleep: waits so many seconds by that clock; None writes as fast as the clips come.

    Raises:
        AudioError: while playing: the file cannot be written.
    """

    def __init__(
        self,
        path: str | Path = "",
        *,
        on_first_sound: FirstSound | None = None,
        on_played: Played | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] | None = asyncio.sleep,
    ) -> None:
        self.on_first_sound, self.on_played = on_first_sound, on_played
        self._path, self._clock, self._sleep = path, clock, sleep
        self._file: Any = None
        self._speaking = self._stopped = False

    @property
    def speaking(self) -> bool:
        """Whether a reply is playing."""
        return self._speaking

    def stop(self) -> None:
        """Write no more of this reply. No effect when nothing plays."""
        self._stopped = True

    def close(self) -> None:
        """Finish the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Writes a reply, clip after clip, as long as it would sound.

        Returns:
            False when `stop` cut it short.

        Raises:
            AudioError: the file cannot be written.
        """
        self._speaking, self._stopped = True, False
        at: float | None = None
        try:
            async for clip in clips:
                for block in cut(clip, RATE):
                    if self._stopped:
                        return False
                    at = self._begin() if at is None else max(at, self._clock() - 0.1)
                    self._write(block.samples)
                    if self.on_played is not None:
                        self.on_played(block.reference, at)
                    at += len(block.samples) / RATE
                    # A clock that goes in steps longer than a block is caught up with, and not waited for again.
                    if self._sleep is not None and (ahead := at - self._clock()) > 0:
                        await self._sleep(ahead)
            return not self._stopped
        finally:
            self._speaking = False

    def _begin(self) -> float:
        at = self._clock()
        if self.on_first_sound is not None:
            self.on_first_sound(at)
        return at

    def _write(self, samples: Any) -> None:
        if not self._path:
            return
        import soundfile

        try:
            if self._file is None:
                self._file = soundfile.SoundFile(str(self._path), "w", RATE, 1)
            self._file.write(samples)
        except (soundfile.LibsndfileError, TypeError, ValueError, OSError) as error:
            raise AudioError(
                f"{self._path} cannot be written ({error}); use a name ending in .wav, in a folder that exists"
            ) from error
