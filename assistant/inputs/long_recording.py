"""Recordings of hours, piece by piece: each is cut where it is quietest, so that no word is cut in two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from assistant.inputs.audio_file import SAMPLE_RATE, clip_of
from assistant.types import AudioClip, FloatArray

__all__ = ["cut_pieces"]

PIECE = 300.0
"""seconds of a piece at most: 19 MB"""
SEARCHED = 20.0
"""seconds before its end in which a quiet place is looked for"""
QUIET = 0.3
"""seconds that are to be quiet"""
STEP = 160
"""samples (10 ms)"""


def cut_pieces(blocks: Iterable[FloatArray], seconds: float = PIECE) -> Iterator[tuple[float, AudioClip]]:
    """Join blocks to pieces.

    Args:
        blocks: mono samples at 16 kHz, one after another.
        seconds: most of a piece.

    Yields:
        Where a piece begins (seconds), and its clip, samples within -1 to 1.
    """
    longest = int(seconds * SAMPLE_RATE)
    kept = np.zeros(0, np.float32)
    begins = 0
    for block in blocks:
        kept = np.concatenate([kept, block])
        while len(kept) > longest:
            cut = _quietest(kept[:longest], min(SEARCHED, seconds / 2))
            yield begins / SAMPLE_RATE, clip_of(kept[:cut])
            kept, begins = kept[cut:], begins + cut
    if len(kept):
        yield begins / SAMPLE_RATE, clip_of(kept)


def _quietest(samples: FloatArray, searched: float) -> int:
    """The middle of the quietest stretch near the end, in samples."""
    start = len(samples) - int(searched * SAMPLE_RATE)
    steps = samples[start:][: (len(samples) - start) // STEP * STEP].reshape(-1, STEP)
    energy = np.concatenate([[0.0], np.cumsum(np.square(steps, dtype=np.float64).sum(axis=1))])
    width = int(QUIET * SAMPLE_RATE / STEP)
    return start + (int(np.argmin(energy[width:] - energy[:-width])) + width // 2) * STEP
