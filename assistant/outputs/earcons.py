"""Earcons: short quiet tones that say "I listen", "done" and "something went wrong" without a word."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import cache
from typing import Literal

import numpy as np

from assistant.bus import Bus
from assistant.errors import AssistantError
from assistant.events import Event, ListeningStarted, TurnFailed, UtteranceIgnored
from assistant.outputs.loudspeaker import Loudspeaker
from assistant.types import AudioClip, FloatArray

__all__ = ["Earcon", "EarconPlayer", "earcon"]

logger = logging.getLogger(__name__)

Earcon = Literal["wake", "done", "error", "ring"]

RATE = 24_000
LOUDNESS = 0.12
"""peak; about -18 dB, well under speech"""

NOTES: dict[Earcon, tuple[tuple[float, float, float], ...]] = {
    "wake": ((0.0, 587.33, 0.16), (0.07, 880.0, 0.2)),  # up a fifth: go ahead
    "done": ((0.0, 880.0, 0.16), (0.07, 587.33, 0.22)),  # down a fifth: that was all
    "ring": ((0.0, 880.0, 0.2), (0.12, 1108.73, 0.2), (0.24, 1318.51, 0.3), (0.6, 880.0, 0.2), (0.72, 1318.51, 0.4)),
    "error": ((0.0, 220.0, 0.2), (0.16, 207.65, 0.3)),  # a low half step
}
"""(begins, hertz, rings for), in seconds"""


@cache
def earcon(kind: Earcon) -> AudioClip:
    """Synthesizes the tone of that name: mono at 24 kHz, a second or so, peak `LOUDNESS`."""
    notes = NOTES[kind]
    samples = np.zeros(round(RATE * max(begin + rings for begin, _, rings in notes)), np.float64)
    for begin, hertz, rings in notes:
        at = round(RATE * begin)
        tone = _bell(hertz, rings)
        samples[at : at + len(tone)] += tone
    return AudioClip((LOUDNESS * samples / np.abs(samples).max()).astype(np.float32), RATE, f"earcon {kind}")


def _bell(hertz: float, seconds: float) -> FloatArray:
    """A tone with one softer overtone that rises in 5 ms and fades to nothing."""
    t = np.arange(round(RATE * seconds)) / RATE
    rise = np.minimum(1.0, t / 0.005)
    fade = np.exp(-5.0 * t / seconds) * np.minimum(1.0, (seconds - t) / 0.02)
    tone = np.sin(2 * np.pi * hertz * t) + 0.25 * np.sin(4 * np.pi * hertz * t)
    return np.asarray(tone * rise * fade, np.float32)


class EarconPlayer:
    """Plays a tone when listening starts, nothing was said, or a turn fails; without a loudspeaker it stays silent.

    The echo guard gets no reference of them: they are too short and soft to be taken for speech, and what the user
    says in the same moment must stay untouched.
    """

    def __init__(self, device: str, bus: Bus) -> None:
        self._loudspeaker = Loudspeaker(device)
        self._playing: asyncio.Task[None] | None = None
        bus.listen(self._on_event)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, ListeningStarted) and event.why in ("wake", "push"):
            self.play("wake")
        elif isinstance(event, UtteranceIgnored) and event.reason == "nothing said":
            self.play("done")
        elif isinstance(event, TurnFailed):
            self.play("error")

    def play(self, kind: Earcon) -> None:
        """Starts a tone, unless one is playing."""
        if self._playing is None or self._playing.done():
            self._playing = asyncio.create_task(self._play(earcon(kind)), name=f"earcon {kind}")

    async def _play(self, clip: AudioClip) -> None:
        async def one() -> AsyncIterator[AudioClip]:
            yield clip

        try:
            await self._loudspeaker.play(one())
        except AssistantError as error:
            logger.info("no earcon: %s", error)

    async def close(self) -> None:
        """Stops the tone that is playing."""
        self._loudspeaker.stop()
        if self._playing is not None:
            await asyncio.gather(self._playing, return_exceptions=True)
