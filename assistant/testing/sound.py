"""A fake recogniser, microphone, voice and loudspeaker for a scene: no sound card, no model, no time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

import numpy as np

from assistant.speech.activity import VoiceActivity
from assistant.speech.stop_words import StopWords
from assistant.speech.wake import WakeHit, WakeWords
from assistant.testing.sound_scene import CHUNK, RATE, SOFTEST, WORD, Scene, loudness
from assistant.types import AudioClip, FloatArray

__all__ = [
    "EchoingMicrophone",
    "FakeActivity",
    "FakeMicrophone",
    "FakePlayer",
    "FakeStopWords",
    "FakeVoice",
    "FakeWakeWords",
]

STEP = 0.05
"""seconds of sound between two reports of what was played"""


class FakeMicrophone:
    """Plays a scene in (virtual) real time, whether or not the sound is taken.

    `away`, (second, seconds), unplugs the device for so long: no sound comes.
    """

    def __init__(self, scene: Scene, *, away: tuple[float, float] | None = None) -> None:
        self.dropped = 0
        self.came: float | None = None
        self._scene, self._away = scene, away
        self._chunks: deque[tuple[FloatArray, float]] = deque(maxlen=256)
        self._news = asyncio.Event()
        self._ended = False

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        playing = asyncio.create_task(self._play())
        try:
            while self._chunks or not self._ended:
                if self._chunks:
                    chunk, self.came = self._chunks.popleft()
                    yield chunk
                else:
                    self._news.clear()
                    await self._news.wait()
        finally:
            playing.cancel()
            with suppress(asyncio.CancelledError):
                await playing

    def heard(self, chunk: FloatArray) -> FloatArray:
        """The sound heard now."""
        return chunk

    async def _play(self) -> None:
        samples = self._scene.samples
        for at in range(0, len(samples), CHUNK):
            if self._away is not None and at / RATE >= self._away[0]:
                await asyncio.sleep(self._away[1])
                self._away = None
            await asyncio.sleep(CHUNK / RATE)
            self.dropped += len(self._chunks) == self._chunks.maxlen
            self._chunks.append((self.heard(samples[at : at + CHUNK]), asyncio.get_running_loop().time()))
            self._news.set()
        self._ended = True
        self._news.set()


class EchoingMicrophone(FakeMicrophone):
    """Hears all that `player` plays, `delay` seconds late, wherever the scene is silent: nothing takes it out."""

    def __init__(self, scene: Scene, delay: float) -> None:
        super().__init__(scene)
        self.player: FakePlayer | None = None
        self._delay = delay

    def heard(self, chunk: FloatArray) -> FloatArray:
        """The scene, or else the echo."""
        said = self.player.said_at(asyncio.get_running_loop().time() - self._delay) if self.player else None
        if said is None or chunk.any():
            return chunk
        return np.full(len(chunk), self._scene.echo(*said), np.float32)


class FakeActivity(VoiceActivity):
    """Takes everything loud enough for speech. Set `broken` to have it raise."""

    def __init__(self) -> None:
        self.broken = False

    def probability(self, chunk: FloatArray) -> float:
        """1 for speech, 0 for the rest."""
        if self.broken:
            raise RuntimeError("no model")
        return float(loudness(chunk) >= SOFTEST)

    def reset(self) -> None:
        """Nothing to forget."""


class FakeWakeWords(WakeWords):
    """Hears the wake word at its end."""

    def __init__(self) -> None:
        self._before = 0.0

    def process(self, chunk: FloatArray, at: float | None = None) -> list[WakeHit]:
        """A hit when the wake word has just ended."""
        before, self._before = self._before, loudness(chunk)
        return [WakeHit("hey jarvis", 0.99, at or 0.0)] if before > 0.8 >= self._before else []

    def reset(self) -> None:
        """Forget."""
        self._before = 0.0


class FakeStopWords(StopWords):
    """Spots the sentence "stop" of a scene at its end, and the same sentence when the assistant says it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._before = ""

    def process(self, chunk: FloatArray, own: FloatArray | None = None, *, another: bool | None = True) -> bool:
        """True when "stop" has just ended."""
        said, before = self._scene.line_at(chunk), self._before
        self._before = said
        return before == "stop" != said

    def reset(self) -> None:
        """Forget."""
        self._before = ""

    def forget_own(self) -> None:
        """Nothing to forget."""


class FakeVoice:
    """A clip per sentence, as long as it would be said."""

    def __init__(self) -> None:
        self.languages: list[str] = []
        """what each text was to be spoken in; "" where its letters decide"""

    def load(self) -> None:
        """Nothing to load."""

    def stream(self, text: str, language: str = "") -> Iterator[AudioClip]:
        """Silent clips that know their sentence."""
        self.languages.append(language)
        for sentence in text.replace("? ", "?|").replace(". ", ".|").split("|"):
            length = round(WORD * len(sentence.split()) * RATE)
            yield AudioClip(np.zeros(length, np.float32), RATE, sentence, sentence)


class FakePlayer:
    """Plays clips in (virtual) real time. Set `failure` to an error to have the device gone."""

    def __init__(self) -> None:
        self.on_first_sound: Callable[[float], object] | None = None
        self.on_played: Callable[[FloatArray, float], object] | None = None
        self.failure: Exception | None = None
        self.played: list[tuple[str, float, float]] = []
        """sentence, and the seconds at which it began and ended"""
        self._stopped = asyncio.Event()
        self._playing: tuple[str, float, float] | None = None

    def said_at(self, second: float) -> tuple[str, float] | None:
        """The sentence that sounded at a second, and its whole length in seconds; None for silence."""
        known = [*self.played, self._playing] if self._playing else self.played
        return next(((text, WORD * len(text.split())) for text, since, to in known if since <= second < to), None)

    def stop(self) -> None:
        """Fall silent."""
        self._stopped.set()

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Wait as long as the clips last."""
        self._stopped.clear()
        time = asyncio.get_running_loop().time
        first = True
        async for clip in clips:
            if self.failure is not None:
                raise self.failure
            if first and self.on_first_sound is not None:
                self.on_first_sound(time())
            first = False
            began, ends = time(), time() + clip.duration
            self._playing = clip.source, began, ends
            try:
                while (at := time()) < ends - 1e-6 and not self._stopped.is_set():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._stopped.wait(), min(STEP, ends - at))
                    if self.on_played is not None:
                        self.on_played(np.zeros(round((time() - at) * RATE), np.float32), at)
            finally:
                self._playing = None
                self.played.append((clip.source, began, time()))
            if self._stopped.is_set():
                return False
        return True
