"""One stretch of speech addressed to the assistant, and the times along its way to an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from assistant.speech.endpointing import EndOfSpeech
from assistant.speech.partials import Partial, PartialTranscripts
from assistant.types import AudioClip, Transcript
from assistant.voice.front_end import SoundBuffer
from assistant.voice.wake_verification import WakeCandidate

__all__ = ["BEFORE_SPEECH", "Milestones", "Utterance"]

BEFORE_SPEECH = 0.8
"""seconds before detected speech that belong to it: detection takes a moment, and first words matter"""
PARTIAL_EVERY = 0.8
"""seconds between two partial transcripts of continued speech"""
BREATHER = 3.0
"""times as long as the last one took, at least: transcribing must leave the processor time for other work"""


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
    """Follows one utterance, from second `start` on, through the loop's sound buffer.

    The clip transcribed at a pause is the very clip that the turn carries, so that it is transcribed once. What is
    softer than `floor` decibels is someone else's speech.
    """

    def __init__(
        self,
        why: str,
        start: float,
        end: EndOfSpeech,
        transcribe: Callable[[AudioClip], Awaitable[Transcript]],
        on_partial: Callable[[Utterance, Partial], Awaitable[None]],
        clock: Callable[[], float],
        floor: float = -100.0,
    ) -> None:
        self.why, self.start, self.end, self.floor = why, start, end, floor
        self.partials = PartialTranscripts(transcribe, lambda partial: on_partial(self, partial), clock)
        self.times = Milestones()
        self.speech_end = start
        """second of the last sound of speech"""
        self.speech_start = start
        """second of the first sound of speech"""
        self.words = ""
        """the newest partial transcript"""
        self.before, self.resumed_at = "", start
        """of the rest of a sentence: the words of its beginning, and the second at which it went on"""
        self._begun = end.spoke
        self.candidate: WakeCandidate | None = None
        """the wake word that began it"""

    def follow(self, sound: SoundBuffer, now: float) -> None:
        """Notes after each chunk where speech ended, and has new sound transcribed when it is time."""
        if not self.end.spoke:
            return
        if not self._begun:
            self._begun, self.speech_start = True, now - self.end.spoken - self.end.silence
            if self.why == "follow_up":  # the question's own last sound may be heard until then
                self.start = max(self.start, self.speech_start - BEFORE_SPEECH)
        if self.end.silence == 0.0:
            self.speech_end = now
        if self.end.pausing:
            if self.partials.offered < self.speech_end:
                self._offer(sound, now)
        elif not self.partials.busy:
            took = self.partials.last.took if self.partials.last else 0.0
            if now - max(self.partials.offered, self.start) >= max(PARTIAL_EVERY, BREATHER * took):
                self._offer(sound, now)

    async def whole(self, sound: SoundBuffer, now: float) -> Partial:
        """The transcript of all of it, usually there already; raises what transcribing raised."""
        if self.partials.offered < self.speech_end or not self.partials.offered:
            self._offer(sound, now)
        whole = await self.partials.of(self.speech_end)
        assert whole is not None
        return whole

    def _offer(self, sound: SoundBuffer, now: float) -> None:
        self.partials.offer(AudioClip(sound.between(self.start, now), 16_000, "voice"), now)
