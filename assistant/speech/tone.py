"""Measures the tone of speech: arousal, anger and distress, from Whisper's frames.

A linear head reads the mean of the encoder's frames with speech. Frozen encoders of speech recognisers
hold much about emotion in such means (Pepino et al. 2021, https://arxiv.org/abs/2104.03502, for wav2vec 2.0). The
head is not shipped: the recordings it learns from are for research. ``assistant train tone`` makes it; until then
nothing is said about tone.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.folders import write_private
from assistant.settings import data_dir
from assistant.types import AudioClip, Encoding, FloatArray

__all__ = ["DIMENSIONS", "Tone", "ToneReader", "frame_features", "load_tone", "save_tone", "tone_file"]

logger = logging.getLogger(__name__)

DIMENSIONS = ("arousal", "anger", "distress")
FRAME = 0.2
"""seconds of one token of speech recognition"""
QUIET = 20.0
"""decibels below the loudest stretch from which it counts as silence"""
LEAST_FRAMES = 3
"""a shorter word says nothing about tone"""


@dataclass(frozen=True, eq=False)
class Tone:
    """A trained head."""

    mean: FloatArray
    """(d,), of the features it was trained on"""
    spread: FloatArray
    """(d,)"""
    weights: FloatArray
    """(d, 3), of standardised features, in the order of `DIMENSIONS`"""
    bias: FloatArray
    """(3,)"""

    def read(self, features: FloatArray) -> FloatArray:
        """(n, d) features to (n, 3) probabilities, 0 to 1."""
        logits = (features - self.mean) / self.spread @ self.weights + self.bias
        return (1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))).astype(np.float32)


def frame_features(encoding: Encoding, clip: AudioClip) -> FloatArray | None:
    """The mean (d,) of the tokens with speech; None when that is too little to tell.

    The encoding is that of speech recognition, labelled with seconds; the clip tells the loudness.
    """
    spoken = encoding.tokens[_is_spoken(encoding.labels, clip)]
    return spoken.mean(axis=0) if len(spoken) >= LEAST_FRAMES else None


def _is_spoken(labels: Sequence[str], clip: AudioClip) -> NDArray[np.bool_]:
    size = max(1, int(FRAME * clip.sample_rate))
    starts = (int(float(label) * clip.sample_rate) for label in labels)
    parts = (clip.samples[at : at + size].astype(np.float64) for at in starts)
    power = [float(np.mean(part * part)) if len(part) else 0.0 for part in parts]
    loudness = 10 * np.log10(np.array(power) + 1e-10)
    spoken: NDArray[np.bool_] = loudness > loudness.max(initial=-100.0) - QUIET
    return spoken


class ToneReader:
    """Reads tone with the head in the user's data folder, if there is one; never fails."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def read(self, clip: AudioClip, encoding: Encoding) -> dict[str, float]:
        """Each of `DIMENSIONS`, 0 to 1; {} if unknown. Takes well under a millisecond."""
        try:
            tone = self._tone
            if tone is None or encoding.tokens.shape[-1] != len(tone.mean):  # trained with another Whisper
                return {}
            features = frame_features(encoding, clip)
            if features is None:
                return {}
            return dict(zip(DIMENSIONS, map(float, tone.read(features[None])[0]), strict=True))
        except Exception:
            logger.exception("tone could not be read")
            return {}

    @cached_property
    def _tone(self) -> Tone | None:
        return load_tone(self._path or tone_file())


def tone_file() -> Path:
    """Path of the user's own head."""
    return data_dir() / "tone" / "tone.safetensors"


def load_tone(path: Path) -> Tone | None:
    """The head in a file; None, with a line in the log where the file is damaged, when there is none."""
    if not path.is_file():
        return None
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        arrays = load_file(path)
        return Tone(*(arrays[name] for name in ("mean", "spread", "weights", "bias")))
    except (OSError, KeyError, SafetensorError) as error:
        logger.warning("%s cannot be read (%s); run `assistant train tone` again", path, error)
        return None


def save_tone(tone: Tone, path: Path) -> None:
    """Write a head; a killed run leaves the old one."""
    from safetensors.numpy import save

    content = save({"mean": tone.mean, "spread": tone.spread, "weights": tone.weights, "bias": tone.bias})
    write_private(path, lambda file: file.write(content))
