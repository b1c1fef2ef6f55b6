"""Decides follow-ups by the turn before: "and the other one", "make it four", 那夏天呢.

A conditional logit over the intents and "nothing". It weighs what the intent model makes of the words alone and of the
words behind those before them, what a small head makes of words in the midst of a conversation (learned from what
plugins declare as ``after``), whether an intent is the last one or of its plugin, and how short the words are.
`assistant train follow-ups` fits the weights to labelled turns; none of them knows an intent by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.modality_logits import log_softmax
from assistant.intents.examples import sentences
from assistant.intents.head import unit
from assistant.intents.logistic import fit_logistic
from assistant.intents.store import load_arrays, save_arrays
from assistant.plugins.api import Intent
from assistant.types import OUT_OF_SCOPE, Candidate, Decision, FloatArray, content_hash

__all__ = [
    "INTENT_FEATURES",
    "NOTHING_FEATURES",
    "WEIGHTS",
    "FollowUpHead",
    "Leaning",
    "beside_the_point",
    "declared",
    "joined_words",
    "weigh",
]

WEIGHTS = Path(__file__).parent / "weights" / "follow_ups.json"
FLOOR = 3e-4
"""probability of what the intent model does not name"""
STRENGTH = 6.0
"""C of the head's regression; chosen by cross-validation"""
FOREIGN = 3
"""one in so many of the shipped sentences about other things is learned from"""
MOST = 10
"""candidates of a decision"""
INTENT_FEATURES, NOTHING_FEATURES = 20, 7
_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]{1,2}|[^\W_]+")
"""a Chinese word has about two letters"""


def joined_words(before: str, text: str) -> str:
    """Joins a text to that of the turn before, as the intent model reads both."""
    joint = "，" if re.search(r"[\u3400-\u9fff]$", before.rstrip(" .。!！")) else ". "
    return f"{before.rstrip(' .。!！?？')}{joint}{text}"


@dataclass(frozen=True, eq=False)
class FollowUpHead:
    """Classifies words within a conversation by their sentence vector alone.

    Attributes:
        names: of the m intents that say how they are asked for there, and `OUT_OF_SCOPE`.
        weights: (d + 1, m + 1), float32; the bias is last.
    """

    names: tuple[str, ...]
    weights: FloatArray

    @classmethod
    def fit(cls, labelled: Sequence[tuple[str, str]], vectors: FloatArray) -> FollowUpHead | None:
        """Learn from (words, intent) pairs with their vectors (n, d); None where fewer than two intents are named."""
        names = tuple(dict.fromkeys(name for _, name in labelled))
        if len(names) < 2:
            return None
        labels = np.array([names.index(name) for _, name in labelled], np.int64)
        return cls(names, fit_logistic(unit(vectors), labels, len(names), STRENGTH, tolerance=1e-5))

    @classmethod
    def kept_or_fitted(
        cls, labelled: Sequence[tuple[str, str]], encode: Callable[[Sequence[str]], FloatArray], *, keep: bool
    ) -> FollowUpHead | None:
        """The head for these pairs: from the disk where the same were learned from before, else fitted.

        Args:
            labelled: (words, intent) pairs.
            encode: makes (n, d) vectors of words; called only where the head is to be fitted.
            keep: whether it is looked for and left on the disk.
        """
        key = f"head-follow-ups-{content_hash(repr((STRENGTH, labelled)))[:32]}"
        arrays = load_arrays(key) if keep else None
        if arrays is not None and {"names", "weights"} <= arrays.keys():
            return cls(tuple(arrays["names"].tobytes().decode().split()), arrays["weights"])
        head = cls.fit(labelled, encode([text for text, _ in labelled])) if labelled else None
        if head is not None and keep:
            names = np.frombuffer(" ".join(head.names).encode(), np.uint8)
            save_arrays(key, {"names": names, "weights": head.weights})
        return head

    def log_probabilities(self, vector: FloatArray, intents: Sequence[str]) -> FloatArray:
        """(k + 1,) of k intents and nothing; an intent that it was not taught is as likely as any."""
        found = log_softmax((unit(vector[None]) @ self.weights[:-1] + self.weights[-1]).astype(np.float32))[0]
        known = dict(zip(self.names, np.maximum(found, np.log(FLOOR)), strict=True))
        usual = -np.log(len(self.names))
        return np.array([known.get(name, usual) for name in (*intents, OUT_OF_SCOPE)], np.float32)


def declared(intents: Sequence[Intent]) -> list[tuple[str, str]]:
    """The plugins' `after=` sentences, and shipped sentences that mean nothing."""
    taught = {text: intent.name for intent in intents for text in intent.after}
    nothing = (*sentences("asides"), *beside_the_point()) if taught else ()
    return [*taught.items(), *((text, OUT_OF_SCOPE) for text in nothing if text not in taught)]


def beside_the_point() -> tuple[str, ...]:
    """Shipped sentences about other things; more of them would drown what leans."""
    return sentences("foreign")[::FOREIGN]


@dataclass(frozen=True, eq=False)
class Leaning:
    """Features of words that may depend on the turn before."""

    intents: Sequence[str]
    """all that may be meant"""
    acting: Sequence[bool]
    """whether each changes something"""
    alone: Decision
    """on the words alone"""
    joint: Decision
    """on `joined_words`"""
    last: str
    """the intent of the turn before"""
    text: str
    head: FloatArray | None
    """(k + 1,), see `FollowUpHead.log_probabilities`; None without one"""

    def features(self) -> FloatArray:
        """(k + 1, `INTENT_FEATURES` + `NOTHING_FEATURES`), float32; the last row is for nothing."""
        alone, joint = (_named(made) for made in (self.alone, self.joint))
        out, plugin = self.alone.out_of_scope, self.last.partition(".")[0]
        short = 1 / (1 + len(_WORDS.findall(self.text)) / 4)
        usual = -np.log(len(self.intents) + 1)
        head = np.full(len(self.intents) + 1, usual, np.float32) if self.head is None else self.head
        rows = np.zeros((len(self.intents) + 1, INTENT_FEATURES + NOTHING_FEATURES), np.float32)
        for at, (name, acts) in enumerate(zip(self.intents, self.acting, strict=True)):
            a, j = (np.log(max(found.get(name, 0.0), FLOOR)) for found in (alone, joint))
            here, same, c = float(name.partition(".")[0] == plugin), float(name == self.last), head[at]
            likely = (a, j, c, a * out, j * out, c * out, a * short, j * short, c * short)
            close = (here, same, here * short, same * short, here * out, same * out, acts, acts * here, acts * same)
            rows[at, :INTENT_FEATURES] = (*likely, *close, j * here, a * here)
        nothing = (np.log(max(out, 1e-3)), np.log(max(self.joint.out_of_scope, 1e-3)), 1, short, out * short)
        rows[-1, INTENT_FEATURES:] = (*nothing, bool(self.last), head[-1])
        return rows


def _named(made: Decision) -> dict[str, float]:
    return {each.intent: each.confidence for each in made.candidates}


@cache
def _shipped() -> FloatArray:
    return np.array(json.loads(WEIGHTS.read_text("utf-8"))["weights"], np.float32)


def weigh(leaning: Leaning, weights: FloatArray | None = None) -> Decision:
    """The decision in context: the likeliest intent with its probability, or nothing; its outcome is to be judged.

    Args:
        leaning: what is known.
        weights: of the features; the shipped ones by default.
    """
    scores = leaning.features() @ (_shipped() if weights is None else weights)
    probabilities = np.exp(log_softmax(scores[None].astype(np.float32))[0])
    order: NDArray[np.int64] = np.argsort(-probabilities[:-1], kind="stable")[:MOST]
    candidates = tuple(Candidate(leaning.intents[i], float(probabilities[i])) for i in order)
    nothing = float(probabilities[-1])
    best = candidates[0]
    if nothing > best.confidence:
        best = Candidate(OUT_OF_SCOPE, nothing)
    return replace(
        leaning.alone,
        intent=best.intent,
        confidence=best.confidence,
        outcome="out_of_scope" if best.intent == OUT_OF_SCOPE else "answer",
        candidates=candidates,
        options=(),
        out_of_scope=nothing,
        source="in context",
    )
