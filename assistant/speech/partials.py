"""Partial transcripts: a sentence is listened to again and again while it is still being spoken.

One clip is listened to at a time. Of those that wait only the newest is kept, so that slow ears never fall behind;
the clip at a pause is the whole sentence if the speaker says no more, and its transcript is then already there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assistant.types import AudioClip, Transcript

__all__ = ["Heard", "PartialTranscripts"]


@dataclass(frozen=True, eq=False)
class Heard:
    """A stretch of an utterance and what is said in it."""

    clip: AudioClip
    until: float
    """second at which the clip ends, on the clock of the source"""
    transcript: Transcript
    took: float
    """seconds of listening"""


class PartialTranscripts:
    """Listens to the growing clips of one utterance.

    Args:
        hear: listens to a clip; not called again before it has returned.
        heard: told of each result, in order.
        clock: the time now, seconds.
    """

    def __init__(
        self,
        hear: Callable[[AudioClip], Awaitable[Transcript]],
        heard: Callable[[Heard], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self._hear, self._tell, self._clock = hear, heard, clock
        self._waiting: tuple[AudioClip, float] | None = None
        self._task: asyncio.Task[None] | None = None
        self._news = asyncio.Event()
        self._error: Exception | None = None
        self.asked = 0.0
        """the `until` of the newest clip that was offered"""
        self.last: Heard | None = None
        self.skipped = 0
        """clips that a newer one replaced before they were listened to"""

    @property
    def busy(self) -> bool:
        """Whether a clip is being listened to."""
        return self._task is not None

    def offer(self, clip: AudioClip, until: float) -> None:
        """Have a clip listened to as soon as the one in hand is done; never waits."""
        self.skipped += self._waiting is not None
        self._waiting, self.asked = (clip, until), until
        if not self.busy:
            self._task = asyncio.create_task(self._work(), name="partial transcript")

    async def of(self, until: float) -> Heard | None:
        """What is said up to `until`, once it has been listened to; None when no such clip was offered.

        Raises:
            Exception: what `hear` raised.
        """
        while self.busy and not self._covers(until):
            self._news.clear()
            await self._news.wait()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        return self.last if self._covers(until) else None

    def close(self) -> None:
        """Listen no more; the clip in hand is given up."""
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
                transcript = await self._hear(clip)
                self.last = Heard(clip, until, transcript, self._clock() - began)
                self._news.set()
                await self._tell(self.last)
        except Exception as error:
            self._error = error
        finally:
            self._task = None
            self._news.set()
