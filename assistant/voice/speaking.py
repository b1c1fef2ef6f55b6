"""A reply spoken aloud, also one that is still being made: each sentence while the one before it plays."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from assistant.bus import Bus
from assistant.events import Event, ReplyPart
from assistant.language import voice_language
from assistant.speech.speakable import sentences
from assistant.types import AudioClip, Reply, Turn, TurnResult
from assistant.voice.clock import FlowControl
from assistant.voice.interfaces import Player, Voice
from assistant.voice.own_words import OwnWords

__all__ = ["ComingReply", "Speaker"]

ENDS = re.compile(r"(?:[。！？；…]|(?<!\d)[.!?…][\"”’)\]]*)\s*$")
"""the end of a text that may be the end of a sentence"""
PAUSE = 0.05
"""seconds without more text after which that counts as one"""


class ComingReply:
    """Has a turn answered by `work`, and gives the sentences of its reply as their pieces come on the bus."""

    def __init__(self, bus: Bus, turn: Turn, work: Coroutine[Any, Any, TurnResult]) -> None:
        self._turn = turn.id
        self._speech = ""
        self._at = 0.0
        """when the last of it came, on the loop's clock"""
        self._more = asyncio.Event()
        self._stop_listening = bus.listen(self._take, (ReplyPart,))
        self._task = asyncio.ensure_future(work)
        self._task.add_done_callback(self._ended)

    @property
    def done(self) -> bool:
        """Whether the whole reply is there."""
        return self._task.done()

    @property
    def reply(self) -> Reply:
        """The reply, as far as it is there; raises why it could not be made."""
        return self._task.result().reply if self._task.done() else Reply(self._speech)

    async def begun(self) -> None:
        """Wait until a first sentence is there, or the whole reply."""
        while not self.done and not self._complete(self._speech):
            await self._wait()

    async def sentences(self) -> AsyncIterator[str]:
        """The sentences from the first on, each as soon as it is there; raises why the reply could not be made."""
        given = 0
        while True:
            done = self.done
            whole = self._whole() if done else self._speech
            ready = sentences(whole[given:]) if done else self._complete(whole[given:])
            for sentence in ready[: None if done else 1]:
                given = _after(whole, sentence, given)
                yield sentence
            if done:
                return
            if not ready:
                await self._wait()

    def cancel(self) -> None:
        """Make no more of it."""
        self._stop_listening()
        self._task.cancel()

    def _whole(self) -> str:
        spoken = self.reply.spoken
        return spoken if spoken.startswith(self._speech) else f"{self._speech}\n{spoken}"

    def _complete(self, text: str) -> list[str]:
        """The sentences of a text that more may follow, without the last if it may go on."""
        found = sentences(text)
        ended = text.endswith("\n") or (ENDS.search(text) is not None and self._left <= 0)
        return found if ended else found[:-1]

    @property
    def _left(self) -> float:
        """Seconds until a pause after the last text is long enough to end a sentence."""
        silent = asyncio.get_running_loop().time() - self._at
        return round(PAUSE - silent, 3)

    async def _wait(self) -> None:
        """Wait for more text, or for the end; at the end of what may be a sentence only for a moment."""
        left = self._left if ENDS.search(self._speech) else 0.0
        self._more.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._more.wait(), left if left > 0 else None)

    def _take(self, event: Event) -> None:
        if isinstance(event, ReplyPart) and event.turn == self._turn:
            self._speech += event.speech
            self._at = asyncio.get_running_loop().time()
            self._more.set()

    def _ended(self, task: asyncio.Future[TurnResult]) -> None:
        self._stop_listening()
        self._more.set()
        if not task.cancelled():
            task.exception()  # told by `reply`


def _after(text: str, sentence: str, start: int) -> int:
    """Returns the end of a sentence in a text, whose spaces may differ."""
    for word in sentence.split():
        start = text.index(word, start) + len(word)
    return start


WORDS_AGAIN = 1.0
"""seconds of an interrupted sentence that may be said again"""
ALMOST = 0.2
"""seconds that a sentence may lack and still count as spoken"""


class Speaker:
    """Turns text into sound at the loudspeaker; the voice is called on a thread of its own, never twice at once."""

    def __init__(self, voice: Voice, player: Player, flow: FlowControl, own: OwnWords | None = None) -> None:
        self._voice, self._player, self._flow = voice, player, flow
        self._own = own or OwnWords()
        self._thread = ThreadPoolExecutor(1, "voice")
        self._warming: Future[None] | None = None
        self._lengths: list[float] = []
        self._seconds_played = 0.0

    @property
    def spoken(self) -> int:
        """Sentences of this reply that were heard to their end."""
        ends = itertools.accumulate(self._lengths)
        return sum(end <= self._seconds_played + ALMOST for end in ends)

    @property
    def into(self) -> float:
        """Seconds that were heard of the sentence after those."""
        return max(0.0, self._seconds_played - sum(self._lengths[: self.spoken]))

    @property
    def sentence_left(self) -> float:
        """Seconds until the sentence that is heard now ends, less the moment in which the next one would begin."""
        ends = itertools.accumulate(self._lengths)
        left = next((end - self._seconds_played for end in ends if end > self._seconds_played + ALMOST), 0.0)
        return max(0.0, left - ALMOST / 2)

    def played(self, seconds: float) -> None:
        """Counts seconds of the reply that were heard."""
        self._seconds_played += seconds

    async def speak(
        self,
        text: str | ComingReply,
        on_first: Callable[[], object],
        skip: int = 0,
        chime: AudioClip | None = None,
        into: float = 0.0,
    ) -> bool:
        """Speaks a text, or one that is coming, sentence by sentence; False when `stop` cut it short.

        Args:
            on_first: called when the first sentence is synthesized.
            skip: sentences at the beginning that are left out.
            chime: played first, while the first sentence is made.
            into: seconds of the first sentence that were heard before; it goes on between two words before them.

        Raises:
            DeviceError: there is no voice for the language, or the loudspeaker is gone.
        """
        self._lengths, self._seconds_played = [], -chime.duration if chime else 0.0
        self._own.begin()
        if chime is not None:
            self._own.add("", chime.duration)
        return await self._player.play(self._clips(text, on_first, skip, chime, into))

    def warm_up(self) -> None:
        """Starts loading the voice; returns at once."""
        if self._warming is None:
            self._warming = self._thread.submit(self._voice.load)

    def stop(self) -> None:
        """Falls silent at once."""
        self._player.stop()

    def close(self) -> None:
        """Ends the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _clips(
        self,
        text: str | ComingReply,
        on_first: Callable[[], object],
        skip: int,
        chime: AudioClip | None,
        into: float,
    ) -> AsyncIterator[AudioClip]:
        first = True
        made = self._made(text, skip)
        coming = _ahead(made)
        try:
            if chime is not None:
                yield chime
            while True:
                with self._flow():
                    clip = await coming
                if clip is None:
                    return
                coming = _ahead(made)
                if first:
                    on_first()
                    first, clip = False, _from(clip, into)
                self._lengths.append(clip.duration)
                self._own.add(clip.text, clip.duration)
                yield clip
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)
            await made.aclose()

    async def _made(self, text: str | ComingReply, skip: int) -> AsyncGenerator[AudioClip, None]:
        """The clips of a text, each synthesized when it is asked for."""
        if isinstance(text, str):
            clips: Iterator[AudioClip] = itertools.islice(self._voice.stream(text), skip, None)
            while (clip := await self._next(clips)) is not None:
                yield clip
            return
        number, said = 0, ""
        async for sentence in text.sentences():
            number, said = number + 1, f"{said} {sentence}"
            if number > skip:
                clips = self._voice.stream(sentence, voice_language(said))  # one voice, however short a sentence
                while (clip := await self._next(clips)) is not None:
                    yield clip

    def _next(self, sentences: Iterator[AudioClip]) -> asyncio.Future[AudioClip | None]:
        coming = asyncio.get_running_loop().run_in_executor(self._thread, lambda: next(sentences, None))
        coming.add_done_callback(lambda done: done.cancelled() or done.exception())  # a cut reply awaits it no more
        return coming


def _ahead(clips: AsyncGenerator[AudioClip, None]) -> asyncio.Future[AudioClip | None]:
    """The next clip, made while the one before it plays; None after the last."""

    async def take() -> AudioClip | None:
        return await anext(clips, None)

    coming = asyncio.ensure_future(take())
    coming.add_done_callback(lambda done: done.cancelled() or done.exception())  # a cut reply awaits it no more
    return coming


def _from(clip: AudioClip, seconds: float) -> AudioClip:
    """The rest of a clip from the softest moment of the second before `seconds` on; all of it when that is early."""
    step = clip.sample_rate // 50
    power = np.square(clip.samples[: len(clip.samples) // step * step]).reshape(-1, step).mean(axis=1)
    first, last = round(50 * (seconds - WORDS_AGAIN)), round(50 * seconds)
    if first <= 0 or last > len(power):
        return clip
    at = first + int(np.argmin(power[first:last]))
    said = round(len(clip.text) * at / len(power))
    return replace(clip, samples=clip.samples[at * step :], text=clip.text[said:])
