"""The parts of one voice loop, connected to each other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from assistant.bus import Bus
from assistant.settings import Settings
from assistant.speech.endpointing import AdaptiveEndpointing
from assistant.types import FloatArray
from assistant.voice.acceptance import Acceptance
from assistant.voice.announcing import Announcer
from assistant.voice.answering import Answering
from assistant.voice.barge_in import BargeIn
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.front_end import AudioFrontEnd
from assistant.voice.interfaces import (
    EchoGuard,
    Player,
    Source,
    StopWords,
    Voice,
    VoiceActivity,
    VoiceBackend,
    WakeWords,
)
from assistant.voice.own_words import OwnWords
from assistant.voice.speaking import Speaker
from assistant.voice.streaming_recognition import StreamingRecognition
from assistant.voice.wake_verification import WakeVerification

__all__ = ["Parts", "Surroundings"]


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What a voice loop is given: its ears, its voice, and the assistant behind it."""

    source: Source
    backend: VoiceBackend
    player: Player
    voice: Voice
    activity: VoiceActivity
    wake: WakeWords | None = None
    wake_words: Collection[str] = ()
    echo: EchoGuard | None = None
    stop_words: StopWords | None = None


class Parts:
    """Builds the parts and connects them."""

    def __init__(
        self,
        given: Surroundings,
        bus: Bus,
        settings: Settings,
        session: str,
        clock: SourceClock,
        flow: FlowControl,
    ) -> None:
        voice, backend = settings.voice, given.backend
        self.announce = Announcer(bus, session, clock)
        wake = given.wake if voice.mode == "wake" else None
        self.front_end = AudioFrontEnd(given.source, given.activity, wake, given.echo, clock, bus, given.stop_words)
        verifier = backend if voice.wake_check or voice.only_enrolled else None
        self.verification = WakeVerification(verifier, self.front_end, clock, flow)
        self.own_words = OwnWords()
        self.speaker = Speaker(given.voice, given.player, flow, self.own_words)
        self.answering = Answering(backend, self.speaker, clock, self.announce, voice.deadline)
        given.player.on_first_sound = self.answering.first_sound
        given.player.on_played = self._played
        endpointing = AdaptiveEndpointing(voice.silence)
        self.recognition = StreamingRecognition(
            backend, self.announce, voice, given.wake_words, endpointing, clock, flow
        )
        self.barge_in = BargeIn(self.recognition, endpointing, clock, self.front_end.sound, voice.longest)
        self.acceptance = Acceptance(self.recognition, self.verification, self.own_words, self.front_end.sound, clock)

    def _played(self, samples: FloatArray, at: float) -> None:
        """The loudspeaker has played these samples, at `at` on its clock."""
        seconds = len(samples) / 16_000
        self.speaker.played(seconds)
        second = self.front_end.played(samples, at)
        self.own_words.played(second, second + seconds)
