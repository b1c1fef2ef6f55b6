"""A reply said aloud: each sentence is made while the one before it is heard."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from assistant.types import AudioClip
from assistant.voice.clock import FlowControl
from assistant.voice.interfaces import Player, Voice

__all__ = ["Speaker"]

ALMOST = 0.2
"""seconds: a sentence that lacks no more was said"""
Made = Callable[[], object]


class Speaker:
    """Turns text into sound at the loudspeaker.

    Args:
        voice: makes sound of words; called on a thread of its own, never twice at once.
        player: the loudspeaker.
        hold: held while a sentence is made.
    """

    def __init__(self, voice: Voice, player: Player, hold: FlowControl) -> None:
        self._voice, self._player, self._hold = voice, player, hold
        self._thread = ThreadPoolExecutor(1, "voice")
        self._warming: Future[None] | None = None
        self._lengths: list[float] = []
        self._sounded = 0.0

    @property
    def said(self) -> int:
        """Sentences of this reply that were heard to their end."""
        ends = itertools.accumulate(self._lengths)
        return sum(end <= self._sounded + ALMOST for end in ends)

    def played(self, seconds: float) -> None:
        """So much more of it was heard."""
        self._sounded += seconds

    async def say(self, text: str, made: Made, skip: int = 0) -> bool:
        """Say a text, sentence by sentence.

        Args:
            text: what to say.
            made: called when the first sentence is made.
            skip: sentences at the beginning that are left out.

        Returns:
            False when `stop` cut it short.

        Raises:
            DeviceError: there is no voice for the language, or the loudspeaker is gone.
        """
        self._lengths, self._sounded = [], 0.0
        return await self._player.say(self._clips(text, made, skip))

    def warm_up(self) -> None:
        """Begin to load the voice; returns at once."""
        if self._warming is None:
            self._warming = self._thread.submit(self._voice.load)

    def stop(self) -> None:
        """Fall silent at once."""
        self._player.stop()

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _clips(self, text: str, made: Made, skip: int) -> AsyncIterator[AudioClip]:
        sentences = itertools.islice(self._voice.stream(text), skip, None)
        first = True
        making = self._make(sentences)
        try:
            while True:
                with self._hold():
                    clip = await making
                if clip is None:
                    return
                making = self._make(sentences)
                if first:
                    made()
                    first = False
                self._lengths.append(clip.duration)
                yield clip
        finally:
            making.cancel()

    def _make(self, sentences: Iterator[AudioClip]) -> asyncio.Future[AudioClip | None]:
        making = asyncio.get_running_loop().run_in_executor(self._thread, lambda: next(sentences, None))
        making.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may want it any more
        return making
