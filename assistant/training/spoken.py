"""Our own sentences spoken by our own voices, as Whisper hears them; kept on disk in small parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.sound_space import pool
from assistant.speech import SpeechRecognizer, Synthesizer
from assistant.terminal.steps import StepProgress
from assistant.training.alignment import ridge
from assistant.types import AudioClip, Encoding, FloatArray, content_hash

__all__ = ["STRANGERS", "VOICES", "Voice", "fit_sound", "hear", "speak"]

MOMENTS = 40
"""tokens of a clip kept for training: 8 seconds"""
PART = 50
"""clips in one file"""
PENALTY = 100.0
"""of the ridge regression: the best on held-out sentences of our own. InfoNCE from there (10 or 40 epochs) finds fewer
of them, and a small network with attention pooling learns the training sentences by heart"""


@dataclass(frozen=True)
class Voice:
    """A voice and its speed."""

    language: str
    """"en" is the neural English voice; others are espeak-ng's, a variant after "+" """
    speed: float
    """against the voice's own"""


VOICES = (
    *(Voice("en", speed) for speed in (0.85, 1.0, 1.15, 1.3)),
    *(Voice("en-us", 0.95), Voice("en-gb+f2", 1.0), Voice("en-us+m3", 1.15), Voice("en-029+f4", 0.9)),
    *(Voice("en-gb-scotland+m7", 1.0), Voice("en-us+f5", 1.05)),
)
"""who speaks in training, in turn"""


STRANGERS = (Voice("en", 1.08), Voice("en-gb-x-rp+f1", 0.95))
"""voices that are not in training: the neural one at another speed, and an accent and speaker of espeak-ng's"""


def speak(text: str, voice: Voice, engines: dict[Voice, Synthesizer]) -> AudioClip:
    """Says a sentence, at 16 kHz; `engines` are the voices that are loaded, and the voice is added."""
    natural = voice.language == "en"
    engine = engines.setdefault(voice, Synthesizer("hibari" if natural else "espeak", voice.speed))
    return engine.recording(text, voice.language)


def hear(
    texts: Sequence[str],
    voices: Sequence[Voice],
    recognizer: SpeechRecognizer,
    folder: Path,
    name: str,
    progress: StepProgress,
) -> list[FloatArray]:
    """Have sentences spoken by voices in turn, and listen; an interrupted run goes on from `folder`.

    Returns:
        What Whisper heard of each sentence, (n, 512): 5 moments a second, at most `MOMENTS`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    engines: dict[Voice, Synthesizer] = {}
    parts: list[NDArray[np.float16]] = []
    for start in range(0, len(texts), PART):
        said = texts[start : start + PART]
        by = [voices[index % len(voices)] for index in range(start, start + len(said))]
        path = folder / f"{content_hash(repr([said, by]))[:16]}.npy"
        if not path.exists():
            heard = [_pad(recognizer.hear(speak(text, voice, engines))) for text, voice in zip(said, by, strict=True)]
            partial = path.with_suffix(".part.npy")
            np.save(partial, np.stack(heard))
            partial.replace(path)
        parts.append(np.load(path))
        progress(name, start + len(said), len(texts))
    padded = np.concatenate(parts).astype(np.float32)
    return [rows[np.any(rows != 0, axis=1)] for rows in padded]


def _pad(encoding: Encoding) -> NDArray[np.float16]:
    rows = np.zeros((MOMENTS, encoding.tokens.shape[1]), np.float16)
    kept = encoding.tokens[:MOMENTS]
    rows[: len(kept)] = kept
    return rows


def fit_sound(heard: Sequence[FloatArray], targets: FloatArray) -> dict[str, FloatArray]:
    """Fit the arrays of `assistant.fusion.sound_space.SoundSpace` by ridge regression.

    Args:
        heard: per clip (n, d), see `hear`.
        targets: (clips, 384), the vectors of what was said.
    """
    moments = np.concatenate(heard)
    middle, spread = moments.mean(axis=0), moments.std(axis=0) + 1e-3
    rows = np.stack([pool((clip - middle) / spread) for clip in heard])
    weight, bias = ridge(rows, targets, PENALTY)
    # Without what all sentences share: it would draw every clip to the same few sentences.
    return {"middle": middle, "spread": spread, "map": weight, "offset": bias - targets.mean(axis=0)}
