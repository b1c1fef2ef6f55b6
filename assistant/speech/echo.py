"""The assistant's own voice, taken out of what the microphone hears.

::

    played ─▶ timeline ─▶ aligned by the delay found ─▶ adaptive filter ─▶ predicted echo
                                                                              │
    microphone ───────────────────────────────────────────────────────────▶ minus ─▶ gate ─▶ clean
"""

from __future__ import annotations

from collections import deque

import numpy as np

from assistant.messages import FloatArray
from assistant.speech.echo_filter import EchoFilter
from assistant.speech.echo_reference import DelayFinder, Timeline

__all__ = ["EchoGuard"]

SAMPLE_RATE = 16_000
BLOCK = 512
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
"""chunks (0.4 s) at the very beginning in which all is taken for our own voice"""
ABOVE = 3.0
"""times the largest usual remainder from which somebody else is speaking"""
OVER_NOISE = 4.0
"""times the power of the room's own noise from which a remainder is a sound at all"""
HOLD = 8
"""chunks (0.25 s) for which somebody counts as still speaking"""
PATIENCE = 160
"""chunks (5 s) of somebody speaking after which the usual remainder is learned anew: the room may have changed"""
CLOSED = 0.03
"""what the gate lets through of our own voice (-30 dB)"""


class EchoGuard:
    """Takes our own voice out, chunk by chunk, and says when there was nothing else.

    All times are seconds on the clock of the microphone's samples.

    Args:
        partitions: times 32 ms that the filter spans: how long the room may ring.
        gate: whether what the filter leaves of our own voice is turned down.
    """

    def __init__(self, partitions: int = 8, *, gate: bool = True) -> None:
        self._gate = gate
        self._filter = EchoFilter(BLOCK, partitions)
        self._timeline, self._finder = Timeline(), DelayFinder()
        self.reset()

    def reset(self) -> None:
        """Sound was lost, or the device is another: the room must be learned anew."""
        self._filter.reset()
        self._delay: int | None = None
        self._heard: deque[FloatArray] = deque(maxlen=DelayFinder.WINDOW // BLOCK + 1)
        self._remainders: deque[float] = deque(maxlen=MEMORY)
        self._played_power = self._rest_power = 0.0
        self._ringing = self._talking = self._talked = self._count = 0
        self._noise = SILENT
        self._gain = 1.0
        self._ours = False

    @property
    def delay(self) -> float | None:
        """Seconds between a sample's stated time and its echo; None before it was found."""
        return None if self._delay is None else self._delay / SAMPLE_RATE

    def played(self, samples: FloatArray, at: float) -> None:
        """The loudspeaker plays (n,) float32 samples at 16 kHz, the first of them at second `at`."""
        self._timeline.put(np.asarray(samples, np.float32), at)

    def clean(self, chunk: FloatArray, at: float) -> FloatArray:
        """The chunk, (512,) float32 at 16 kHz, that ends at second `at`, without our own voice."""
        end = round(at * SAMPLE_RATE)
        self._heard.append(chunk)
        reference = self._reference(end)
        if not self._sounding(reference, end):
            self._ours, self._talking, self._talked, self._gain = False, 0, 0, 1.0
            self._listen_to_the_room(chunk)
            return chunk
        if self._find_delay(end):
            reference = self._reference(end)
        rest = chunk - self._filter.predict(reference)
        self._filter.learn(rest)
        if np.mean(rest**2) > np.mean(chunk**2):
            rest = chunk  # a filter that knows the room badly must not make it worse
        self._judge(reference, rest)
        return self._gated(rest)

    def echoing(self, at: float) -> bool:
        """Whether the newest chunk held our own voice and nobody else's."""
        return self._ours

    def _reference(self, end: int) -> FloatArray:
        lag = 0 if self._delay is None else self._delay - LEAD
        return self._timeline.get(end - BLOCK - lag, BLOCK)

    def _sounding(self, reference: FloatArray, end: int) -> bool:
        power = float(np.mean(reference**2))
        self._played_power = max(power, 0.8 * self._played_power)  # falls as a room does, 30 dB in 1 s
        self._ringing = RINGING if power > SILENT else max(0, self._ringing - 1)
        return self._ringing > 0

    def _listen_to_the_room(self, chunk: FloatArray) -> None:
        """Follow the softest the room gets: down at once, up by 1 dB a second."""
        power = float(np.mean(chunk**2)) + SILENT
        self._noise = power if power < self._noise or self._noise == SILENT else self._noise * 1.0075

    def _find_delay(self, end: int) -> bool:
        """True when the delay is another than was thought."""
        self._count += 1
        if self._count % (LOOK_EVERY if self._delay is None else LOOK_AGAIN) or len(self._heard) < self._heard.maxlen:  # type: ignore[operator]
            return False
        heard = np.concatenate(self._heard)[-DelayFinder.WINDOW :]
        found = self._finder.look(heard, self._timeline, end)
        if found is None or (self._delay is not None and abs(found - self._delay) < LEAD):
            return False
        self._delay = found
        self._filter.reset()
        self._remainders.clear()
        return True

    def _judge(self, reference: FloatArray, rest: FloatArray) -> None:
        """Is what is left more than is usually left?"""
        self._rest_power = 0.5 * self._rest_power + 0.5 * float(np.mean(rest**2))
        remainder = self._rest_power / (self._played_power + SILENT)
        known = len(self._remainders) >= LEARNING
        usual = float(np.quantile(self._remainders, 0.9)) if known else 0.0
        if known and remainder > ABOVE * usual and self._rest_power > OVER_NOISE * self._noise:
            self._talking = HOLD
        else:
            self._talking = max(0, self._talking - 1)
        self._talked = self._talked + 1 if self._talking else 0
        if not self._talking or self._talked > PATIENCE:
            self._remainders.append(remainder)
        self._ours = not self._talking

    def _gated(self, rest: FloatArray) -> FloatArray:
        wanted = CLOSED if self._ours and self._gate else 1.0
        ramp = np.linspace(self._gain, wanted, len(rest), dtype=np.float32)
        self._gain = wanted
        return np.asarray(rest * ramp, np.float32)
