"""What a picture says about the intents, by their ``looks_like`` phrases.

Two opinions are joined. Detectors for a few visual kinds (an X-ray, a receipt, …) speak for every intent whose
phrases mean that kind. For everything else the picture is compared with the phrases in the shared space,
against a background of a thousand everyday phrases that say how similar pictures and phrases are by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.fusion.kinds import GOODS, KINDS
from assistant.fusion.modality_logits import log_softmax
from assistant.fusion.projection import SharedSpace, unit
from assistant.fusion.shipped import load_weights
from assistant.types import Encoding, FloatArray

__all__ = ["PictureLogits", "PictureScorer"]

ENCODER = "efficientnet-lite0"
STATISTICS = "image-statistics"
"""the encoder whose plain numbers are a second view of the kinds, where it is there"""
DAMAGE = list(KINDS).index("damage")
FLOOR = 1e-3
"""probability left to an intent that a picture says nothing about"""


@dataclass(frozen=True, eq=False)
class PictureLogits:
    """What one or more pictures say about the intents."""

    log_probs: FloatArray
    """(k,), float32: log-probabilities over the intents"""
    reliability: float
    """0 to 1: how likely the picture says anything about any of them; an everyday picture is near 0"""
    kinds: Mapping[str, float]
    """visual kind → probability 0 to 1; "everyday" is the rest; sums to 1"""


class PictureScorer:
    """Scores pictures against phrases.

    Args:
        space: the shared space.
        weights: the arrays that `assistant train` writes; the shipped ones by default.
    """

    def __init__(self, space: SharedSpace | None = None, weights: Mapping[str, FloatArray] | None = None) -> None:
        self.space = space or SharedSpace()
        self.weights = load_weights("pictures") if weights is None else weights

    def kinds(self, pooled: FloatArray, statistics: FloatArray | None = None) -> FloatArray:
        """Probabilities (p, 6) of `KINDS` and of everything else, in order.

        Args:
            pooled: (p, 1280), vectors of `ENCODER`.
            statistics: (p, 30), of `STATISTICS`, of the same pictures; a second view, if there is one.
        """
        w = self.weights
        rows = unit(np.sqrt(np.maximum(np.atleast_2d(pooled), 0.0)))
        first = _fold(log_softmax(rows @ w["kind.weight"].T + w["kind.bias"]))
        if statistics is not None and statistics.shape[-1] == len(w["statistics.middle"]):
            scaled = (np.atleast_2d(statistics) - w["statistics.middle"]) / w["statistics.spread"]
            second = np.clip(scaled, -3.0, 3.0) @ w["statistics.weight"].T + w["statistics.bias"]
            share = float(w["statistics.share"][0])
            doubt = np.log(np.exp(_fold(log_softmax(second))) + np.float32(FLOOR))
            first = log_softmax((first + share * doubt).astype(np.float32))
        result: FloatArray = np.exp(first)
        return self._only_goods_break(np.atleast_2d(pooled), result)

    def _only_goods_break(self, pooled: FloatArray, kinds: FloatArray) -> FloatArray:
        """Damage counts the less the surer it is that a picture shows nothing people buy: a lion, a valley, a cake."""
        if "goods" not in self.weights or self.space.classes is None:
            return kinds
        goods = np.minimum(self.space.classes.share_of(pooled, GOODS) / self.weights["goods"][0], 1.0)
        left = kinds.copy()
        left[:, DAMAGE] *= goods
        left[:, -1] += kinds[:, DAMAGE] - left[:, DAMAGE]
        return left

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
        kinds = self.kinds(pooled, np.stack(numbers) if len(numbers) == len(rows) else None)
        masses = np.stack([self._mass(p, k, looks_like) for p, k in zip(pooled, kinds, strict=True)])
        best = int(np.argmax(masses.sum(axis=1)))  # of several pictures, the one that says most
        mass = masses[best]
        reliability = float(np.clip(mass.sum(), 0.0, 1.0))
        log_probs = np.log((mass + FLOOR) / (mass + FLOOR).sum()).astype(np.float32)
        named = zip((*KINDS, "everyday"), (float(p) for p in kinds[best]), strict=True)
        return PictureLogits(log_probs, reliability, dict(named))

    def similarities(self, pooled: FloatArray, phrases: FloatArray) -> FloatArray:
        """(d,) picture and (m, 384) phrases to (m,): standard deviations above everyday phrases."""
        seen = self.space.project_pooled(ENCODER, pooled[None])[0]
        by_chance = self.weights["background"] @ seen
        result: FloatArray = (phrases @ seen - by_chance.mean()) / (by_chance.std() + 1e-6)
        return result

    def _mass(self, pooled: FloatArray, kinds: FloatArray, looks_like: Sequence[FloatArray]) -> FloatArray:
        """(k,): probability that the picture belongs to each intent; what is missing to 1 belongs to none."""
        likeness = np.array([_best(self.similarities(pooled, p)) if len(p) else -9.0 for p in looks_like], np.float32)
        meant = np.stack([self._meaning(phrases) for phrases in looks_like])
        claim = meant * np.exp(np.clip(likeness, -3, 3))[:, None] ** 0.5
        shared = claim / np.maximum(claim.sum(axis=0), 1e-9) * meant.max(axis=0)
        direct = shared @ kinds[: len(KINDS)]
        slope, middle = self.weights["zero_shot"]
        alike = 1.0 / (1.0 + np.exp(-slope * (likeness - middle)))
        alike = alike * (1.0 - meant.max(axis=1))  # a kind's own detector knows better than the shared space
        rest = (1.0 - direct.sum()) * alike / max(1.0, float(alike.sum()))
        mass: FloatArray = direct + rest
        return mass

    def _meaning(self, phrases: FloatArray) -> FloatArray:
        """(kinds,): how surely the phrases mean each kind, 0 to 1."""
        if not len(phrases):
            return np.zeros(len(KINDS), np.float32)
        owner = self.weights["phrase.kind"].astype(np.int64)
        closest = (phrases @ self.weights["phrase.vectors"].T).max(axis=0)
        likeness = np.array([closest[owner == kind].max() for kind in range(len(KINDS))], np.float32)
        slope, middle = self.weights["meaning"]
        sure: FloatArray = 1.0 / (1.0 + np.exp(-slope * (likeness - middle)))
        meant: FloatArray = sure * (likeness >= likeness.max() - 0.1)
        return meant


def _fold(logs: FloatArray) -> FloatArray:
    """Log-probabilities (p, c) of all classes to (p, 6): what is no kind becomes one."""
    rest = np.logaddexp.reduce(logs[:, len(KINDS) :], axis=1, keepdims=True)
    folded: FloatArray = np.hstack([logs[:, : len(KINDS)], rest])
    return folded


def _best(values: FloatArray) -> float:
    return float(values.max())
