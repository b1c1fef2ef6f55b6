"""Laying a turn on the table: what each modality says on its own, and all tokens beside the intents."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.fusion import PictureScorer, SharedSpace, gather
from assistant.fusion.strategy import FusionInput
from assistant.intents.head import Reading, unit
from assistant.types import MODALITIES, Encoding, FloatArray, Modality

__all__ = ["BuiltInput", "SharedTable"]

logger = logging.getLogger(__name__)

TEXT, IMAGE, AUDIO = (MODALITIES.index(modality) for modality in ("text", "image", "audio"))
ONLY_POINTS = 0.9
"""probability of only pointing from which words leave the decision to the picture"""
UNSURE = 1e-4
"""least probability of an intent in one modality's opinion, so that none can forbid what another is sure of"""
MOST_UNSURE = 0.05
"""what all intents get in this way together, however many they are"""


@dataclass(frozen=True, eq=False)
class BuiltInput:
    """A turn ready to be joined."""

    evidence: FusionInput
    labels: tuple[str, ...]
    """(n): the word, patch or second of each token"""
    picture: float
    """probability that a picture says anything about any intent; 0 without one"""


class SharedTable:
    """Knows the intents in the shared space, and what their pictures look like.

    Args:
        sentences: per intent, encoder → vectors (m, d) of its examples.
        phrases: the same of its `looks_like`.
    """

    def __init__(
        self, sentences: Sequence[Mapping[str, FloatArray]], phrases: Sequence[Mapping[str, FloatArray]]
    ) -> None:
        self._space = SharedSpace()
        self._looks_like = [self._project(group) for group in phrases]
        both = zip((self._project(group) for group in sentences), self._looks_like, strict=True)
        means = [np.concatenate(pair).sum(axis=0) for pair in both]
        self.queries = unit(np.stack(means)) if means else np.zeros((0, self._space.dimension), np.float32)
        self._scorer = PictureScorer(self._space) if any(len(group) for group in self._looks_like) else None

    @classmethod
    def build(
        cls, sentences: Sequence[Mapping[str, FloatArray]], phrases: Sequence[Mapping[str, FloatArray]]
    ) -> SharedTable | None:
        """The table, or None with a line in the log when the trained maps are missing: words alone then decide."""
        try:
            return cls(sentences, phrases)
        except ModelUnavailable as error:
            logger.warning("pictures are left out of the intent model: %s", error)
            return None

    def lay(self, encodings: Sequence[Encoding], readings: Mapping[Modality, Reading]) -> BuiltInput | None:
        """A turn's evidence; None when nothing in it says anything, such as pictures when no intent has phrases."""
        k = len(self.queries)
        logits = np.zeros((3, k), np.float32)
        present, reliability = np.zeros(3, np.bool_), np.zeros(3, np.float32)
        shown = [encoding for encoding in encodings if encoding.modality == "image"]
        opinion = self._scorer.score(shown, self._looks_like) if self._scorer and shown else None
        for modality, reading in readings.items():
            if opinion is not None and reading.deictic > ONLY_POINTS:
                continue  # words that say nothing must not bend what the picture says
            index = MODALITIES.index(modality)
            logits[index], present[index], reliability[index] = _opinion(reading), True, reading.reliability
        if opinion is not None:
            logits[IMAGE], present[IMAGE], reliability[IMAGE] = opinion.log_probs, True, opinion.reliability
            reliability[IMAGE] *= 1.0 - _overruled(opinion.log_probs, readings)
        if not present.any():
            return None
        table = gather(
            [encoding for encoding in encodings if present[MODALITIES.index(encoding.modality)]], self._space
        )
        evidence = FusionInput(table.tokens, table.modalities, table.mask, self.queries, logits, present, reliability)
        return BuiltInput(evidence, table.labels, opinion.reliability if opinion is not None else 0.0)

    def _project(self, group: Mapping[str, FloatArray]) -> FloatArray:
        known = [
            self._space.project(name, rows)
            for name, rows in group.items()
            if name in self._space.encoders and len(rows)
        ]
        return np.concatenate(known) if known else np.zeros((0, self._space.dimension), np.float32)


def _opinion(reading: Reading) -> FloatArray:
    """Log-probabilities, the more even the more the sentence only points."""
    k = len(reading.log_probs)
    even = max(reading.deictic, min(UNSURE * k, MOST_UNSURE))
    mixed: FloatArray = np.log((1.0 - min(even, 1.0)) * np.exp(reading.log_probs) + min(even, 1.0) / k).astype(
        np.float32
    )
    return mixed


def _overruled(log_probs: FloatArray, readings: Mapping[Modality, Reading]) -> float:
    """How surely words say that the picture's best intent is not meant, 0 to 1: what is said outranks what is shown."""
    shown = int(np.argmax(log_probs))
    sure = [
        reading.reliability * float(np.exp(reading.log_probs.max()))
        for reading in readings.values()
        if int(np.argmax(reading.log_probs)) != shown
    ]
    return max(sure, default=0.0)
