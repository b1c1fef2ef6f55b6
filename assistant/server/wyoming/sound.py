"""Sound as it comes in chunks: any rate, 16 or 32 bits, any number of channels, made mono at 16 kHz."""

from __future__ import annotations

from typing import Any

import numpy as np

from assistant.errors import AudioError
from assistant.types import FloatArray

__all__ = ["Incoming"]

RATE = 16_000
WIDTHS = {2: ("<i2", 32768.0), 4: ("<i4", 2147483648.0)}
"""bytes per sample → its type, and its full scale"""


class Incoming:
    """Makes chunks of one stream float samples at 16 kHz; a sample cut in two by a chunk's end is put together."""

    def __init__(self) -> None:
        self._format: tuple[int, int, int] | None = None
        self._resampler: Any = None
        self._rest = b""

    def add(self, content: bytes, rate: Any, width: Any, channels: Any) -> FloatArray:
        """The samples (n,) that a chunk completes, float32, -1 to 1.

        Raises:
            AudioError: no sound comes like that, or it changes within a stream.
        """
        given = (rate, width, channels)
        if self._format != given:
            self._begin(given)
        kind, full = WIDTHS[width]
        content = self._rest + content
        whole = len(content) - len(content) % (width * channels)
        self._rest = content[whole:]
        samples = np.frombuffer(content[:whole], kind).astype(np.float32).reshape(-1, channels).mean(axis=1) / full
        found: FloatArray = samples.astype(np.float32)
        return found if self._resampler is None else self._resampler.resample_chunk(found)

    def _begin(self, given: tuple[Any, Any, Any]) -> None:
        if self._format is not None:
            raise AudioError("the sound changes its rate, width or channels within a stream")
        rate, width, channels = given
        if not (isinstance(rate, int) and 4_000 <= rate <= 192_000):
            raise AudioError(f"sound has 4,000 to 192,000 samples per second, not {str(rate)[:20]}")
        if not (isinstance(width, int) and width in WIDTHS):
            raise AudioError(f"a sample has 2 or 4 bytes, not {str(width)[:20]}")
        if not (isinstance(channels, int) and 1 <= channels <= 16):
            raise AudioError(f"sound has 1 to 16 channels, not {str(channels)[:20]}")
        self._format = given
        if rate != RATE:
            import soxr

            self._resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32")
