"""Wake-word verification: a detected word waits a moment for the backend's verdict, while its sound is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.speech.speaker import BEFORE
from assistant.types import AudioClip
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.front_end import AudioFrontEnd, Chunk
from assistant.voice.interfaces import VoiceBackend, WakeHit

__all__ = ["WakeCandidate", "WakeVerification"]

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
        now = self._clock.now
        clip = AudioClip(self._front_end.sound.between(now - BEFORE, now), 16_000, "wake word")
        self._candidate = WakeCandidate(hit, clip, now, self._front_end.floor())
        self._task = asyncio.create_task(self._run(self._candidate), name="verify the wake word")

    def keep(self, chunk: Chunk) -> None:
        """Keeps a chunk for the utterance that the wake word may begin."""
        if self._candidate is not None:
            self._candidate.since.append((self._clock.now, chunk))

    async def verify(self, candidate: WakeCandidate) -> str | None:
        """The verdict on a candidate; see `WakeCandidate.rejection`."""
        if candidate.rejection is None and self._backend is not None:
            candidate.rejection = await self._backend.verify_wake_word(candidate.clip, candidate.hit.word)
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
            self._candidate = self._task = None
            self.on_verdict(candidate)
