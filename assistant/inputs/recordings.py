"""Recordings in the microphone's place: the same chunks, from files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable

import numpy as np

from assistant.inputs.chunking import CHUNK, SAMPLE_RATE
from assistant.types import AudioClip, FloatArray

__all__ = ["CHUNK", "Recordings"]

LEAST_SILENCE = 1.0
"""seconds of silence after the last recording, so that a word at its very end can end"""


class Recordings:
    """Plays recordings, mono at 16 kHz, one after another, with `gap` seconds of silence after each; drops nothing.

    In real time a chunk comes every 32 ms, else as fast as they are taken. After the last one `patience` seconds of
    silence follow at most, until `over` says so.
    """

    def __init__(
        self, clips: Iterable[AudioClip], *, realtime: bool = False, gap: float = 0.5, patience: float = 120.0
    ) -> None:
        self.dropped = 0
        self.came = None
        self.over: Callable[[], bool] = lambda: True
        """asked after the last recording: whether enough silence has followed"""
        self.began: Callable[[AudioClip], object] = lambda clip: None
        """called with each recording as it begins"""
        self._clips, self._realtime = clips, realtime
        self._gap, self._patience = gap, patience

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        loop = asyncio.get_running_loop()
        begins = loop.time()
        for count, chunk in enumerate(self._chunks(), 1):
            if self._realtime:
                await asyncio.sleep(max(0.0, begins + count * CHUNK / SAMPLE_RATE - loop.time()))
            yield chunk

    def _chunks(self) -> Iterable[FloatArray]:
        for clip in self._clips:
            self.began(clip)
            silence = np.zeros(int(self._gap * SAMPLE_RATE) + -len(clip.samples) % CHUNK, np.float32)
            samples = np.concatenate([clip.samples.astype(np.float32), silence])
            yield from (samples[at : at + CHUNK] for at in range(0, len(samples) - CHUNK + 1, CHUNK))
        for i in range(int(self._patience * SAMPLE_RATE / CHUNK)):
            if i * CHUNK >= LEAST_SILENCE * SAMPLE_RATE and self.over():
                return
            yield np.zeros(CHUNK, np.float32)
