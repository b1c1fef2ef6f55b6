"""Several channels made one, so that nothing said on any of them is lost."""

from __future__ import annotations

import numpy as np

from assistant.types import FloatArray

__all__ = ["Downmix"]

AUDIBLE = 0.003
"""root mean square, of full scale, from which channels are compared"""
CANCELS = 0.1
"""energy of the sum over that of the channels below which they cancel each other out"""


class Downmix:
    """Mixes the channels of one recording.

    Channels that hold the same are averaged. Channels that hold different things, as the two sides of a call, are
    added, so that no voice becomes quieter. Channels that cancel each other out, as of a microphone wired in antiphase,
    are not mixed: the louder one is taken. The first audible stretch decides, and a cancelling one whenever it comes.
    """

    def __init__(self) -> None:
        self._gain: float | None = None
        self._channel: int | None = None

    def mix(self, block: FloatArray) -> FloatArray:
        """One channel of several.

        Args:
            block: (n, channels), float32.

        Returns:
            (n,), float32; may be above 1.
        """
        if block.shape[1] == 1:
            single: FloatArray = block[:, 0]
            return single
        if self._channel is None:
            self._look(block)
        if self._channel is not None:
            return np.ascontiguousarray(block[:, self._channel])
        gain = 1 / block.shape[1] if self._gain is None else self._gain
        mono: FloatArray = (block.sum(axis=1) * np.float32(gain)).astype(np.float32)
        return mono

    def _look(self, block: FloatArray) -> None:
        energies = np.square(block, dtype=np.float64).mean(axis=0)
        total = float(energies.sum())
        if not np.isfinite(total) or total < AUDIBLE**2:
            return
        ratio = float(np.square(block.sum(axis=1), dtype=np.float64).mean()) / total
        if ratio < CANCELS:
            self._channel = int(energies.argmax())
        elif self._gain is None:  # the ratio is the number of channels where they are equal, and 1 where they differ
            self._gain = 1 / min(max(ratio, 1.0), block.shape[1])
