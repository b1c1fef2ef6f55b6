"""What Whisper reads of a recording: its log-Mel spectrogram, in which silence always has the same value."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.types import FloatArray

__all__ = ["FRAME", "SILENCE", "WINDOW", "Dimensions", "log_mel", "whisper_file"]


@dataclass(frozen=True)
class Dimensions:
    """The sizes in Whisper's ``config.json`` (``whisper.model.ModelDimensions``)."""

    n_mels: int
    n_audio_ctx: int
    n_audio_state: int
    n_audio_head: int
    n_audio_layer: int
    n_vocab: int
    n_text_ctx: int
    n_text_state: int
    n_text_head: int
    n_text_layer: int


SILENCE = -0.75
"""Whisper's log-Mel value of silence in a clip whose loudest value is 1.25, near that of real recordings"""
WINDOW = 30.0
"""seconds Whisper hears at once"""
FRAME = 320
"""samples at 16 kHz per encoder frame (20 ms): two steps of the spectrogram"""
SIZE, HOP = 400, 160
"""samples of one step, and between steps"""
DYNAMIC_RANGE = 2.0
"""log-Mel values below the loudest that are heard at all: Whisper's 8 decades over 4"""
NOTHING = -1.5
"""the log-Mel value of samples that are exactly 0"""


def log_mel(samples: FloatArray, seconds: float, n_mels: int = 80) -> FloatArray:
    """(2 m, n_mels), float32, 100 per second, of the first `seconds` of a recording; what is missing is silence.

    Whisper clips everything more than 80 dB below the loudest value to one floor, which silence falls to. The whole is
    shifted so that this floor is `SILENCE`, which is the same as playing it a little louder or softer. `samples` are
    (n,) float32 at 16 kHz, at most `WINDOW` seconds.
    """
    frames = min(max(int(np.ceil(seconds * 16_000 / FRAME)), 1), int(WINDOW * 16_000 / FRAME))
    length = frames * FRAME
    padded = np.zeros(length, np.float32)
    part = samples[:length]
    padded[: len(part)] = part
    padded = np.pad(padded, SIZE // 2, mode="reflect")
    steps = np.lib.stride_tricks.sliding_window_view(padded, SIZE)[::HOP][:-1]
    spectrum = np.fft.rfft(steps * _window())
    power = spectrum.real**2 + spectrum.imag**2
    mel = np.log10(np.maximum(power @ _filters(n_mels).T, 1e-10))
    floor = max(float(mel.max()) / 4.0 + 1.0 - DYNAMIC_RANGE, NOTHING)
    shifted: FloatArray = (np.maximum(mel / 4.0 + 1.0, floor) + (SILENCE - floor)).astype(np.float32)
    return shifted


def whisper_file(name: str) -> Path:
    """A file of the package `openai-whisper`, which is not imported: it would import torch."""
    found = importlib.util.find_spec("whisper")
    path = Path(found.origin).parent / name if found and found.origin else None
    if path is None or not path.is_file():
        raise ModelUnavailable("Speech recognition is missing: `pip install openai-whisper`")
    return path


@cache
def _window() -> FloatArray:
    return np.hanning(SIZE + 1)[:-1].astype(np.float32)


@cache
def _filters(n_mels: int) -> FloatArray:
    with np.load(whisper_file("assets/mel_filters.npz"), allow_pickle=False) as filters:
        return np.asarray(filters[f"mel_{n_mels}"], np.float32)
