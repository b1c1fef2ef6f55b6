"""From outcomes to figures: accuracy, calibration, and knowing one's limits."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from assistant.evaluation.metrics import area_under_roc, calibration_error, macro_f1, recall_at_retention
from assistant.evaluation.outcomes import Outcome

__all__ = ["Figures", "figures_of", "rounded"]


@dataclass(frozen=True)
class Figures:
    """What came out; shares are 0 to 1, nan where there was nothing to measure."""

    name: str
    """which modalities or control"""
    turns: int
    accuracy: float
    """of turns that belong to an intent: the best intent is the right one"""
    macro_f1: float
    decided_rightly: float
    """of all turns: right intent and not refused, or refused when it is nobody's"""
    ece_before: float
    """calibration error of the words' probabilities before the temperature"""
    ece: float
    """calibration error after the cross-validated temperature"""
    oos_auroc: float
    oos_recall: float
    """of out-of-scope turns at 95 % of the others kept"""
    accuracy_at_threshold: float
    """of turns that belong to an intent: let through by the model's own threshold, and right"""
    recall_at_threshold: float
    """of out-of-scope turns by the model's own threshold"""
    coverage: float
    """the right intent is in the conformal set"""
    set_size: float
    """mean size of the conformal set"""
    decide_ms: float
    """median milliseconds of the decision, encoding not counted"""

    def to_json(self) -> dict[str, Any]:
        """Rounded, nan as null."""
        return {key: rounded(value) for key, value in asdict(self).items()}


def rounded(value: Any, digits: int = 4) -> Any:
    """A float as JSON holds it: rounded, nan as None; anything else as it is."""
    if not isinstance(value, float):
        return value
    return None if math.isnan(value) else round(value, digits)


def figures_of(name: str, outcomes: Sequence[Outcome]) -> Figures:
    """Figures of at least one outcome."""
    ours = [outcome for outcome in outcomes if outcome.label]
    theirs = [outcome for outcome in outcomes if not outcome.label]
    words = [outcome.words for outcome in ours if outcome.words is not None]
    right = np.array([outcome.right for outcome in ours], np.bool_)
    inside, outside = _scores(ours), _scores(theirs)
    refused = [not outcome.through for outcome in theirs]
    answered = [outcome.right and outcome.through for outcome in ours]
    raw = np.array([word.raw for word in words])
    return Figures(
        name=name,
        turns=len(outcomes),
        accuracy=_mean(right),
        macro_f1=macro_f1([outcome.label for outcome in ours], [outcome.best for outcome in ours]),
        decided_rightly=_mean([*answered, *refused]),
        ece_before=calibration_error(raw, np.array([word.right for word in words], np.bool_)),
        ece=calibration_error(np.array([outcome.confidence for outcome in ours]), right),
        oos_auroc=area_under_roc(inside, outside),
        oos_recall=recall_at_retention(inside, outside),
        accuracy_at_threshold=_mean(answered),
        recall_at_threshold=_mean(refused),
        coverage=_mean(word.covered for word in words),
        set_size=_mean(word.set_size for word in words),
        decide_ms=statistics.median(outcome.milliseconds for outcome in outcomes),
    )


def _scores(outcomes: Sequence[Outcome]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([outcome.in_scope for outcome in outcomes], np.float64)


def _mean(values: Iterable[float]) -> float:
    found = [float(value) for value in values]
    return statistics.fmean(found) if found else math.nan
