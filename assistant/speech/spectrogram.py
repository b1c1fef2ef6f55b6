"""Whisper's view of a recording: its log-Mel spectrogram, for as long as the recording is."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from assistant.speech.network import SILENCE
from assistant.types import FloatArray

__all__ = ["WINDOW", "log_mel"]

WINDOW = 30.0
"""seconds Whisper hears at once"""
FRAME = 320
"""samples at 16 kHz per encoder frame (20 ms): two steps of the spectrogram"""
DYNAMIC_RANGE = 2.0
"""log-Mel values below the loudest that are heard at all: Whisper's 8 decades over 4"""
NOTHING = -1.5
"""the log-Mel value of samples that are exactly 0"""


def log_mel(samples: FloatArray, seconds: float, n_mels: int = 80) -> Tensor:
    """The spectrogram of the first `seconds` of a recording; what is missing is silence.

    Whisper clips everything more than 80 dB below the loudest value to one floor, which silence falls to.
    The whole is shifted so that this floor is `SILENCE`, which is the same as playing it a little
    louder or softer.

    Args:
        samples: (n,), float32 at 16 kHz.
        seconds: length wanted, at most `WINDOW`.
        n_mels: frequency bands, 80 or 128.

    Returns:
        (n_mels, 2 m), float32, 100 per second, for m encoder frames.
    """
    from whisper.audio import log_mel_spectrogram

    frames = min(max(int(np.ceil(seconds * 16_000 / FRAME)), 1), int(WINDOW * 16_000 / FRAME))
    length = frames * FRAME
    padded = np.zeros(length, np.float32)
    part = samples[:length]
    padded[: len(part)] = part
    mel: Tensor = log_mel_spectrogram(torch.from_numpy(padded), n_mels)
    floor = max(float(mel.max()) - DYNAMIC_RANGE, NOTHING)
    return mel + (SILENCE - floor)
