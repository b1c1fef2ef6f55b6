"""Training the detectors of visual kinds: which of a few things a picture is, or none of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.kinds import EVERYDAY, GOODS, KINDS
from assistant.fusion.projection import unit
from assistant.intents.logistic import fit_logistic
from assistant.training.features import PictureFeatures
from assistant.training.sources import Clip
from assistant.types import FloatArray

__all__ = ["is_everyday", "train_detectors"]

CLASSES = (*KINDS, *EVERYDAY)
STRENGTH, PLAIN_STRENGTH = 0.3, 0.1
"""C of the logistic regressions on vectors, and on plain numbers"""
SHARPNESS = 1 / 0.6
"""the strong penalty leaves the detectors too unsure; found on drawings held against real pictures"""
SHARE = 0.4
"""weight of the plain numbers beside the vectors: they know less, but drawings mislead them less"""
WEIGHTS = {"drawing": 0.5}
"""how much a class counts against the others; 1 where it is not named"""
_AMBIGUOUS = re.compile(
    r"geometr|diagram|math|shape|graph|chart|x-ray|receipt|invoice|letter|number|sign|symbol|puzzle|flow|school"
    r"|education|logo|arrow|card"
)


def is_everyday(clip: Clip) -> bool:
    """Whether a piece of clip art is none of the kinds; signs, diagrams and shapes might be exercises."""
    return not _AMBIGUOUS.search(f"{clip.caption} {clip.path.name}".lower())


def train_detectors(
    drawn: Mapping[str, PictureFeatures],
    clips: PictureFeatures,
    imagined: tuple[FloatArray, NDArray[np.int64]],
    phrases: tuple[FloatArray, Sequence[int]],
) -> dict[str, FloatArray]:
    """Fit the detectors.

    Args:
        drawn: kind, "page" or "scene" → drawn pictures.
        clips: everyday clip art.
        imagined: vectors (n, 1280) of imagined photographs, and the ImageNet class of each.
        phrases: the kinds' phrases (m, 384) in the shared space, and the kind of each.

    Returns:
        The arrays of `PictureScorer`, but for its background.
    """
    photos, labels = imagined
    goods = np.isin(labels, GOODS)
    parts = {kind: [features.pooled] for kind, features in drawn.items()}
    parts |= {"drawing": [clips.pooled], "photo": [photos[~goods]]}
    parts["damage"].append(photos[goods])
    vectors = {name: unit(np.sqrt(np.concatenate(parts[name]))) * SCALE for name in CLASSES}
    weights = _fit(vectors, STRENGTH) * SHARPNESS
    phrase_vectors, owners = phrases
    return {
        "kind.weight": weights[:-1].T * SCALE,
        "kind.bias": weights[-1],
        "phrase.vectors": phrase_vectors,
        "phrase.kind": np.asarray(owners, np.float32),
        "meaning": np.array([16.0, 0.52], np.float32),
        **_second_view(drawn, clips),
    }


def _second_view(drawn: Mapping[str, PictureFeatures], clips: PictureFeatures) -> dict[str, FloatArray]:
    numbers = {name: features.statistics for name, features in drawn.items()} | {"drawing": clips.statistics}
    rows = np.concatenate(list(numbers.values()))
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    plain = {name: np.clip((numbers[name] - middle) / spread, -3, 3) for name in CLASSES if name in numbers}
    weights = _fit(plain, PLAIN_STRENGTH)
    return {
        "statistics.weight": weights[:-1].T,
        "statistics.bias": weights[-1],
        "statistics.middle": middle,
        "statistics.spread": spread,
        "statistics.share": np.array([SHARE], np.float32),
    }


def _fit(rows: Mapping[str, FloatArray], strength: float) -> FloatArray:
    """Weights (d + 1, classes), every class counting as `WEIGHTS` says however many rows it has."""
    y = np.repeat(np.arange(len(rows)), [len(part) for part in rows.values()])
    per_row = np.array([WEIGHTS.get(name, 1.0) / len(part) for name, part in rows.items()])[y]
    counts = (per_row / per_row.mean()).astype(np.float32)
    x = np.concatenate(list(rows.values())).astype(np.float32)
    return fit_logistic(x, y, len(rows), strength, row_weights=counts, iterations=300)


SCALE = np.float32(6.0)
"""features are about 6 long while the regression is fitted, so that its penalty bites as on a handful of features"""
