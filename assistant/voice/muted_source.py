"""The microphone as the running assistant uses it: it can be muted, and shows how loud it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import numpy as np

from assistant.types import FloatArray
from assistant.voice.interfaces import Source
from assistant.voice.prebuffer import decibels

__all__ = ["MutedSource"]


class MutedSource:
    """A source that passes silence on while it is muted, so that the clocks go on.

    Args:
        source: the microphone.
    """

    def __init__(self, source: Source) -> None:
        self.muted = False
        self.level = -100.0
        """decibels below full scale of the newest chunk"""
        self._source = source

    @property
    def dropped(self) -> int:
        """Chunks that the microphone lost."""
        return self._source.dropped

    async def __aiter__(self) -> AsyncIterator[FloatArray]:
        """Chunks as the microphone gives them, or silence."""
        async for chunk in self._source:
            heard = np.zeros_like(chunk) if self.muted else chunk
            self.level = decibels(heard)
            yield heard
