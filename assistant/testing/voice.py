"""A voice loop without sound card or models: scripted speech, a microphone, ears, a house and a loudspeaker.

::

    scene = Scene().silence(1).wake().say("roll a die").silence(3)
    stage = Stage(scene, answers={"roll a die": "You rolled four."})
    run_virtually(stage.run())
    assert stage.said == ["You rolled four."]

Sound is numbers here: each sentence has a loudness of its own, by which `FakeHouse` knows what was said.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from assistant.bus import Bus
from assistant.daemon.clock import SourceClock
from assistant.daemon.loop import VoiceLoop
from assistant.daemon.ports import Outlook
from assistant.events import Event, SoundLevel
from assistant.messages import AudioClip, Decision, FloatArray, Reply, Transcript, Turn, TurnResult
from assistant.settings import Settings, load_settings

__all__ = [
    "FakeActivity",
    "FakeHouse",
    "FakeMicrophone",
    "FakePlayer",
    "FakeVoice",
    "FakeWakeHit",
    "FakeWakeWords",
    "Scene",
    "Stage",
]

RATE, CHUNK = 16_000, 512
SOFTEST, STEP = 0.1, 0.001
WAKE = 0.9
NOISE = 0.01
WORD = 0.3
"""seconds a word lasts"""


class Scene:
    """What the microphone will hear; build it by chaining."""

    def __init__(self) -> None:
        self._parts: list[FloatArray] = []
        self.lines: list[str] = []
        """the sentences, in order"""

    @property
    def seconds(self) -> float:
        """Its length so far."""
        return sum(len(part) for part in self._parts) / RATE

    @property
    def samples(self) -> FloatArray:
        """All of it, (n,), float32."""
        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.float32)

    def silence(self, seconds: float) -> Scene:
        """Nothing is heard."""
        return self._add(0.0, seconds)

    def noise(self, seconds: float) -> Scene:
        """Something is heard, and it is no speech."""
        return self._add(NOISE, seconds)

    def say(self, words: str, seconds: float = 0.0) -> Scene:
        """Somebody says a sentence; a third of a second per word unless told otherwise."""
        self.lines.append(words)
        return self._add(SOFTEST + STEP * (len(self.lines) - 1), seconds or WORD * len(words.split()))

    def wake(self, seconds: float = 0.6) -> Scene:
        """Somebody says the wake word."""
        return self._add(WAKE, seconds)

    def _add(self, loudness: float, seconds: float) -> Scene:
        self._parts.append(np.full(round(seconds * RATE / CHUNK) * CHUNK, loudness, np.float32))
        return self

    def words_in(self, clip: AudioClip) -> str:
        """What is said in a clip: of each sentence as many words as there is sound of it."""
        words: list[str] = []
        for number, line in enumerate(self.lines):
            loudness = SOFTEST + STEP * number
            whole = sum(part.size for part in self._parts if abs(_loudness(part) - loudness) < STEP / 2)
            there = int((np.abs(clip.samples - loudness) < STEP / 2).sum())
            words += line.split()[: round(len(line.split()) * min(1.0, there / whole))]
        return " ".join(words)


def _loudness(samples: FloatArray) -> float:
    return float(samples[0]) if len(samples) else 0.0


class FakeMicrophone:
    """Plays a scene in (virtual) real time, whether or not somebody takes the sound.

    Args:
        scene: what is heard.
        waiting: chunks that wait at most; the oldest are dropped and counted.
        away: (second, seconds): the device is unplugged for so long, and no sound comes.
    """

    def __init__(self, scene: Scene, *, waiting: int = 256, away: tuple[float, float] | None = None) -> None:
        self.dropped = 0
        self._scene, self._away = scene, away
        self._chunks: deque[FloatArray] = deque(maxlen=waiting)
        self._news = asyncio.Event()
        self._ended = False

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        playing = asyncio.create_task(self._play())
        try:
            while self._chunks or not self._ended:
                if self._chunks:
                    yield self._chunks.popleft()
                else:
                    self._news.clear()
                    await self._news.wait()
        finally:
            playing.cancel()
            with suppress(asyncio.CancelledError):
                await playing

    async def _play(self) -> None:
        samples = self._scene.samples
        for at in range(0, len(samples), CHUNK):
            if self._away is not None and at / RATE >= self._away[0]:
                await asyncio.sleep(self._away[1])
                self._away = None
            await asyncio.sleep(CHUNK / RATE)
            self.dropped += len(self._chunks) == self._chunks.maxlen
            self._chunks.append(samples[at : at + CHUNK])
            self._news.set()
        self._ended = True
        self._news.set()


class FakeActivity:
    """Takes everything loud enough for speech. Set `broken` to have it raise."""

    def __init__(self) -> None:
        self.broken = False

    def probability(self, chunk: FloatArray) -> float:
        """1 for speech, 0 for the rest."""
        if self.broken:
            raise RuntimeError("no model")
        return float(_loudness(chunk) >= SOFTEST)

    def reset(self) -> None:
        """Nothing to forget."""


@dataclass(frozen=True)
class FakeWakeHit:
    """A wake word."""

    word: str = "hey jarvis"
    probability: float = 0.99


class FakeWakeWords:
    """Hears the wake word at its end."""

    def __init__(self) -> None:
        self._before = 0.0

    def hear(self, chunk: FloatArray, at: float | None = None) -> list[FakeWakeHit]:
        """A hit when the wake word has just ended."""
        before, self._before = self._before, _loudness(chunk)
        return [FakeWakeHit()] if before > 0.8 >= self._before else []

    def reset(self) -> None:
        """Forget."""
        self._before = 0.0


@dataclass
class FakeHouse:
    """Answers from a table."""

    scene: Scene
    answers: Mapping[str, Any] = field(default_factory=dict)
    """words → text, `Reply`, exception, or a coroutine function of the turn; others are out of scope"""
    hearing: float = 0.2
    """seconds that listening to a clip takes"""
    answering: float = 0.05
    """seconds that an answer takes"""
    question: Reply | None = None
    """what is still open from before"""
    rejected: str = ""
    """why every transcript is thrown away"""
    whole: bool | None = True
    """whether wake words are said whole; None when that cannot be told"""
    doubting: float = 0.0
    """seconds that the second opinion on a wake word takes"""
    sure: float = 0.95
    """how sure of every request"""
    turns: list[Turn] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)
    """what was listened to, one entry per clip"""
    latencies: dict[str, Mapping[str, float]] = field(default_factory=dict)
    warm: bool = False

    def warm_up(self) -> None:
        """Remember that it was asked to."""
        self.warm = True

    async def hear(self, clip: AudioClip) -> Transcript:
        """The words of the scene that are in the clip."""
        await asyncio.sleep(self.hearing)
        words = self.scene.words_in(clip)
        self.heard.append(words)
        return Transcript("", "", rejected=self.rejected) if self.rejected else Transcript(words, "en", -0.2)

    async def said_whole(self, clip: AudioClip, word: str) -> bool | None:
        """As set."""
        if self.doubting:
            await asyncio.sleep(self.doubting)
        return self.whole

    async def foresee(self, session: str, text: str) -> Outlook:
        """Complete when it is in the table."""
        await asyncio.sleep(0.02)
        known = text in self.answers
        return Outlook("test.it", self.sure, "answer" if known else "out_of_scope", known)

    async def respond(self, turn: Turn) -> TurnResult:
        """The answer of the table."""
        self.turns.append(turn)
        await asyncio.sleep(self.answering)
        answer = self.answers.get(turn.utterance, "I don't know.")
        if isinstance(answer, Exception):
            raise answer
        if callable(answer):
            answer = await answer(turn)
        reply = answer if isinstance(answer, Reply) else Reply(answer)
        self.question = reply if reply.follow_up else None
        return TurnResult(turn, Decision("test.it", self.sure, "answer"), reply, {"total": 1.0})

    async def open_question(self, session: str) -> Reply | None:
        """What is still open."""
        return self.question

    def rest(self) -> None:
        """Nothing to give back."""

    async def keep_latency(self, turn: str, latency_ms: Mapping[str, float]) -> None:
        """Keep it in `latencies`."""
        self.latencies[turn] = latency_ms


class FakeVoice:
    """A clip per sentence, as long as it would be said."""

    def load(self) -> None:
        """Nothing to load."""

    def stream(self, text: str) -> Iterator[AudioClip]:
        """Silent clips that know their sentence."""
        for sentence in text.replace("? ", "?|").replace(". ", ".|").split("|"):
            yield AudioClip(np.zeros(round(WORD * len(sentence.split()) * RATE), np.float32), RATE, sentence)


class FakePlayer:
    """Plays clips in (virtual) real time. Set `failure` to an error to have the device gone."""

    def __init__(self) -> None:
        self.on_first_sound: Callable[[float], object] | None = None
        self.on_played: Callable[[FloatArray, float], object] | None = None
        self.failure: Exception | None = None
        self.played: list[tuple[str, float, float]] = []
        """sentence, and the seconds at which it began and ended"""
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        """Fall silent."""
        self._stopped.set()

    async def say(self, clips: AsyncIterator[AudioClip]) -> bool:
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
            began = time()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), clip.duration)
            self.played.append((clip.source, began, time()))
            if self.on_played is not None:
                self.on_played(np.zeros(round((time() - began) * RATE), np.float32), began)
            if self._stopped.is_set():
                return False
        return True


class Stage:
    """A voice loop among fakes; make and run it inside `run_virtually`.

    Args:
        scene: what is heard.
        answers: see `FakeHouse.answers`.
        microphone: instead of a plain one.
        voice: settings of the section `voice`.
    """

    def __init__(
        self,
        scene: Scene,
        answers: Mapping[str, Any] | None = None,
        *,
        microphone: FakeMicrophone | None = None,
        **voice: Any,
    ) -> None:
        self.events: list[Event] = []
        self.house = FakeHouse(scene, answers or {})
        self.player, self.activity, self.bus = FakePlayer(), FakeActivity(), Bus()
        self.bus.listen(self.events.append)
        settings: Settings = load_settings({"voice": voice})
        self.microphone = microphone or FakeMicrophone(scene)
        self.loop = VoiceLoop(
            self.microphone,
            self.house,
            self.player,
            FakeVoice(),
            self.activity,
            self.bus,
            settings,
            wake=FakeWakeWords(),
            wake_words=("hey jarvis",),
            clock=SourceClock(asyncio.get_running_loop().time),
        )

    async def run(self) -> Stage:
        """Play the scene to its end."""
        await self.loop.run()
        return self

    @property
    def said(self) -> list[str]:
        """The sentences that were said, cut short or not."""
        return [sentence for sentence, _, _ in self.player.played]

    @property
    def milestones(self) -> list[str]:
        """The names of the events, levels left out."""
        return [type(event).__name__ for event in self.events if not isinstance(event, SoundLevel)]

    def of(self, kind: type[Event]) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]
