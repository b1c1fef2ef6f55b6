"""Echo cancellation: removes the assistant's own voice from the microphone's sound.

::

    played ─▶ timeline ─▶ aligned by the delay found ─▶ adaptive filter ─▶ predicted echo
                                                                              │
    microphone ───────────────────────────────────────────────────────────▶ minus ─▶ gate ─▶ clean
"""

from __future__ import annotations

from collections import deque

import numpy as np

from assistant.speech.echo_reference import DelayFinder, EchoFilter, Timeline
from assistant.speech.wake import WakeWords
from assistant.types import FloatArray

__all__ = ["EchoGuard"]

SAMPLE_RATE = 16_000
BLOCK = 512
PARTITIONS = 8
"""blocks (32 ms each) that the filter spans: how long the room may ring"""
AGREED = 80
"""samples (5 ms) by which two devices' clocks may part before the filter is moved"""
FOLLOWED = 3
"""samples by which the delay may change from look to look and still be followed by the filter alone"""
LEAD = 160
"""samples (10 ms) by which the filter begins before the delay found: the first sound is not always the loudest"""
LOOK_EVERY, LOOK_AGAIN = 8, 48
"""chunks between looks for the delay, before and after it was found"""
RINGING = 12
"""chunks (0.4 s) for which a room and the sound system's buffers ring on after the reply"""
SILENT = 1e-7
"""power below which nothing sounds (-70 dB)"""
MEMORY = 96
"""chunks (3 s) from which the usual remainder is known"""
LEARNING = 12
"""chunks (0.4 s) of a known echo that tell what remainder is usual; all is taken for our own voice until then"""
UNSURE = 64
"""chunks (2 s) at the beginning of a reply, at most, in which all is taken for our own voice: sound systems start
each reply with another delay, and until it is known again the voices cannot be separated"""
UNEXPLAINED = 10
"""chunks (0.3 s) for which a sound that the filter explains not at all may still be our own voice at a new delay"""
TRUSTED = 40
"""chunks (1.3 s) for which a second speaker, once found, is not questioned again"""
INSISTENT = 6
"""looks in a row that must agree on another delay in the midst of a reply when none of them is certain"""
SHORT = 12
"""chunks (0.4 s) that are compared to find that out"""
CHANCE = 16
"""chunks (0.5 s) of a reply in which the delay of the last one may prove right before an uncertain look is accepted"""
EXPLAINED = 0.2
"""share of the microphone's power that a filter may leave and still be right about the delay"""
PAUSE = 16
"""chunks (0.5 s) of silence after the ringing from which what comes is another reply"""
NO_ECHO = 128
"""chunks (4 s) of our own voice without a delay to be found, after which there is no echo: headphones"""
SPOKEN = 1.5
"""seconds for which a wake word counts as the assistant's own after it said it"""
ABOVE = 3.0
"""times the largest usual remainder from which a second speaker is assumed"""
SPREAD = 10.0
"""times the median by which the largest usual remainder may exceed it"""
OVER_NOISE = 4.0
"""times the power of the room's own noise from which a remainder is a sound at all"""
TAIL = 8
"""chunks (0.25 s) for which a second speaker counts as still speaking"""
PATIENCE = 160
"""chunks (5 s) of a second speaker after which the usual remainder is learned again: the room may have changed"""
PASSES = 2
"""times that the newest second is learned from when the delay has been found"""
CLOSED = 0.03
"""what the gate lets through of our own voice (-30 dB)"""


class EchoGuard:
    """Removes the assistant's own voice chunk by chunk, and says when there was nothing else.

    All times are seconds on the clock of the microphone's samples. What the filter leaves of our own voice is turned
    down. `words` detects wake words in what the assistant itself says; not the microphone's instance.
    """

    def __init__(self, *, words: WakeWords | None = None) -> None:
        self._words = words
        self._said: deque[tuple[str, float]] = deque(maxlen=16)
        self._filter = EchoFilter(BLOCK, PARTITIONS)
        self._timeline, self._finder = Timeline(), DelayFinder()
        self.reset()

    def reset(self) -> None:
        """Forgets the room: sound was lost, or comes from another device."""
        self._filter.reset()
        self.remainder: FloatArray = np.zeros(BLOCK, np.float32)
        """the newest chunk without the echo as far as it is predicted, and nothing turned down"""
        self.own: FloatArray | None = None
        """what the loudspeaker plays of it, as far as the delay is known; None where it plays nothing"""
        self._delay: int | None = None
        self._recent: deque[FloatArray] = deque(maxlen=DelayFinder.WINDOW // BLOCK + 1)
        self._remainders: deque[float] = deque(maxlen=MEMORY)
        self._played_power = self._rest_power = 0.0
        self._ringing = self._talking = self._talked = self._count = 0
        self._noise, self._loud = SILENT, False
        self._gain = 1.0
        self._ours = self._sure = False
        self._trusted = self._unsure = self._silent = self._drift = self._astray = self._agreeing = 0

    def played(self, samples: FloatArray, at: float) -> None:
        """Takes what the loudspeaker plays: (n,) float32 samples at 16 kHz, the first of them at second `at`."""
        self._timeline.put(np.asarray(samples, np.float32), at)
        if self._words is not None:
            end = at + len(samples) / SAMPLE_RATE
            self._said.extend((hit.word, end) for hit in self._words.process(samples, end))

    def said(self, word: str, at: float) -> bool:
        """Returns whether the assistant itself has just said the wake word found at second `at`."""
        return any(own == word and -SPOKEN < at - end < SPOKEN for own, end in self._said)

    def clean(self, chunk: FloatArray, at: float) -> FloatArray:
        """Removes the echo from the chunk, (512,) float32 at 16 kHz, that ends at second `at`."""
        end = round(at * SAMPLE_RATE)
        self._recent.append(chunk)
        reference = self._reference(end)
        self.remainder, self.own = chunk, None
        if not self._sounding(reference):
            self._rest(chunk)
            return chunk
        self._count += 1
        self._silent = 0
        if self._find_delay(end):
            reference = self._reference(end)
        rest = chunk - self._filter.predict(reference)
        if self._sure:
            self._filter.learn(rest)  # what is learned at the wrong delay would have to be unlearned
        power, left = float(np.mean(chunk**2)), float(np.mean(rest**2))
        if left > power:
            rest, left = chunk, power  # a filter that knows the room badly must not make it worse
        self.remainder, self.own = rest, reference
        self._grow_sure(power, left)
        self._judge(power, left)
        return self._gated(rest)

    def echoing(self, at: float) -> bool:
        """Returns whether the newest chunk held the assistant's own voice and no other."""
        return self._ours

    @property
    def another(self) -> bool | None:
        """Whether another voice may be heard in the newest chunk: more is left than usual; None while it is unknown."""
        if self.own is None:
            return self._loud
        return self._talking > 0 if self._sure else None

    @property
    def uncertain(self) -> bool:
        """Whether the newest chunk may hold another voice after all: it is not known yet."""
        return self._ours and self._sure and self._talking > 0

    def _reference(self, end: int) -> FloatArray:
        lag = 0 if self._delay is None else self._delay - LEAD
        return self._timeline.get(end - BLOCK - lag, BLOCK)

    def _sounding(self, reference: FloatArray) -> bool:
        power = float(np.mean(reference**2))
        self._played_power = max(power, 0.8 * self._played_power)  # falls as a room does, 30 dB in 1 s
        self._ringing = RINGING if power > SILENT else max(0, self._ringing - 1)
        return self._ringing > 0

    def _rest(self, chunk: FloatArray) -> None:
        """Follows the room's noise while nothing plays: down at once, up by 2 dB a second."""
        self._ours, self._talking, self._talked, self._gain = False, 0, 0, 1.0
        self._silent += 1
        if self._silent > PAUSE:
            self._sure, self._unsure = False, 0
        power = float(np.mean(chunk**2)) + SILENT
        self._loud = power > OVER_NOISE * self._noise
        self._noise = power if power < self._noise or self._noise == SILENT else self._noise * 1.015

    def _find_delay(self, end: int) -> bool:
        """Looks for the delay; True when it has changed."""
        unexplained = self._talking > 0 and self._delay is not None
        every = LOOK_AGAIN if self._sure and not self._talking else LOOK_EVERY
        if self._count % (2 if unexplained else every) or len(self._recent) * BLOCK < DelayFinder.WINDOW:
            return False
        recent = np.concatenate(self._recent)[-(SHORT * BLOCK if unexplained else DelayFinder.WINDOW) :]
        seen = self._finder.look(recent, self._timeline, end)
        if seen is None:
            return False
        if self._delay is not None and not seen.certain and not self._sure and self._unsure < CHANCE:
            return False  # what is known of the room may yet prove right
        before, self._sure, found = self._sure, True, seen.samples
        if self._delay is not None:
            drift = found - self._delay
            if abs(drift - self._drift) <= FOLLOWED and abs(drift) < AGREED:
                self._drift = drift  # the clocks of the two devices part slowly; the filter has followed
                return False
            same = abs(found - self._astray) <= FOLLOWED
            self._agreeing, self._astray = self._agreeing + 1 if same else 1, found
            enough = (1 if unexplained else 2) if seen.certain else INSISTENT
            if before and self._agreeing < enough:
                return False  # in the midst of a reply the delay seldom changes, and a look may err
        self._move(found, end)
        return True

    def _move(self, found: int, end: int) -> None:
        """Moves the filter to another delay in the same room."""
        if self._delay is None:
            self._filter.reset()
        self._delay = found - self._drift
        self._filter.loosen()
        self._remainders.clear()
        self._trusted = 0
        # What was heard before the delay was known teaches the room now, instead of the words to come.
        for _ in range(PASSES):
            for block, chunk in zip(range(len(self._recent) - 1, 0, -1), self._recent, strict=False):
                self._filter.learn(chunk - self._filter.predict(self._reference(end - block * BLOCK)))

    def _grow_sure(self, power: float, left: float) -> None:
        """Notes that the delay of this reply is known: the filter explains the sound, or there is no echo."""
        self._unsure += 1
        explained = power > OVER_NOISE * self._noise and left < EXPLAINED * power
        deaf = self._delay is None and self._count > NO_ECHO
        self._sure = self._sure or explained or deaf or self._unsure > UNSURE

    def _judge(self, power: float, left: float) -> None:
        """Decides whose voice is left: a second speaker leaves more than usual."""
        self._rest_power = 0.5 * self._rest_power + 0.5 * left
        remainder = self._rest_power / (self._played_power + SILENT)
        if not self._sure:
            self._ours = True
            if self._delay is None:  # what is left then is all that is heard
                self._remainders.append(remainder)
            return
        known = len(self._remainders) >= LEARNING
        middle, most = np.quantile(self._remainders, (0.5, 0.9)) if known else (0.0, 0.0)
        usual = min(float(most), SPREAD * float(middle))  # of which a word of someone else is only a part
        if known and remainder > ABOVE * usual and self._rest_power > OVER_NOISE * self._noise:
            self._talking = TAIL
        else:
            self._talking = max(0, self._talking - 1)
        self._talked = self._talked + 1 if self._talking else 0
        if not self._talking or self._talked > PATIENCE:
            self._remainders.append(remainder)
        self._trusted = TRUSTED if self._talked > UNEXPLAINED else max(0, self._trusted - 1)
        unexplained = self._delay is not None and left > power / 2 and not self._trusted
        self._ours = not self._talking or unexplained

    def _gated(self, rest: FloatArray) -> FloatArray:
        closed = self._ours and not self._talking  # an uncertain sound passes
        wanted = CLOSED if closed else 1.0
        ramp = np.linspace(self._gain, wanted, len(rest), dtype=np.float32)
        self._gain = wanted
        return np.asarray(rest * ramp, np.float32)
