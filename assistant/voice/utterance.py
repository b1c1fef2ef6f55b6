"""One stretch of speech, the wake word that began it and its verification, and the times to an answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from assistant.speech.endpointing import EndOfSpeech
from assistant.speech.partials import Partial, PartialTranscripts
from assistant.speech.wake import WakeHit
from assistant.speech.wake_verifier import BEFORE, FAINT
from assistant.types import AudioClip, Transcript
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.front_end import AudioFrontEnd, Chunk, SoundBuffer
from assistant.voice.interfaces import VoiceBackend

__all__ = ["BEFORE_SPEECH", "Milestones", "Utterance", "WakeCandidate", "WakeVerification"]

logger = logging.getLogger(__name__)

PATIENCE = 0.8
"""seconds after which the detector is believed: the user waits for a sign"""


@dataclass
class WakeCandidate:
    """A wake word that the detector found."""

    hit: WakeHit
    clip: AudioClip
    """the sound up to the hit"""
    second: float
    """of the hit"""
    floor: float
    """decibels below which speech comes from farther away"""
    rejection: str | None = None
    """why it does not count; "" when it does, None while that is not known"""
    since: list[tuple[float, Chunk]] = field(default_factory=list)
    """each chunk since then, with the second at which it ends"""


class WakeVerification:
    """Verifies one wake word at a time; `on_verdict` gets each candidate, with its `rejection` as far as it is known.

    Without a backend every word is accepted. Without loaded models the backend cannot tell: then the detector is
    believed for the moment, and the word is verified once there is a transcript.
    """

    def __init__(
        self,
        backend: VoiceBackend | None,
        front_end: AudioFrontEnd,
        clock: SourceClock,
        flow: FlowControl,
    ) -> None:
        self._backend, self._front_end, self._clock, self._flow = backend, front_end, clock, flow
        self.on_verdict: Callable[[WakeCandidate], object] = lambda candidate: None
        self._candidate: WakeCandidate | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> bool:
        """Whether a wake word waits for its verdict."""
        return self._candidate is not None

    def start(self, hit: WakeHit) -> None:
        """Starts to verify a wake word, unless another one waits."""
        if self._candidate is not None:
            return
        clip = AudioClip(self._front_end.sound.between(hit.at - BEFORE, hit.at), 16_000, "wake word")
        self._candidate = WakeCandidate(hit, clip, hit.at, self._front_end.floor())
        self._task = asyncio.create_task(self._run(self._candidate), name="verify the wake word")

    def keep(self, chunk: Chunk) -> None:
        """Keeps a chunk for the utterance that the wake word may begin."""
        if self._candidate is not None:
            self._candidate.since.append((self._clock.now, chunk))

    async def verify(self, candidate: WakeCandidate) -> str | None:
        """The verdict on a candidate; see `WakeCandidate.rejection`."""
        if candidate.rejection is None and self._backend is not None:
            candidate.rejection = await self._backend.verify_wake_word(candidate.clip, candidate.hit)
        return candidate.rejection

    def drop(self) -> list[asyncio.Task[None]]:
        """Forgets the candidate; returns the task to await before leaving."""
        task, self._task, self._candidate = self._task, None, None
        if task is None or task is asyncio.current_task():
            return []
        task.cancel()
        return [task]

    async def _run(self, candidate: WakeCandidate) -> None:
        with self._flow():
            try:
                async with asyncio.timeout(PATIENCE):
                    await self.verify(candidate)
            except TimeoutError:
                pass  # the models are busy
            except Exception:  # a failing verifier accepts the word
                logger.exception("wake-word verification")
            if candidate.hit.faint and candidate.rejection is None:
                candidate.rejection = FAINT
            self._candidate = self._task = None
            self.on_verdict(candidate)


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
