"""Training the detectors of visual kinds: which of a few things a picture is, or none of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.kinds import EVERYDAY, KINDS
from assistant.fusion.projection import unit
from assistant.intents.logistic import fit_logistic
from assistant.messages import FloatArray
from assistant.training.imagined import GOODS
from assistant.training.sources import Clip

__all__ = ["is_everyday", "train_detectors"]

CLASSES = (*KINDS, *EVERYDAY)
STRENGTH = 3.0
"""C of the logistic regression"""
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
    drawn: Mapping[str, FloatArray],
    clips: FloatArray,
    imagined: tuple[FloatArray, NDArray[np.int64]],
    phrases: tuple[FloatArray, Sequence[int]],
) -> dict[str, FloatArray]:
    """Fit the detectors.

    Args:
        drawn: kind, "page" or "scene" → pooled vectors (n, 1280) of drawn pictures.
        clips: (n, 1280), of everyday clip art.
        imagined: vectors (n, 1280) of imagined photographs, and the ImageNet class of each.
        phrases: the kinds' phrases (m, 384) in the shared space, and the kind of each.

    Returns:
        The arrays of `PictureScorer`, but for its background.
    """
    photos, labels = imagined
    goods = np.isin(labels, GOODS)
    parts = {kind: [rows] for kind, rows in drawn.items()} | {"drawing": [clips], "photo": [photos[~goods]]}
    parts["damage"].append(photos[goods])
    rows = np.concatenate([part for name in CLASSES for part in parts[name]])
    sizes = {name: sum(len(part) for part in parts[name]) for name in CLASSES}
    y = np.concatenate([np.full(sizes[name], index) for index, name in enumerate(CLASSES)])
    per_row = np.array([WEIGHTS.get(name, 1.0) / sizes[name] for name in CLASSES])[y]
    counts = (per_row / per_row.mean()).astype(np.float32)
    weights = fit_logistic(unit(np.sqrt(rows)) * SCALE, y, len(CLASSES), STRENGTH, row_weights=counts, iterations=300)
    vectors, owners = phrases
    return {
        "kind.weight": weights[:-1].T * SCALE,
        "kind.bias": weights[-1],
        "phrase.vectors": vectors,
        "phrase.kind": np.asarray(owners, np.float32),
        "meaning": np.array([16.0, 0.52], np.float32),
    }


SCALE = np.float32(6.0)
"""features are about 6 long while the regression is fitted, so that its penalty bites as on a handful of features"""
