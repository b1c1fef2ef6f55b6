"""A voice loop without sound card or models: scripted speech, a microphone, a recogniser, a backend and a loudspeaker.

::

    async def play() -> VoiceScenario:
        scene = Scene().silence(1).wake().say("roll a die").silence(3)
        return await VoiceScenario(scene, answers={"roll a die": "You rolled four."}).run()

    assert run_virtually(play()).said == ["You rolled four."]

Sound is numbers here (`assistant.testing.sound_scene`). A real recording may take its place, with the real, small
parts that need no weights::

    VoiceScenario(Recording(clip, "roll a die"), activity=VoiceActivity(), wake=WakeWords({"hey jarvis": 0.5}))
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assistant.bus import Bus
from assistant.events import Event, SoundLevel
from assistant.settings import load_settings
from assistant.speech.activity import VoiceActivity
from assistant.speech.stop_words import StopWords
from assistant.speech.wake import WakeHit, WakeWords
from assistant.testing.sound import (
    EchoingMicrophone,
    FakeActivity,
    FakeMicrophone,
    FakePlayer,
    FakeStopWords,
    FakeVoice,
    FakeWakeWords,
)
from assistant.testing.sound_scene import Recording, Scene
from assistant.types import AudioClip, Decision, Reply, Transcript, Turn, TurnResult
from assistant.voice.clock import SourceClock
from assistant.voice.interfaces import FrontEndParts, Outlook
from assistant.voice.loop import VoiceLoop

__all__ = [
    "EchoingMicrophone",
    "FakeActivity",
    "FakeBackend",
    "FakeMicrophone",
    "FakePlayer",
    "FakeStopWords",
    "FakeVoice",
    "FakeWakeWords",
    "Recording",
    "Scene",
    "VoiceScenario",
]


@dataclass
class FakeBackend:
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
    doubts: str | None = ""
    """why wake words do not count; "" when they do, None when that is unknown"""
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

    async def transcribe(self, clip: AudioClip) -> Transcript:
        """The words of the scene that are in the clip."""
        await asyncio.sleep(self.hearing)
        words = self.scene.words_in(clip)
        self.heard.append(words)
        return Transcript("", "", rejected=self.rejected) if self.rejected else Transcript(words, "en", -0.2)

    async def verify_wake_word(self, clip: AudioClip, hit: WakeHit) -> str | None:
        """As set."""
        if self.doubting:
            await asyncio.sleep(self.doubting)
        return self.doubts

    async def preview(self, session: str, text: str) -> Outlook:
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
        """The open question."""
        return self.question

    def rest(self) -> None:
        """Nothing to give back."""

    async def keep_latency(self, turn: str, latency_ms: Mapping[str, float]) -> None:
        """Keep it in `latencies`."""
        self.latencies[turn] = latency_ms


class VoiceScenario:
    """A voice loop among fakes; make and run it inside `run_virtually`.

    `activity` and `wake` replace those that know scripts, for a recording; `stop_words` (`FakeStopWords`) spot "stop"
    while it speaks; `voice` are settings of that section.
    """

    def __init__(
        self,
        scene: Scene,
        answers: Mapping[str, Any] | None = None,
        *,
        microphone: FakeMicrophone | None = None,
        activity: VoiceActivity | None = None,
        wake: WakeWords | None = None,
        stop_words: StopWords | None = None,
        **voice: Any,
    ) -> None:
        self.events: list[Event] = []
        self.backend = FakeBackend(scene, answers or {})
        self.player, self.activity, self.bus = FakePlayer(), activity or FakeActivity(), Bus()
        self.bus.listen(self.events.append)
        self.voice = FakeVoice()
        self.microphone = microphone or FakeMicrophone(scene)
        if isinstance(self.microphone, EchoingMicrophone):
            self.microphone.player = self.player
        settings, wake = load_settings({"voice": voice}), wake or FakeWakeWords()
        self.loop = VoiceLoop(
            self.microphone,
            self.backend,
            self.player,
            self.voice,
            FrontEndParts(self.activity, wake if settings.voice.mode == "wake" else None, stop_words),
            self.bus,
            settings,
            clock=SourceClock(asyncio.get_running_loop().time),
        )

    async def run(self) -> VoiceScenario:
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
