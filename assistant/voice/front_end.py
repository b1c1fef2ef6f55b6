"""The audio front end: each chunk cleaned of the assistant's own voice, with what is known about it, and kept."""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass

import numpy as np

from assistant.bus import Bus
from assistant.events import ItemsDropped, Notice, SoundLevel
from assistant.speech.wake import WakeHit
from assistant.types import FloatArray
from assistant.voice.clock import SourceClock
from assistant.voice.interfaces import FrontEndParts, Source

__all__ = ["AudioFrontEnd", "Chunk", "SoundBuffer", "decibels"]

logger = logging.getLogger(__name__)

SAMPLE_RATE = 16_000
CHUNK = 0.032
"""seconds of sound in a chunk"""
TOO_LATE = 1.0
"""seconds behind the microphone from which a notice is published, and no sound interrupts a reply"""
HOPELESS = 4.0
"""seconds behind the microphone from which a request would be answered too late"""
CAUGHT_UP = 0.3
"""seconds behind the microphone that count as none"""
WAKE_LENGTH = 0.8
"""seconds a wake word lasts"""
FAR_AWAY = 18.0
"""decibels that speech may be softer than the wake word and still be the same person's"""


def decibels(samples: FloatArray) -> float:
    """Root mean square, dB below full scale; -100 for silence."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return 10 * float(np.log10(max(power, 1e-10)))


class SoundBuffer:
    """The newest seconds of a stream, `kept` by default and `most` at most, addressed by the stream's own clock."""

    def __init__(self, kept: float = 2.0, most: float = 40.0) -> None:
        self._kept, self._most = int(kept * SAMPLE_RATE), int(most * SAMPLE_RATE)
        self._chunks: deque[FloatArray] = deque()
        self._begin = self._end = 0
        self.keep_from: float | None = None
        """second from which everything is kept; None to keep the default"""

    def add(self, chunk: FloatArray) -> None:
        """Appends a chunk and drops the oldest."""
        self._chunks.append(chunk)
        self._end += len(chunk)
        wanted = self._end - self._kept
        if self.keep_from is not None:
            wanted = min(wanted, max(int(self.keep_from * SAMPLE_RATE), self._end - self._most))
        while self._chunks and self._begin + len(self._chunks[0]) <= wanted:
            self._begin += len(self._chunks.popleft())

    def between(self, start: float, end: float) -> FloatArray:
        """The samples between two seconds, (n,) float32; fewer when some are gone or not there yet."""
        if not self._chunks:
            return np.zeros(0, np.float32)
        samples = np.concatenate(self._chunks)
        first, last = (max(0, round(second * SAMPLE_RATE) - self._begin) for second in (start, end))
        return samples[first:last]


@dataclass(frozen=True, eq=False)
class Chunk:
    """A chunk of sound with what was found in it."""

    seconds: float
    """its length"""
    speech: float | None
    """probability of speech, 0 to 1; None when it is not known"""
    decibels: float
    wake: WakeHit | None = None
    doubted: float = 0.0
    """the probability of speech that is perhaps the assistant's own"""
    stop: bool = False
    """whether a stop word has just ended"""
    stale: bool = False
    """whether it was heard so late that it was thrown away"""
    after_gap: bool = False
    """whether sound before it never came"""

    def speech_above(self, floor: float) -> float | None:
        """The probability of speech, 0 for sound softer than `floor` (decibels), which is someone else's."""
        return 0.0 if self.decibels < floor and self.speech is not None else self.speech


class AudioFrontEnd:
    """Cleans each chunk, looks for wake words and speech in it, and reports levels and losses on the bus."""

    def __init__(self, source: Source, parts: FrontEndParts, clock: SourceClock, bus: Bus) -> None:
        self.sound = SoundBuffer()
        self._source, self._activity, self._wake = source, parts.activity, parts.wake
        self._echo, self._stop_words = parts.echo, parts.stop_words
        self._clock, self._bus = clock, bus
        self._spotting = False
        self._dropped = 0
        self._late = self._failing = False
        self._warm = False
        self._power: list[float] = []
        self._second = 0
        self._stale = 0

    def process(self, chunk: FloatArray, *, activity: bool, spot: bool = False, latest: float = HOPELESS) -> Chunk:
        """Processes the next chunk, (512,) float32 at 16 kHz.

        With `activity` the probability of speech is computed, which takes a third of a millisecond; with `spot` stop
        words are spotted. What is heard more than `latest` seconds late is thrown away: it counts as silence.
        """
        chunk = np.clip(np.nan_to_num(chunk), -1.0, 1.0).astype(np.float32, copy=False)
        at = self._clock.advance(len(chunk), self._source.came)
        self._report()
        if self._clock.missing:
            self._bus.publish(ItemsDropped(queue="sound that never came", count=round(self._clock.missing / CHUNK)))
            if self._echo is not None:
                self._echo.reset()  # what is played is heard at other seconds now
        loud = decibels(chunk)
        self._measure(loud)
        clean = chunk if self._echo is None else self._echo.clean(chunk, at)
        if self._thrown_away(latest):
            self.sound.add(np.zeros_like(clean))
            self._warm = False
            return Chunk(len(chunk) / SAMPLE_RATE, 0.0 if activity else None, -100.0, stale=True)
        self.sound.add(clean)
        hits = self._wake.process(clean, at) if self._wake else ()
        hits = [hit for hit in hits if self._echo is None or not self._echo.said(hit.word, at)]
        echoing = self._echo is not None and self._echo.echoing(at)
        speech = self._speech(clean) if activity else None
        self._warm = activity
        doubted = 0.0
        if echoing:
            doubted = speech or 0.0 if self._echo is not None and self._echo.uncertain else 0.0
            speech, hits = 0.0, ()
        stop = self._spotted(clean) if spot else False
        self._spotting = spot
        gap = self._clock.missing > 0
        return Chunk(len(chunk) / SAMPLE_RATE, speech, loud, hits[0] if hits else None, doubted, stop, after_gap=gap)

    def _spotted(self, clean: FloatArray) -> bool:
        """Returns whether a stop word has just ended, however softly it is heard under the assistant's own voice."""
        if self._stop_words is None:
            return False
        if not self._spotting:
            self._stop_words.reset()
        if self._echo is None:
            return self._stop_words.process(clean)
        return self._stop_words.process(self._echo.remainder, self._echo.own, another=self._echo.another)

    def floor(self) -> float:
        """Decibels below which speech is farther away than the person who has just said the wake word."""
        return decibels(self.sound.between(self._clock.now - WAKE_LENGTH, self._clock.now)) - FAR_AWAY

    def played(self, samples: FloatArray, at: float) -> float:
        """Gives the echo guard what the loudspeaker plays, its first sample at `at` on the loudspeaker's clock.

        Returns the second of sound at which that first sample is heard.
        """
        second = self._clock.second_of(at) if self._clock.live else at
        if self._echo is not None:
            self._echo.played(samples, second)
        return second

    def cut(self) -> None:
        """Notes that the assistant was cut in the midst of a word."""
        if self._stop_words is not None:
            self._stop_words.forget_own()

    def gap(self) -> None:
        """Resets every part after a loss of sound."""
        self._clock.skip()
        self._activity.reset()
        for part in (self._wake, self._echo):
            if part is not None:
                part.reset()

    def _thrown_away(self, latest: float) -> bool:
        """Returns whether the newest chunk comes too late; counts those that did, and says how many when it is over."""
        if self._clock.lag > (CAUGHT_UP if self._stale else latest):
            self._stale += 1
            return True
        if self._stale:
            count, self._stale = self._stale, 0
            self._bus.publish(ItemsDropped(queue="sound heard too late", count=count))
            self._bus.publish(Notice(text=f"I have thrown {count * CHUNK:.1f} s of sound away that I heard too late."))
        return False

    def _speech(self, chunk: FloatArray) -> float | None:
        try:
            if not self._warm:
                self._activity.reset()
            probability = self._activity.probability(chunk)
        except Exception as error:  # endpointing works without it
            if not self._failing:
                logger.exception("voice activity")
                self._bus.publish(Notice(text=f"I cannot tell speech from silence: {error}"))
            self._failing = True
            return None
        self._failing = False
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
