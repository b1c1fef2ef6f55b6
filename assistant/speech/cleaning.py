"""Prepares recordings for recognition: even loudness, and optionally less noise."""

from __future__ import annotations

from typing import Any

import numpy as np

from assistant.types import AudioClip

__all__ = ["normalize_loudness", "reduce_noise"]


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
    """Attenuates what is no louder than the clip's own background: spectral gating; below 0.1 s nothing is done.

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
