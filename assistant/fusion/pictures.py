"""Scores pictures against the intents' ``looks_like`` phrases.

Two views are joined. Detectors of picture kinds (`assistant.fusion.picture_kinds`), which plugins bring, speak for
every intent whose phrases mean such a kind. For everything else the picture is compared with the phrases in the
shared space, against a background of everyday phrases that says how similar pictures and phrases are by chance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.fusion.modality_logits import log_softmax
from assistant.fusion.picture_kinds import ENCODER, STATISTICS, KindDetector
from assistant.fusion.projection import DIMENSION, SharedSpace
from assistant.fusion.shipped import load_weights
from assistant.types import Encoding, FloatArray

__all__ = ["EVERYDAY", "PictureLogits", "PictureScorer"]

EVERYDAY = "everyday"
"""name of the pictures that belong to no kind"""
FLOOR = 1e-3
"""probability left to an intent that a picture does not support, and to a kind that its plain numbers exclude"""
SECOND_VIEW = 0.4
"""weight of the plain numbers beside the vectors: they know less, but drawings mislead them less"""
SAME_MEANING = (16.0, 0.52)
"""slope and middle of the sigmoid from a cosine similarity of phrases to a probability of one meaning"""
CLOSE = 0.1
"""cosine similarity to the closest kind within which phrases mean another kind too"""
NO_PHRASES = np.float32(-9.0)
"""similarity of a picture to an intent without phrases"""


@dataclass(frozen=True, eq=False)
class PictureLogits:
    """Scores of one or more pictures over the intents."""

    log_probs: FloatArray
    """(k,), float32: log-probabilities over the intents"""
    reliability: float
    """0 to 1: how likely the picture belongs to any intent; an everyday picture is near 0"""
    kinds: Mapping[str, float]
    """picture kind → probability 0 to 1; `EVERYDAY` is the rest; sums to 1"""


class PictureScorer:
    """Scores pictures against phrases, with detectors of picture kinds and the shared space."""

    def __init__(
        self,
        detectors: Sequence[KindDetector] = (),
        space: SharedSpace | None = None,
        weights: Mapping[str, FloatArray] | None = None,
    ) -> None:
        self.space = space or SharedSpace()
        self.weights = load_weights("pictures") if weights is None else weights
        self.kinds = tuple(kind for detector in detectors for kind in detector.kinds)
        self._detectors = tuple(detectors)
        self._odds = np.array([*(kind.odds for kind in self.kinds), 0.0], np.float32)
        phrases = [detector.phrases_of(i) for detector in detectors for i in range(len(detector.kinds))]
        self._phrases: FloatArray = np.concatenate([np.zeros((0, DIMENSION), np.float32), *phrases])
        self._meant: tuple[Sequence[FloatArray], FloatArray] = (), np.zeros((0, len(phrases)), np.float32)
        """vectors of the phrases of the intents scored last"""
        self._owners = np.repeat(np.arange(len(phrases)), [len(group) for group in phrases])

    def kind_probabilities(self, pooled: FloatArray, statistics: FloatArray | None = None) -> FloatArray:
        """Probabilities (p, kinds + 1) of `kinds` and, last, of everyday pictures; each row sums to 1.

        `pooled` (p, 1280) comes from `ENCODER`; `statistics` (p, 30) of `STATISTICS` are a second view.
        """
        pooled = np.atleast_2d(pooled)
        logs = _with_everyday([detector.log_odds(pooled) for detector in self._detectors], len(pooled))
        logs = log_softmax((logs + self._odds).astype(np.float32))
        if statistics is not None:
            rows = np.atleast_2d(statistics)
            second = _with_everyday([detector.second_log_odds(rows) for detector in self._detectors], len(rows))
            logs = log_softmax((logs + SECOND_VIEW * np.log(np.exp(second) + np.float32(FLOOR))).astype(np.float32))
        return self._by_objects(pooled, np.exp(logs))

    def _by_objects(self, pooled: FloatArray, probabilities: FloatArray) -> FloatArray:
        """Moves probability to everyday pictures if a kind's objects are hardly shown, or a whole one surely is."""
        if self.space.classes is None:
            return probabilities
        moved, seen = probabilities.copy(), self.space.classes.probabilities(pooled)
        for index, kind in enumerate(self.kinds):
            if kind.objects:
                moved[:, index] *= np.minimum(seen[:, list(kind.objects)].sum(axis=1) / kind.least_objects, 1.0)
            if kind.whole:
                surest = seen[:, list(kind.whole)].max(axis=1)
                moved[:, index] *= np.minimum((1.0 - surest) / (1.0 - kind.most_whole), 1.0) ** 2
            moved[:, -1] += probabilities[:, index] - moved[:, index]
        return moved

    def score(self, pictures: Sequence[Encoding], looks_like: Sequence[FloatArray]) -> PictureLogits | None:
        """Score a turn's pictures, seen by `ENCODER`; None when that encoder saw none.

        Args:
            pictures: encodings of one or more pictures by `ENCODER`, and by `STATISTICS` in the same order; those
                of other encoders are ignored.
            looks_like: per intent (m, 384), its phrases in the shared space, unit length; m may be 0.
        """
        rows = [encoding.pooled for encoding in pictures if encoding.encoder == ENCODER]
        if not rows or not looks_like:
            return None
        pooled = np.stack(rows)
        numbers = [encoding.pooled for encoding in pictures if encoding.encoder == STATISTICS]
        kinds = self.kind_probabilities(pooled, np.stack(numbers) if len(numbers) == len(rows) else None)
        masses = np.stack([self._mass(p, k, looks_like) for p, k in zip(pooled, kinds, strict=True)])
        best = int(np.argmax(masses.sum(axis=1)))  # of several pictures, the one with the most certain intent
        mass = masses[best]
        reliability = float(np.clip(mass.sum(), 0.0, 1.0))
        log_probs = np.log((mass + FLOOR) / (mass + FLOOR).sum()).astype(np.float32)
        named: dict[str, float] = defaultdict(float)
        for name, probability in zip((*(kind.name for kind in self.kinds), EVERYDAY), kinds[best], strict=True):
            named[name] += float(probability)
        return PictureLogits(log_probs, reliability, named)

    def similarities(self, pooled: FloatArray, phrases: FloatArray) -> FloatArray:
        """(d,) picture and (m, 384) phrases to (m,): standard deviations above everyday phrases."""
        return self._similar(*self._seen(pooled), phrases)

    def _seen(self, pooled: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(384,), a picture in the shared space, and its similarities to everyday phrases."""
        seen = self.space.project_pooled(ENCODER, pooled[None])[0]
        return seen, self.weights["background"] @ seen

    def _similar(self, seen: FloatArray, by_chance: FloatArray, phrases: FloatArray) -> FloatArray:
        result: FloatArray = (phrases @ seen - by_chance.mean()) / (by_chance.std() + 1e-6)
        return result

    def _mass(self, pooled: FloatArray, kinds: FloatArray, looks_like: Sequence[FloatArray]) -> FloatArray:
        """(k,): probability that the picture belongs to each intent; what is missing to 1 belongs to none."""
        seen = self._seen(pooled)
        best = (self._similar(*seen, phrases).max() if len(phrases) else NO_PHRASES for phrases in looks_like)
        similarity = np.array([np.float32(each) for each in best], np.float32)
        if self._meant[0] is not looks_like:
            self._meant = looks_like, np.stack([self._meaning(phrases) for phrases in looks_like])
        meant = self._meant[1]
        claim = meant * np.exp(np.clip(similarity, -3, 3))[:, None] ** 0.5
        divided = claim / np.maximum(claim.sum(axis=0), 1e-9) * meant.max(axis=0)
        direct = divided @ kinds[:-1]
        slope, middle = self.weights["zero_shot"]
        alike = 1.0 / (1.0 + np.exp(-slope * (similarity - middle)))
        alike = alike * (1.0 - meant.max(axis=1, initial=0.0))  # a kind's own detector is better than the shared space
        rest = (1.0 - direct.sum()) * alike / max(1.0, float(alike.sum()))
        mass: FloatArray = direct + rest
        return mass

    def _meaning(self, phrases: FloatArray) -> FloatArray:
        """(kinds,): how surely the phrases mean each kind, 0 to 1."""
        if not len(phrases) or not self.kinds:
            return np.zeros(len(self.kinds), np.float32)
        closest = (phrases @ self._phrases.T).max(axis=0)
        similarity = np.full(len(self.kinds), -1.0, np.float32)
        np.maximum.at(similarity, self._owners, closest)
        slope, middle = SAME_MEANING
        sure: FloatArray = 1.0 / (1.0 + np.exp(-slope * (similarity - middle)))
        meant: FloatArray = sure * (similarity >= similarity.max() - CLOSE)
        return meant


def _with_everyday(odds: Sequence[FloatArray], count: int) -> FloatArray:
    """Log-odds of all detectors to log-probabilities (p, kinds + 1); everyday pictures are last."""
    return log_softmax(np.hstack([*odds, np.zeros((count, 1), np.float32)]).astype(np.float32))
