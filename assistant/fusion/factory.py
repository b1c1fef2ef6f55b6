"""The fusion strategies by name, with their trained weights."""

from __future__ import annotations

from collections.abc import Callable

from assistant.fusion.attention import AttentionFusion
from assistant.fusion.early import EarlyFusion
from assistant.fusion.late import LateFusion
from assistant.fusion.shipped import load_weights
from assistant.fusion.strategy import FusionStrategy
from assistant.settings import data_dir

__all__ = ["STRATEGIES", "create_fusion"]

STRATEGIES: dict[str, Callable[[], FusionStrategy]] = {
    "attention": AttentionFusion,
    "early": EarlyFusion,
    "late": LateFusion,
}
"""the strategies by the name used in the settings"""


def create_fusion(name: str) -> FusionStrategy | None:
    """Returns the fusion strategy of that name with the user's weights, else the shipped ones; None if there is none.

    Raises:
        ModelUnavailable: its weights are missing or damaged.
    """
    own = data_dir() / "fusion"
    if name == "attention" and (own / "attention.safetensors").is_file():  # `assistant train fusion` wrote it
        return AttentionFusion(load_weights(name, own))
    strategy = STRATEGIES.get(name)
    return strategy() if strategy else None
