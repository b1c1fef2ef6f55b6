"""Joins speech, pictures and text: the shared space, the scores of pictures, and the fusion strategies."""

from __future__ import annotations

from collections.abc import Callable

from assistant.fusion.attention import AttentionFusion
from assistant.fusion.early import EarlyFusion
from assistant.fusion.gathering import Gathered, gather
from assistant.fusion.late import LateFusion
from assistant.fusion.pictures import PictureScorer
from assistant.fusion.projection import SharedSpace
from assistant.fusion.strategy import FusionStrategy

__all__ = [
    "STRATEGIES",
    "AttentionFusion",
    "EarlyFusion",
    "Gathered",
    "LateFusion",
    "PictureScorer",
    "SharedSpace",
    "create_fusion",
    "gather",
]

STRATEGIES: dict[str, Callable[[], FusionStrategy]] = {
    "attention": AttentionFusion,
    "early": EarlyFusion,
    "late": LateFusion,
}
"""the strategies by the name used in the settings"""


def create_fusion(name: str) -> FusionStrategy | None:
    """The fusion strategy of that name with its trained weights, or None if there is none.

    Raises:
        ModelUnavailable: its weights are missing or damaged.
    """
    strategy = STRATEGIES.get(name)
    return strategy() if strategy else None
