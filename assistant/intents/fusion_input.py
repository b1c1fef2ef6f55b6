"""Builds the input of the fusion: each modality's own logits, and all tokens beside the intents."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from assistant.errors import ModelUnavailable, UserError
from assistant.fusion.gathering import gather
from assistant.fusion.own_space import OwnSpace
from assistant.fusion.picture_kinds import KindDetector, read_detector
from assistant.fusion.pictures import EVERYDAY, PictureLogits, PictureScorer
from assistant.fusion.projection import SharedSpace
from assistant.fusion.strategy import FusionInput
from assistant.intents.head import Reading, unit
from assistant.plugins.api import Intent
from assistant.types import MODALITIES, Encoding, FloatArray, Modality

__all__ = ["BuiltInput", "InputBuilder", "beside", "read_detectors"]

logger = logging.getLogger(__name__)

IMAGE = MODALITIES.index("image")
ONLY_POINTS = 0.6
"""probability of only pointing, beside this picture, from which words leave the decision to the picture"""
UNRELATED = 0.3
"""how often people who say what they want show a picture of another intent, against one who points; see `beside`"""
UNSURE = 1e-4
"""least probability of an intent by one modality, so that none can exclude what another is sure of"""
MOST_UNSURE = 0.05
"""probability that all intents get in this way together, however many they are"""


@dataclass(frozen=True, eq=False)
class BuiltInput:
    """A turn ready for the fusion."""

    inputs: FusionInput
    labels: tuple[str, ...]
    """(n): the word, patch or second of each token"""
    picture: float
    """probability that a picture belongs to any intent; 0 without one"""
    readings: Mapping[Modality, Reading]
    """what the words say beside the picture, see `beside`"""


class InputBuilder:
    """Builds fusion inputs from the intents' place in the shared space and their pictures' phrases.

    Args:
        sentences: per intent, encoder → vectors (m, d) of its examples.
        phrases: the same of its `looks_like`.
        detectors: of the picture kinds that plugins bring.
        own: how pictures of an encoder that can read too are scored, where there is one; called at the first picture.
    """

    def __init__(
        self,
        sentences: Sequence[Mapping[str, FloatArray]],
        phrases: Sequence[Mapping[str, FloatArray]],
        detectors: Sequence[KindDetector] = (),
        own: Callable[[], OwnSpace | None] = lambda: None,
    ) -> None:
        self._own = cache(own)
        self._space = SharedSpace()
        self._looks_like = [self._project(group) for group in phrases]
        both = zip((self._project(group) for group in sentences), self._looks_like, strict=True)
        means = [np.concatenate(pair).sum(axis=0) for pair in both]
        self.queries = unit(np.stack(means)) if means else np.zeros((0, self._space.dimension), np.float32)
        pictured = any(len(group) for group in self._looks_like)
        self._scorer = PictureScorer(detectors, self._space) if pictured else None

    @classmethod
    def create(
        cls,
        sentences: Sequence[Mapping[str, FloatArray]],
        phrases: Sequence[Mapping[str, FloatArray]],
        detectors: Sequence[KindDetector] = (),
        own: Callable[[], OwnSpace | None] = lambda: None,
    ) -> InputBuilder | None:
        """The builder, or None with a line in the log when the trained maps are missing: words alone then decide."""
        try:
            return cls(sentences, phrases, detectors, own)
        except ModelUnavailable as error:
            logger.warning("pictures are left out of the intent model: %s", error)
            return None

    def build(self, encodings: Sequence[Encoding], readings: Mapping[Modality, Reading]) -> BuiltInput | None:
        """A turn's fusion input; None when no modality has logits, such as a picture when no intent has phrases."""
        k = len(self.queries)
        logits = np.zeros((3, k), np.float32)
        present, reliability = np.zeros(3, np.bool_), np.zeros(3, np.float32)
        shown = [encoding for encoding in encodings if encoding.modality == "image"]
        picture = self._score(shown) if shown else None
        if picture is not None:
            readings = {modality: beside(picture, reading) for modality, reading in readings.items()}
        for modality, reading in readings.items():
            if picture is not None and reading.deictic > ONLY_POINTS:
                continue  # words that say nothing must not bend what the picture says
            index = MODALITIES.index(modality)
            logits[index], present[index], reliability[index] = _logits_of(reading), True, reading.reliability
        if picture is not None:
            logits[IMAGE], present[IMAGE] = picture.log_probs, True
            reliability[IMAGE] = picture.reliability * (1.0 - _overruled(picture.log_probs, readings))
        if not present.any():
            return None
        tokens = gather(
            [encoding for encoding in encodings if present[MODALITIES.index(encoding.modality)]], self._space
        )
        inputs = FusionInput(tokens.tokens, tokens.modalities, tokens.mask, self.queries, logits, present, reliability)
        return BuiltInput(inputs, tokens.labels, picture.reliability if picture is not None else 0.0, readings)

    def picture_kinds(self, encodings: Sequence[Encoding]) -> dict[str, float]:
        """Probability (0 to 1) of each known kind of picture; {} without detectors or without a picture."""
        found = self._scorer.score(encodings, self._looks_like) if self._scorer else None
        return {name: share for name, share in found.kinds.items() if name != EVERYDAY} if found else {}

    def _score(self, shown: Sequence[Encoding]) -> PictureLogits | None:
        if self._scorer is None:
            return None
        found = self._scorer.score(shown, self._looks_like)
        if found is None and (own := self._own()) is not None:
            return own.score(shown)
        return found

    def _project(self, group: Mapping[str, FloatArray]) -> FloatArray:
        known = [
            self._space.project(name, rows)
            for name, rows in group.items()
            if name in self._space.encoders and len(rows)
        ]
        return np.concatenate(known) if known else np.zeros((0, self._space.dimension), np.float32)


def beside(picture: PictureLogits, reading: Reading) -> Reading:
    """Adjusts a reading beside a picture: a picture of an unnamed intent makes it likelier that the words only point.

    By Bayes' rule: a user who points shows a picture of what is meant; a user who says something shows one of
    the intent that is said, or, `UNRELATED`, any. "How bad is it" says little alone, and nothing beside
    a picture of a cracked tile.
    """
    agreement = float(np.exp(reading.log_probs) @ np.exp(picture.log_probs))
    likelier = (picture.reliability + UNRELATED) / (picture.reliability * agreement + UNRELATED)
    pointing = reading.deictic * likelier
    return replace(reading, deictic=pointing / (pointing + 1.0 - reading.deictic))


def read_detectors(intents: Sequence[Intent]) -> tuple[list[KindDetector], list[str]]:
    """The detectors that intents bring, each file once; and a line for each file that cannot be used."""
    detectors: list[KindDetector] = []
    problems: list[str] = []
    brought = {intent.picture_kinds: intent.plugin for intent in intents if intent.picture_kinds is not None}
    for path, plugin in brought.items():
        try:
            detectors.append(read_detector(path))
        except UserError as error:
            logger.warning("%s: %s", plugin, error)
            problems.append(f"{plugin}: {error}")
    return detectors, problems


def _logits_of(reading: Reading) -> FloatArray:
    """Log-probabilities, the more even the more the sentence only points."""
    k = len(reading.log_probs)
    even = min(max(reading.deictic, min(UNSURE * k, MOST_UNSURE)), 1.0)
    mixed: FloatArray = np.log((1.0 - even) * np.exp(reading.log_probs) + even / k).astype(np.float32)
    return mixed


def _overruled(log_probs: FloatArray, readings: Mapping[Modality, Reading]) -> float:
    """Returns the certainty (0 to 1) that the words exclude the picture's best intent; words outrank pictures."""
    shown = int(np.argmax(log_probs))
    sure = [
        reading.reliability * float(np.exp(reading.log_probs.max()))
        for reading in readings.values()
        if int(np.argmax(reading.log_probs)) != shown
    ]
    return max(sure, default=0.0)
