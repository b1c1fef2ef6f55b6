"""The few-shot text head: what a sentence says about every intent, and how far that can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.modality_logits import log_softmax
from assistant.intents.confidence import LEXICAL, Scope, scope_features
from assistant.intents.density import Density
from assistant.intents.lexical import Lexicon, grams_of, peak
from assistant.language import detect_language
from assistant.types import FloatArray

__all__ = ["Reading", "TextHead", "apply", "join", "languages_of", "mix", "nearness", "unit"]

SECOND_VIEW = 0.7
"""weight of every view but the first, whose vectors are finer in its own language"""
TRANSLATED = 0.5
"""how much lower a sentence scores whose language no example is in, as its vector lies farther from them all; half
of it is granted where not even the language can be told, for that may be nonsense"""
NEAREST, ALIKE = np.float32(0.5), 10.0
"""share of nearness to the intents' means in the logits of such a sentence, and the logits that a cosine similarity of 1
is worth: how the regression tells intents apart holds less in another language than what they are about"""
WIDER = 0.2
"""how much less probability an option needs there to be among as many as in a language of the examples"""
LEAST_SHARE = 0.05
"""of the examples that are in a language which the head then knows"""


@dataclass(frozen=True, eq=False)
class Reading:
    """A head's reading of a sentence."""

    log_probs: FloatArray
    """(k,), calibrated"""
    in_scope: float
    """probability that it is about any of the intents, given that it says anything, 0 to 1"""
    deictic: float
    """probability that it only points ("look at this") and says nothing by itself, 0 to 1"""
    floor: float = 0.1
    """least probability of an option, see `conformal_floor`"""

    @property
    def reliability(self) -> float:
        """Probability that it says anything about any intent, 0 to 1."""
        return (1.0 - self.deictic) * self.in_scope


@dataclass(frozen=True, eq=False)
class TextHead:
    """Linear opinions on one set of views, with what is known about their confidence."""

    weights: FloatArray
    """(d + 1, k), over the joined views"""
    lexicon: Lexicon | None
    lexical: float
    """weight of the lexicon's logits"""
    kinds: FloatArray
    """(d + 1, 3): ours, foreign, deictic"""
    density: Density
    """where the examples are, over the joined views"""
    prototypes: tuple[FloatArray, ...]
    """per view (k, d_v), unit length: the intents' means"""
    scope: Scope
    temperature: float
    floor: float
    """least probability of an option, see `conformal_floor`"""
    accuracy: float
    """cross-validated, 0 to 1; nan when unknown"""
    unlike: FloatArray | None = None
    """(d + 1, 1), over the joined views: for what is near the intents and means none; (d + 1, 0) or None for nothing"""
    languages: tuple[str, ...] = ()
    """of the examples, ISO 639-1; () when they do not matter"""

    def read(
        self, views: Sequence[FloatArray], texts: Sequence[str], languages: Sequence[str] | None = None
    ) -> list[Reading]:
        """Read n sentences.

        In a language that no example is in, words say nothing, nearness to the intents' means decides too, less of it
        is asked for, and there are more options.

        Args:
            views: per view (n, d_v).
            texts: the sentences themselves.
            languages: of each, ISO 639-1, "" for an unknown one; by default those of the examples.
        """
        x = join(views)
        logits = apply(self.weights, x)
        lenience = self._lenience(languages, len(x))
        own = lenience == 0.0
        lexical = self.lexicon.logits([grams_of(text) for text in texts]) if self.lexicon else np.zeros_like(logits)
        lexical *= own[:, None]
        near = self._near(x, logits)
        close = nearness(views, self.prototypes)
        away = NEAREST * np.float32(ALIKE) * close.mean(axis=0) + np.float32(1.0 - NEAREST) * logits
        logits = np.where(own[:, None], logits, away)
        logits = mix(logits, lexical, self.lexical, self.temperature)
        kinds = log_softmax(apply(self.kinds, x))
        similar = close.max(axis=2, initial=-1.0).T
        direct = kinds[:, 0] - kinds[:, 1]
        features = scope_features(logits, direct, self.density.closeness(x), peak(lexical), similar)
        features[~own, LEXICAL] = self.scope.mean[LEXICAL]
        ours = self.scope.probability(features, lenience) * (1.0 - near)
        logs = log_softmax(logits)
        sure = ours * np.exp(logs.max(axis=1))
        # "the total on this" points too, but says what it is about.
        pointing = 1.0 / (1.0 + np.exp(np.clip(2.0 * sure - _log_odds(kinds[:, 2]), -30.0, 30.0)))
        floors = self.floor * WIDER ** (lenience / TRANSLATED)
        return [Reading(logs[i], float(ours[i]), float(pointing[i]), float(floors[i])) for i in range(len(x))]

    def _near(self, x: FloatArray, logits: FloatArray) -> NDArray[np.float64]:
        """(n,): probability that a sentence is near the intents and means none of them."""
        if self.unlike is None or not self.unlike.shape[1]:
            return np.zeros(len(x))
        both: FloatArray = np.hstack([logits, apply(self.unlike, x)]).astype(np.float32) / np.float32(self.temperature)
        result: NDArray[np.float64] = np.exp(log_softmax(both)[:, -1]).astype(np.float64)
        return result

    def _lenience(self, languages: Sequence[str] | None, n: int) -> NDArray[np.float64]:
        """(n,): how much lower each sentence may score; 0 in a language of the examples."""
        if languages is None or not self.languages:
            return np.zeros(n)
        known = self.languages
        return np.array([0.0 if each in known else TRANSLATED if each else TRANSLATED / 2 for each in languages])


def languages_of(texts: Sequence[str]) -> tuple[str, ...]:
    """The languages that at least one in twenty examples is in, ISO 639-1; a stray word of another does not count."""
    counts = Counter(detect_language(text) for text in texts)
    return tuple(sorted(language for language, n in counts.items() if n >= LEAST_SHARE * len(texts)))


def join(views: Sequence[FloatArray]) -> FloatArray:
    """Views (n, d_v) side by side (n, d), each of unit length times its weight; a row absent from a view is 0 there."""
    scaled = [unit(view) * np.float32(1.0 if index == 0 else SECOND_VIEW) for index, view in enumerate(views)]
    joined: FloatArray = np.hstack(scaled).astype(np.float32)
    return joined


def unit(rows: FloatArray) -> FloatArray:
    """Rows scaled to length 1; zero rows stay zero."""
    scaled: FloatArray = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return scaled


def apply(weights: FloatArray, x: FloatArray) -> FloatArray:
    """(d + 1, k) weights with the bias last, and (n, d) rows, to (n, k) logits."""
    logits: FloatArray = x @ weights[:-1] + weights[-1]
    return logits


def mix(logits: FloatArray, lexical: FloatArray, weight: float, temperature: float) -> FloatArray:
    """Calibrated logits (n, k) of those of the vectors and those of the words."""
    mixed: FloatArray = ((logits + np.float32(weight) * lexical) / np.float32(temperature)).astype(np.float32)
    return mixed


def nearness(views: Sequence[FloatArray], prototypes: Sequence[FloatArray]) -> FloatArray:
    """(views, n, k): cosine similarity to the intents' means."""
    return np.stack([unit(view) @ means.T for view, means in zip(views, prototypes, strict=True)])


def _log_odds(log_probs: FloatArray) -> FloatArray:
    odds: FloatArray = log_probs - np.log(np.maximum(-np.expm1(np.minimum(log_probs, -1e-6)), 1e-9))
    return odds
