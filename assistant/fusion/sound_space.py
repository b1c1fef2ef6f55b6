"""Places a spoken clip in the shared space without its transcript, by the pooled speech encoder's vectors.

Statistics pooling (Snyder et al. 2018, "X-vectors", section 2.1): the mean and the standard deviation over time of
every channel, then one linear map. A single moment has no spread, so only whole clips are placed, never their tokens;
and only speech means something here: a dog's bark gets a vector too, but a meaningless one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assistant.types import FloatArray

__all__ = ["HEARD", "SoundSpace", "pool"]

HEARD = "whisper"
"""the encoder whose clips are placed"""


class SoundSpace:
    """Maps spoken clips.

    Args:
        weights: ``middle``, ``spread`` (d,): what a moment is scaled by; ``map`` (384, 2 d) and ``offset`` (384,).
    """

    def __init__(self, weights: Mapping[str, FloatArray]) -> None:
        self._weights = weights

    @property
    def dimension(self) -> int:
        """d of the moments; other sizes of Whisper have other ones."""
        return len(self._weights["middle"])

    def __call__(self, moments: FloatArray) -> FloatArray:
        """The moments (n, d) of one clip as (384,), float32, not of unit length."""
        w = self._weights
        placed: FloatArray = w["map"] @ pool((moments - w["middle"]) / w["spread"]) + w["offset"]
        return placed.astype(np.float32)


def pool(moments: FloatArray) -> FloatArray:
    """(n, d) to (2 d,): mean and standard deviation over time."""
    return np.concatenate([moments.mean(axis=0), moments.std(axis=0)])
