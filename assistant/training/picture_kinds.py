"""Fits a detector of picture kinds: which of a few kinds a picture is, or everyday."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.picture_kinds import CLIP, KindDetector, PictureKind
from assistant.fusion.shipped import load_weights
from assistant.intents.logistic import fit_logistic
from assistant.types import FloatArray

__all__ = ["EVERYDAY", "Samples", "everyday_samples", "fit_detector"]

EVERYDAY = ("photo", "drawing", "page", "scene")
"""the classes of everyday pictures: photographs, drawings, pages of text, textures"""
EVERYDAY_WEIGHTS = Path(__file__).parent / "weights"
"""folder of ``everyday.safetensors``: some everyday pictures as vectors, for users' own detectors"""
STRENGTH, PLAIN_STRENGTH = 0.3, 0.1
"""C of the logistic regressions on vectors, and on plain numbers"""
SHARPNESS = 1 / 0.6
"""the strong penalty leaves the detectors too unsure; found on drawings held against real pictures"""
WEIGHTS = {"drawing": 0.5}
"""how much a class counts against the others; 1 where it is not named"""
SCALE = np.float32(6.0)
"""length of the vectors while the regression is fitted, so that its penalty bites as on a handful of features"""


@dataclass(frozen=True, eq=False)
class Samples:
    """Pictures by class: kinds, and classes of everyday pictures."""

    vectors: Mapping[str, FloatArray]
    """class → (n, 1280), see `assistant.fusion.picture_kinds.roots`"""
    statistics: Mapping[str, FloatArray] = field(default_factory=dict)
    """class → (n, 30) plain numbers, for a second view; a class may be missing, {} for no second view"""


def fit_detector(kinds: Sequence[PictureKind], samples: Samples, phrases: Sequence[FloatArray]) -> KindDetector:
    """Fit a detector.

    Args:
        samples: pictures of every kind, and of at least one other class, which is everyday.
        phrases: per kind (m, 384), its phrases in the shared space, unit length.
    """
    weights = _fit(_kinds_first(kinds, samples.vectors), STRENGTH, SCALE) * SHARPNESS
    arrays = {
        "kind.weight": weights[:-1].T * SCALE,
        "kind.bias": weights[-1],
        "phrase.vectors": np.concatenate(phrases),
        "phrase.kind": np.repeat(np.arange(len(phrases)), [len(part) for part in phrases]).astype(np.float32),
    }
    if samples.statistics:
        arrays |= _second_view(_kinds_first(kinds, samples.statistics))
    return KindDetector(tuple(kinds), arrays)


def everyday_samples() -> Samples:
    """Some everyday pictures that come with the package, as vectors."""
    return Samples(load_weights("everyday", EVERYDAY_WEIGHTS))


def _kinds_first(kinds: Sequence[PictureKind], rows: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    return {kind.name: rows[kind.name] for kind in kinds} | dict(rows)


def _second_view(numbers: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    rows = np.concatenate(list(numbers.values()))
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    scaled = {name: np.clip((part - middle) / spread, -CLIP, CLIP) for name, part in numbers.items()}
    weights = _fit(scaled, PLAIN_STRENGTH, np.float32(1.0))
    return {
        "statistics.weight": weights[:-1].T,
        "statistics.bias": weights[-1],
        "statistics.middle": middle,
        "statistics.spread": spread,
    }


def _fit(rows: Mapping[str, FloatArray], strength: float, scale: np.float32) -> FloatArray:
    """Weights (d + 1, classes), every class counting as `WEIGHTS` says however many rows it has."""
    y: NDArray[np.int64] = np.repeat(np.arange(len(rows)), [len(part) for part in rows.values()])
    per_row = np.array([WEIGHTS.get(name, 1.0) / len(part) for name, part in rows.items()])[y]
    counts = (per_row / per_row.mean()).astype(np.float32)
    x = np.concatenate(list(rows.values())).astype(np.float32) * scale
    return fit_logistic(x, y, len(rows), strength, row_weights=counts, iterations=300)
