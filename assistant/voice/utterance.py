"""One stretch of speech that is meant for the assistant, and the times along its way to an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assistant.settings import Voice
from assistant.speech.endpointing import AdaptiveEndpointing, EndOfSpeech
from assistant.speech.partials import Heard, PartialTranscripts
from assistant.types import AudioClip, Transcript
from assistant.voice.clock import SourceClock
from assistant.voice.prebuffer import SoundBuffer
from assistant.voice.wake_verification import WakeCandidate

__all__ = ["Milestones", "Utterance", "Utterances"]

PARTIAL_EVERY = 0.8
"""seconds between two partial transcripts of somebody who goes on speaking"""
BREATHER = 3.0
"""times as long as the last one took, at least: listening must not take all of the processor"""


@dataclass
class Milestones:
    """Moments of one utterance on the wall's clock, seconds."""

    speech_end: float = 0.0
    endpoint: float = 0.0
    transcript: float = 0.0
    reply: float = 0.0
    voice: float = 0.0
    first_sound: float = 0.0

    def latency_ms(self) -> dict[str, float]:
        """Milliseconds per step from the real end of speech to the first sound, and for the whole."""
        steps = {
            "endpoint": self.endpoint - self.speech_end,
            "transcript": self.transcript - self.endpoint,
            "reply": self.reply - self.transcript,
            "voice": self.voice - self.reply,
            "loudspeaker": self.first_sound - self.voice,
            "to first sound": self.first_sound - self.speech_end,
        }
        return {step: round(1000 * seconds, 1) for step, seconds in steps.items()}


class Utterance:
    """What is being said.

    Its sound lies in the loop's buffer from `start` on. The clip that is listened to at a pause is the very clip
    that the turn carries, so that it is listened to once.

    Args:
        why: why we listen, see `ListeningStarted`.
        start: second from which its sound counts.
        end: its endpointing.
        hear: listens to a clip.
        understood: told of each partial transcript.
        clock: the wall's.
        floor: decibels below which speech is somebody else's, far away.
    """

    def __init__(
        self,
        why: str,
        start: float,
        end: EndOfSpeech,
        hear: Callable[[AudioClip], Awaitable[Transcript]],
        understood: Callable[[Utterance, Heard], Awaitable[None]],
        clock: Callable[[], float],
        floor: float = -100.0,
    ) -> None:
        self.why, self.start, self.end, self.floor = why, start, end, floor
        self.partials = PartialTranscripts(hear, lambda heard: understood(self, heard), clock)
        self.times = Milestones()
        self.speech_end = start
        """second of the last sound of speech"""
        self.words = ""
        """what was understood so far"""
        self.candidate: WakeCandidate | None = None
        """the wake word that began it"""

    def follow(self, sound: SoundBuffer, now: float) -> None:
        """After each chunk: remember where speech ended, and have what is new listened to when it is time."""
        if not self.end.heard:
            return
        if self.end.silence == 0.0:
            self.speech_end = now
        if self.end.pausing:
            if self.partials.asked < self.speech_end:
                self.partials.offer(self.clip(sound, now), now)
        elif not self.partials.busy and now - max(self.partials.asked, self.start) >= self._every():
            self.partials.offer(self.clip(sound, now), now)

    def clip(self, sound: SoundBuffer, until: float) -> AudioClip:
        """Its sound so far."""
        return AudioClip(sound.cut(self.start, until), 16_000, "voice")

    async def heard(self, sound: SoundBuffer, now: float) -> Heard:
        """All of it, listened to: as a rule that has been done already.

        Raises:
            Exception: what listening raised.
        """
        if self.partials.asked < self.speech_end or not self.partials.asked:
            self.partials.offer(self.clip(sound, now), now)
        heard = await self.partials.of(self.speech_end)
        assert heard is not None
        return heard

    def _every(self) -> float:
        took = self.partials.last.took if self.partials.last else 0.0
        return max(PARTIAL_EVERY, BREATHER * took)


class Utterances:
    """Opens utterances that end as the settings and the speaker's pace want.

    Args:
        settings: section `voice`.
        pace: the speaker's.
        hear: listens to a clip.
        understood: told of each partial transcript.
        clock: the sound's.
    """

    def __init__(
        self,
        settings: Voice,
        pace: AdaptiveEndpointing,
        hear: Callable[[AudioClip], Awaitable[Transcript]],
        understood: Callable[[Utterance, Heard], Awaitable[None]],
        clock: SourceClock,
    ) -> None:
        self._settings, self._pace, self._clock = settings, pace, clock
        self._hear, self._understood = hear, understood

    def open(
        self,
        why: str,
        start: float,
        *,
        begun: bool = False,
        grace: float = 0.0,
        patience: float | None = None,
        floor: float = -100.0,
    ) -> Utterance:
        """Begin to listen.

        Args:
            why: see `ListeningStarted`.
            start: second from which the sound counts.
            begun: whether speech is under way already.
            grace: seconds at the start that are no speech of this utterance.
            patience: seconds to wait for speech; None is as set.
            floor: decibels below which speech is somebody else's.
        """
        end = EndOfSpeech(
            self._pace,
            patience=patience or self._settings.patience,
            longest=self._settings.longest,
            early=self._settings.early_silence,
            begun=begun,
            grace=grace,
        )
        utterance = Utterance(why, max(0.0, start), end, self._hear, self._understood, self._clock.wall, floor)
        utterance.speech_end = self._clock.now
        return utterance
