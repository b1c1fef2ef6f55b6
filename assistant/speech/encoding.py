"""The encoder's frames of a recording as one `Encoding`: averaged, and labelled with their seconds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.speech.windows import Window
from assistant.types import Encoding, FloatArray

__all__ = ["encoding_of", "own_frames"]

POOLED = 10
"""encoder frames (20 ms each) averaged into one token: 5 per second"""
MOST_TOKENS = 1_500
"""tokens an encoding has at most: 5 minutes at 5 per second, then coarser"""


def own_frames(window: Window, frames: FloatArray) -> FloatArray:
    """The frames of the window itself, without the margin after it."""
    return frames[: int(window.seconds * 50) + 1]


def encoding_of(parts: Sequence[tuple[float, FloatArray]], text: str) -> Encoding:
    """Frames of each window (start in seconds, (n, d)), averaged to at most `MOST_TOKENS` tokens."""
    total = sum(len(frames) for _, frames in parts)
    stride = max(POOLED, -(-total // MOST_TOKENS))
    rows: list[FloatArray] = []
    labels: list[str] = []
    for start, frames in parts:
        for at in range(0, len(frames), stride):
            rows.append(frames[at : at + stride].mean(axis=0))
            labels.append(f"{start + at / 50:.1f}")
    tokens = np.stack(rows).astype(np.float32)
    return Encoding(
        "audio", "whisper", tokens, np.ones(len(tokens), bool), tokens.mean(axis=0), text=text, labels=tuple(labels)
    )
