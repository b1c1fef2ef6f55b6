"""A wake word waits a moment for a second opinion; what is said meanwhile is kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.speech.wake_likelihood import BEFORE
from assistant.types import AudioClip
from assistant.voice.clock import FlowControl, SourceClock
from assistant.voice.front_end import AudioFrontEnd, Chunk
from assistant.voice.interfaces import VoiceBackend, WakeHit

__all__ = ["WakeCandidate", "WakeVerification"]

logger = logging.getLogger(__name__)

PATIENCE = 0.8
"""seconds after which the detector is believed: who says the wake word waits for a sign"""


@dataclass
class WakeCandidate:
    """A wake word that the detector heard."""

    hit: WakeHit
    clip: AudioClip
    """the sound up to the hit"""
    second: float
    """of the hit"""
    floor: float
    """decibels below which speech is of somebody farther away"""
    doubt: str | None = None
    """why it does not count; "" when it does, None while that is not known"""
    since: list[tuple[float, Chunk]] = field(default_factory=list)
    """each chunk since then, with the second at which it ends"""


class WakeVerification:
    """Asks the house about each wake word, one at a time.

    A house whose models are not loaded cannot tell; then the detector is believed for the moment, and the opinion is
    asked for again once there is a transcript.

    Args:
        house: the assistant; None asks nobody, and believes the detector.
        ears: what was heard.
        clock: the sound's.
        hold: held while the house thinks about it.
        settled: told of each candidate, with its `doubt` as far as that is known.
    """

    def __init__(
        self,
        house: VoiceBackend | None,
        ears: AudioFrontEnd,
        clock: SourceClock,
        hold: FlowControl,
        settled: Callable[[WakeCandidate], object],
    ) -> None:
        self._house, self._ears, self._clock, self._hold, self._settled = house, ears, clock, hold, settled
        self._candidate: WakeCandidate | None = None
        self._asking: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> bool:
        """Whether a wake word waits for its opinion."""
        return self._candidate is not None

    def ask(self, hit: WakeHit) -> None:
        """The detector has heard a wake word."""
        if self._candidate is not None:
            return
        now = self._clock.now
        clip = AudioClip(self._ears.sound.cut(now - BEFORE, now), 16_000, "wake word")
        self._candidate = WakeCandidate(hit, clip, now, self._ears.floor())
        self._asking = asyncio.create_task(self._ask(self._candidate), name="doubt the wake word")

    def keep(self, chunk: Chunk) -> None:
        """Another chunk came."""
        if self._candidate is not None:
            self._candidate.since.append((self._clock.now, chunk))

    async def again(self, candidate: WakeCandidate) -> str | None:
        """The opinion on a candidate that had none; see `WakeCandidate.doubt`."""
        if candidate.doubt is None and self._house is not None:
            candidate.doubt = await self._house.doubt(candidate.clip, candidate.hit.word)
        return candidate.doubt

    def drop(self) -> list[asyncio.Task[None]]:
        """Forget the candidate; what is to be awaited before leaving."""
        asking, self._asking, self._candidate = self._asking, None, None
        if asking is None or asking is asyncio.current_task():
            return []
        asking.cancel()
        return [asking]

    async def _ask(self, candidate: WakeCandidate) -> None:
        with self._hold():
            try:
                async with asyncio.timeout(PATIENCE):
                    await self.again(candidate)
            except TimeoutError:
                pass  # the models are busy
            except Exception:  # whatever breaks there, a wake word that was heard is a wake word
                logger.exception("second opinion on a wake word")
            self._candidate = self._asking = None
            self._settled(candidate)
