"""A room in virtual time: its microphone hears people, noise, and what its loudspeaker plays, late and ringing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from assistant.bus import Bus
from assistant.events import Event
from assistant.outputs.loudspeaker import cut
from assistant.settings import Settings
from assistant.testing.virtual_time import run_virtually
from assistant.types import AudioClip, FloatArray
from assistant.voice.backend import front_end_parts
from assistant.voice.clock import SourceClock
from assistant.voice.interfaces import Voice, VoiceBackend
from assistant.voice.loop import VoiceLoop

__all__ = ["VirtualRoom", "at_level", "live_in"]

RATE, CHUNK = 16_000, 512
LOUDNESS = 0.06
"""root mean square of a user's voice"""
FADES = 0.03
"""seconds for which a sound card still sounds after it was stopped"""
AHEAD = 0.08
"""seconds before its sound at which the loudspeaker tells of a block, as a sound card does"""


def _response(delay: float, rings: float, gain: float, seed: int = 0) -> FloatArray:
    """The path from the loudspeaker to the microphone, (n,).

    Nothing for `delay` seconds, then a blow and noise that falls by 60 dB in `rings` seconds; a sound arrives `gain`
    times as loud as it was played.
    """
    count = int(rings * RATE)
    tail = np.random.default_rng(seed).standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
    tail[0] = 4.0
    return np.concatenate([np.zeros(int(delay * RATE)), gain * tail / np.linalg.norm(tail)]).astype(np.float32)


@dataclass
class VirtualRoom:
    """`assistant.voice.interfaces.Source` and `Player` in one; for use inside `run_virtually`."""

    seconds: float
    """its length"""
    echo: float = 0.5
    """loudness of the loudspeaker at the microphone, as a share of what it plays"""
    delay: float = 0.12
    """seconds"""
    rings: float = 0.25
    """seconds in which the room's sound falls by 60 dB"""
    noise: float = 1e-3
    """standard deviation of the room's own noise"""
    seed: int = 0
    away: list[tuple[float, float]] = field(default_factory=list)
    """(second, seconds): no sound comes in for so long"""
    dropped: int = 0
    came: float | None = None
    on_first_sound: Callable[[float], object] | None = None
    on_played: Callable[[FloatArray, float], object] | None = None
    played: list[tuple[float, float]] = field(default_factory=list)
    """when the loudspeaker sounded: from and to which second"""

    def __post_init__(self) -> None:
        draw = np.random.default_rng(self.seed)
        count = round((self.seconds + 2) * RATE)
        self.sound: FloatArray = (self.noise * draw.standard_normal(count)).astype(np.float32)
        """what the microphone hears, second by second"""
        self._response = _response(self.delay, self.rings, self.echo, self.seed)
        self._stopped = asyncio.Event()

    def say(self, samples: FloatArray, at: float) -> float:
        """Plays speech from second `at` on; returns the second at which it ends."""
        begin = round(at * RATE)
        part = samples[: max(0, len(self.sound) - begin)]
        self.sound[begin : begin + len(part)] += part
        return at + len(samples) / RATE

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        loop = asyncio.get_running_loop()
        away = list(self.away)
        for number in range(round(self.seconds * RATE / CHUNK)):
            end = (number + 1) * CHUNK
            if away and end / RATE > away[0][0] + away[0][1]:
                away.pop(0)
            await asyncio.sleep(max(0.0, end / RATE - loop.time()))
            self.came = loop.time()
            if not away or end / RATE <= away[0][0]:
                yield np.clip(self.sound[end - CHUNK : end], -1, 1)

    def stop(self) -> None:
        """Falls silent."""
        self._stopped.set()

    async def play(self, clips: AsyncIterator[AudioClip]) -> bool:
        """Plays clips into the room."""
        self._stopped.clear()
        loop = asyncio.get_running_loop()
        at: float | None = None
        begins = 0.0
        try:
            async for clip in clips:
                for block in cut(clip, 24_000):
                    if at is None:
                        at = begins = loop.time() + AHEAD
                        if self.on_first_sound is not None:
                            self.on_first_sound(at)
                    at = max(at, loop.time())
                    self._sound(block.reference, at)
                    at += len(block.samples) / 24_000
                    if not await self._wait(at - AHEAD):
                        return False
            return at is None or await self._wait(at)
        finally:
            if at is not None:
                self.played.append((begins, min(at, loop.time() + FADES)))

    async def _wait(self, second: float) -> bool:
        """Waits until a second; False when `stop` was called before."""
        seconds = second - asyncio.get_running_loop().time()
        if seconds > 0 and not self._stopped.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), seconds)
        return not self._stopped.is_set()

    def _sound(self, samples: FloatArray, at: float) -> None:
        if self.on_played is not None:
            self.on_played(samples, at)
        if self.echo:
            size = 1 << (len(samples) + len(self._response)).bit_length()
            heard = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(self._response, size), size)
            self.say(heard[: len(samples) + len(self._response) - 1].astype(np.float32), at)


def at_level(samples: FloatArray) -> FloatArray:
    """Speech as loud as a user's: half as loud as the loudspeaker at an echo of 100 %."""
    return samples * np.float32(LOUDNESS / (float(np.sqrt(np.mean(np.square(samples)))) or 1.0))


def live_in(room: VirtualRoom, backend: VoiceBackend, voice: Voice, settings: Settings) -> list[Event]:
    """The events of the voice loop with its real front end, which hears a room to its end in virtual time."""
    events: list[Event] = []
    bus = Bus()
    bus.listen(events.append)

    async def live() -> None:
        clock = SourceClock(asyncio.get_running_loop().time)
        parts = front_end_parts(settings.voice)
        await VoiceLoop(room, backend, room, voice, parts, bus, settings, clock=clock).run()

    run_virtually(live())
    return events
