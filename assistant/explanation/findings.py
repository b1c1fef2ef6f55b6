"""Values of an explanation: how much each word, each part of a picture and each moment of sound counted.

Every weight is in nats of log-odds: how much less likely, against all other intents, the explained intent would be
without this part. Below 0 the part spoke against it. Of a part of a picture, what it tells alone counts as well, on
the same scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from assistant.types import MODALITIES, Decision, FloatArray, Modality

__all__ = ["Explanation", "Heat", "Moment", "Passage", "Word"]


@dataclass(frozen=True)
class Word:
    """A word, or what no encoder splits."""

    text: str
    start: int
    end: int
    """characters of the passage"""
    weight: float
    """nats"""


@dataclass(frozen=True)
class Passage:
    """Words that were typed or spoken."""

    modality: Modality
    """"text" or "audio" """
    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, eq=False)
class Heat:
    """Heat map of the evidence in one picture, or of a thing that the words name."""

    picture: int
    """which of the turn's pictures, from 0"""
    grid: FloatArray
    """(rows, columns), float32, nats; of a thing, the classifier's logits above the picture's mean"""
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    """left, top, right, bottom of what the encoder saw, as shares of the picture's width and height"""
    thing: str = ""
    """the ImageNet class that the words name, where this is about where it lies"""


@dataclass(frozen=True)
class Moment:
    """A spoken word in its place."""

    text: str
    start: float
    end: float
    """seconds in the clip, estimated from where there is speech"""
    weight: float
    """nats"""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a turn was decided as it was."""

    decision: Decision
    intent: str
    """the intent that is explained: the decision's, or the nearest one where none fits; "" when there is none"""
    passages: tuple[Passage, ...] = ()
    heats: tuple[Heat, ...] = ()
    moments: tuple[Moment, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The explanation as ``assistant explain --json`` prints it."""
        decision = self.decision
        return {
            "intent": decision.intent,
            "explained": self.intent or None,
            "outcome": decision.outcome,
            "source": decision.source,
            "confidence": round(decision.confidence, 4),
            "alternatives": [
                {"intent": c.intent, "confidence": round(c.confidence, 4)}
                for c in decision.candidates
                if c.intent != decision.intent
            ][:5],
            "contributions": {m: round(float(decision.contributions.get(m, 0.0)), 4) for m in MODALITIES},
            "unit": "nats of log-odds against all other intents",
            "words": [
                {"modality": p.modality, "text": w.text, "start": w.start, "end": w.end, "weight": round(w.weight, 4)}
                for p in self.passages
                for w in p.words
            ],
            "pictures": [
                {
                    "picture": heat.picture,
                    "thing": heat.thing or None,
                    "box": list(heat.box),
                    "grid": np.round(heat.grid, 4).tolist(),
                }
                for heat in self.heats
            ],
            "moments": [
                {"text": m.text, "start": round(m.start, 2), "end": round(m.end, 2), "weight": round(m.weight, 4)}
                for m in self.moments
            ],
        }
