"""How well the tone head hears: on speakers it has not learned from, and on calm voices that must not alarm it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.evaluation.metrics import area_under_roc
from assistant.speech.tone import DIMENSIONS
from assistant.training.tone import Voices, fit_tone
from assistant.types import FloatArray

__all__ = ["ALARM", "ToneFigures", "evaluate_tone"]

ALARM = 0.8
"""probability at which a plugin may act on a dimension"""


@dataclass(frozen=True)
class ToneFigures:
    """One dimension; shares 0 to 1, nan where there was nothing to measure."""

    dimension: str
    recordings: int
    share: float
    """of recordings that have it"""
    auroc: float
    """on speakers left out"""
    recall: float
    """unweighted average recall at one half, on speakers left out; always saying the same gives 0.5"""
    found: float
    """of recordings that have it, those above `ALARM`"""
    false_alarms: float
    """of acted recordings that lack it, those above `ALARM`"""
    calm_alarms: float
    """of read speech by voices and, for recordings named apart, microphones left out: those above `ALARM`"""
    calm: int
    """how many of those there were"""

    def to_json(self) -> dict[str, Any]:
        """Rounded, nan as null."""
        values = vars(self).items()
        return {k: (None if v != v else round(v, 4)) if isinstance(v, float) else v for k, v in values}


def evaluate_tone(acted: Voices, calm: Sequence[Voices], strange: Sequence[Voices] = ()) -> list[ToneFigures]:
    """Leave one acted speaker out at a time; of calm voices, every second one.

    Args:
        acted: emotional speech.
        calm: read speech that training may use.
        strange: read speech that no fold learns from.
    """
    scores = np.zeros((len(acted.speakers), len(DIMENSIONS)), np.float32)
    alarms: list[FloatArray] = []
    speakers = np.array(acted.speakers)
    for turn, speaker in enumerate(sorted(set(acted.speakers))):
        learned, left = zip(*(_halves(voices, turn % 2) for voices in calm), strict=True) if calm else ((), ())
        tone = fit_tone(acted.of(speakers != speaker), learned)
        scores[speakers == speaker] = tone.read(acted.features[speakers == speaker])
        if turn < 2:  # either half of the calm voices once
            alarms += [tone.read(voices.features) for voices in left if len(voices.speakers)]
    alarms += [fit_tone(acted, calm).read(voices.features) for voices in strange]
    quiet = np.concatenate(alarms) if alarms else np.zeros((0, len(DIMENSIONS)), np.float32)
    return [_figures(name, scores[:, i], acted.labels[:, i], quiet[:, i]) for i, name in enumerate(DIMENSIONS)]


def _halves(voices: Voices, which: int) -> tuple[Voices, Voices]:
    """By speaker: those to learn from, and the others."""
    order = sorted(set(voices.speakers))
    mine = np.array([order.index(speaker) % 2 == which for speaker in voices.speakers])
    return voices.of(mine), voices.of(~mine)


def _figures(name: str, scores: FloatArray, has: np.ndarray[Any, Any], quiet: FloatArray) -> ToneFigures:
    said = scores > 0.5
    return ToneFigures(
        dimension=name,
        recordings=len(scores),
        share=float(has.mean()),
        auroc=area_under_roc(scores[has], scores[~has]),
        recall=0.5 * float(said[has].mean() + (~said[~has]).mean()),
        found=float((scores[has] > ALARM).mean()),
        false_alarms=float((scores[~has] > ALARM).mean()),
        calm_alarms=float((quiet > ALARM).mean()) if len(quiet) else float("nan"),
        calm=len(quiet),
    )
