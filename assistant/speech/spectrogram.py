"""The log-Mel spectrogram of a recording, equalised in loudness, as Whisper reads it."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.types import AudioClip, FloatArray

__all__ = ["FRAME", "SILENCE", "WINDOW", "Dimensions", "log_mel", "normalize_loudness", "reduce_noise", "whisper_file"]


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


LEVEL = -23.0
"""loudness aimed at: root mean square in dB below full scale"""
MOST_GAIN = 30.0
"""dB, which limits hiss"""
FLOOR = 0.1
"""share of the background that stays; 0 sounds metallic"""
OVER = 1.5
"""times the background from which sound counts as signal"""


def normalize_loudness(clip: AudioClip) -> AudioClip:
    """Brings a mono clip to an even loudness without clipping; silence stays silence."""
    power = float(np.mean(np.square(clip.samples, dtype=np.float64))) if len(clip.samples) else 0.0
    if power < 1e-12:
        return clip
    wanted = min(10 ** ((LEVEL - 10 * np.log10(power)) / 20), 10 ** (MOST_GAIN / 20))
    gain = min(wanted, 0.97 / float(np.abs(clip.samples).max()))
    return AudioClip((clip.samples * np.float32(gain)).astype(np.float32), clip.sample_rate, clip.source)


def reduce_noise(clip: AudioClip) -> AudioClip:
    """Attenuates sound at the level of the clip's own background (spectral gating); no effect below 0.1 s.

    The background is, per frequency, the 10th percentile of the clip's magnitude over time.

    Source: Boll, "Suppression of Acoustic Noise in Speech Using Spectral Subtraction", 1979, with the
    gain smoothed over three frames.
    """
    size, hop = 512, 128
    n = len(clip.samples)
    if n < clip.sample_rate // 10:
        return clip
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    padded = np.pad(clip.samples, (size, size + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop] * window
    spectrum: Any = np.fft.rfft(frames, axis=1)
    magnitude = np.abs(spectrum)
    noise = np.percentile(magnitude, 10, axis=0, keepdims=True) * OVER
    gain = np.clip(1 - noise / np.maximum(magnitude, 1e-10), FLOOR, 1.0)
    gain[1:-1] = (gain[:-2] + gain[1:-1] + gain[2:]) / 3
    cleaned = np.fft.irfft(spectrum * gain, size, axis=1) * window
    out, weight = np.zeros(len(padded)), np.full(len(padded), 1e-8)
    for i, frame in enumerate(cleaned):
        out[i * hop : i * hop + size] += frame
        weight[i * hop : i * hop + size] += window**2
    samples = (out / weight)[size : size + n].astype(np.float32)
    return AudioClip(np.clip(samples, -1, 1), clip.sample_rate, clip.source)
