"""What the voice loop hears: each chunk cleaned of our own voice, with what is known about it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from assistant.bus import Bus
from assistant.events import ItemsDropped, Notice, SoundLevel
from assistant.types import FloatArray
from assistant.voice.clock import SourceClock
from assistant.voice.interfaces import EchoGuard, Source, VoiceActivity, WakeHit, WakeWords
from assistant.voice.prebuffer import SoundBuffer, decibels

__all__ = ["AudioFrontEnd", "Chunk"]

logger = logging.getLogger(__name__)

SAMPLE_RATE = 16_000
TOO_LATE = 1.0
"""seconds behind the microphone from which we say so"""
WAKE_LENGTH = 0.8
"""seconds a wake word lasts"""
FAR_AWAY = 18.0
"""decibels that speech may be softer than the wake word and still be the same person's"""


@dataclass(frozen=True, eq=False)
class Chunk:
    """A stretch of sound, listened to."""

    seconds: float
    """its length"""
    speech: float | None
    """probability of speech, 0 to 1; None when it is not known"""
    decibels: float
    wake: WakeHit | None = None

    def near(self, floor: float) -> float | None:
        """The probability of speech, if it is louder than `floor` (decibels), and so the same person's."""
        return 0.0 if self.decibels < floor and self.speech is not None else self.speech


class AudioFrontEnd:
    """Takes chunks as they come.

    Args:
        source: asked how many chunks it has lost.
        activity: tells speech from everything else.
        wake: wake words; None listens for none.
        echo: takes our own voice out; None where it cannot be heard.
        clock: told of every chunk.
        bus: told of levels and losses.
    """

    def __init__(
        self,
        source: Source,
        activity: VoiceActivity,
        wake: WakeWords | None,
        echo: EchoGuard | None,
        clock: SourceClock,
        bus: Bus,
    ) -> None:
        self.sound = SoundBuffer()
        self._source, self._activity, self._wake, self._echo = source, activity, wake, echo
        self._clock, self._bus = clock, bus
        self._dropped = 0
        self._late = self._blind = False
        self._warm = False
        self._power: list[float] = []
        self._second = 0

    def hear(self, chunk: FloatArray, *, activity: bool) -> Chunk:
        """Take the next chunk.

        Args:
            chunk: (512,), float32 at 16 kHz.
            activity: whether anybody wants to know if somebody speaks; it costs a third of a millisecond.
        """
        chunk = np.clip(np.nan_to_num(chunk), -1.0, 1.0).astype(np.float32, copy=False)
        at = self._clock.advance(len(chunk))
        self._report()
        loud = decibels(chunk)
        self._measure(loud)
        clean = chunk if self._echo is None else self._echo.clean(chunk, at)
        self.sound.add(clean)
        hits = self._wake.hear(clean, at) if self._wake else ()
        hits = [hit for hit in hits if self._echo is None or not self._echo.said(hit.word, at)]
        echoing = self._echo is not None and self._echo.echoing(at)
        speech = self._speech(clean) if activity else None
        self._warm = activity
        if echoing:
            speech, hits = 0.0, ()
        return Chunk(len(chunk) / SAMPLE_RATE, speech, loud, hits[0] if hits else None)

    def floor(self) -> float:
        """Decibels below which speech is not of the person who has just said the wake word."""
        return decibels(self.sound.cut(self._clock.now - WAKE_LENGTH, self._clock.now)) - FAR_AWAY

    def played(self, samples: FloatArray, at: float) -> None:
        """The loudspeaker plays these samples, the first at second `at` of the sound's clock."""
        if self._echo is not None:
            self._echo.played(samples, at)

    def played_live(self, samples: FloatArray, at: float) -> None:
        """The same, with `at` on the wall's clock."""
        self.played(samples, self._clock.second_of(at))

    def gap(self) -> None:
        """Sound was lost: what was heard before and what comes now do not belong together."""
        self._clock.skip()
        self._activity.reset()
        for part in (self._wake, self._echo):
            if part is not None:
                part.reset()

    def _speech(self, chunk: FloatArray) -> float | None:
        try:
            if not self._warm:
                self._activity.reset()
            probability = self._activity.probability(chunk)
        except Exception as error:  # endpointing knows what to do without
            if not self._blind:
                logger.exception("voice activity")
                self._bus.publish(Notice(text=f"I cannot tell speech from silence: {error}"))
            self._blind = True
            return None
        self._blind = False
        return probability

    def _measure(self, loud: float) -> None:
        self._power.append(10 ** (loud / 10))
        if int(self._clock.now) > self._second:
            self._second = int(self._clock.now)
            level = 10 * float(np.log10(max(sum(self._power) / len(self._power), 1e-10)))
            self._power.clear()
            self._bus.publish(SoundLevel(decibels=round(level, 1), second=round(self._clock.now, 3)))

    def _report(self) -> None:
        if self._source.dropped > self._dropped:
            self._dropped = self._source.dropped
            self._bus.publish(ItemsDropped(queue="microphone", count=self._dropped))
        late = self._clock.lag > TOO_LATE
        if late and not self._late:
            self._bus.publish(
                Notice(text=f"I am {self._clock.lag:.1f} s behind the microphone: the computer is too busy.")
            )
        self._late = late
