"""Partial transcripts: a sentence is transcribed again and again while it is still being spoken.

One clip is transcribed at a time. Of those that wait only the newest is kept, so that slow recognition never falls
behind; the clip at a pause is the whole sentence if the speaker says no more, and its transcript is already there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assistant.types import AudioClip, Transcript

__all__ = ["Partial", "PartialTranscripts"]


@dataclass(frozen=True, eq=False)
class Partial:
    """A stretch of an utterance and its transcript."""

    clip: AudioClip
    until: float
    """second at which the clip ends, on the clock of the source"""
    transcript: Transcript
    took: float
    """seconds of transcribing"""


class PartialTranscripts:
    """Transcribes the growing clips of one utterance, one at a time; `on_partial` gets each result, in order."""

    def __init__(
        self,
        transcribe: Callable[[AudioClip], Awaitable[Transcript]],
        on_partial: Callable[[Partial], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self._transcribe, self._on_partial, self._clock = transcribe, on_partial, clock
        self._waiting: tuple[AudioClip, float] | None = None
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._error: Exception | None = None
        self.offered = 0.0
        """the `until` of the newest clip that was offered"""
        self.last: Partial | None = None
        self.skipped = 0
        """clips that a newer one replaced before they were transcribed"""

    @property
    def busy(self) -> bool:
        """Whether a clip is being transcribed."""
        return self._task is not None

    def offer(self, clip: AudioClip, until: float) -> None:
        """Queues a clip in place of the one that waits; never blocks."""
        self.skipped += self._waiting is not None
        self._waiting, self.offered = (clip, until), until
        if not self.busy:
            self._task = asyncio.create_task(self._work(), name="partial transcript")

    async def of(self, until: float) -> Partial | None:
        """The transcript of what is said up to `until`, or what `transcribe` raised; None without such a clip."""
        while self.busy and not self._covers(until):
            self._changed.clear()
            await self._changed.wait()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return self.last if self._covers(until) else None

    def close(self) -> None:
        """Stops transcribing; the clip in hand is given up."""
        self._waiting = None
        if self._task is not None:
            self._task.cancel()

    def _covers(self, until: float) -> bool:
        return self.last is not None and self.last.until >= until

    async def _work(self) -> None:
        try:
            while self._waiting is not None:
                (clip, until), self._waiting = self._waiting, None
                began = self._clock()
                transcript = await self._transcribe(clip)
                self.last = Partial(clip, until, transcript, self._clock() - began)
                self._changed.set()
                await self._on_partial(self.last)
        except Exception as error:
            self._error = error
        finally:
            self._task = None
            self._changed.set()
