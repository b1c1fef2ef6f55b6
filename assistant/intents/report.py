"""The results of a fit, for people."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FitReport"]


@dataclass(frozen=True)
class FitReport:
    """The result of fitting the intent model to a set of plugins."""

    intents: int
    examples: int
    """sentences used, duplicates not counted"""
    seconds: float
    """wall-clock seconds, encoding included"""
    cached: bool
    """True when nothing had changed and the stored model was loaded"""
    accuracy: float
    """share of examples recognised by a model that had not seen them, 0 to 1; nan when there are too few"""
    temperature: float
    """of the text logits"""
    warnings: tuple[str, ...] = ()
    """duplicates, contradictions and intents that cannot be learned, one line each"""
