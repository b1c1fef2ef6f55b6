"""Ways to recognise intents that are measured side by side: ours, and what people would pick instead.

All that read sentences with a network use the same weights, those of the settings' text model.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.evaluation.peers import (
    Answer,
    LogisticOnVectors,
    LogisticOnWords,
    NearestExamples,
    SemanticRouter,
    SetFit,
)
from assistant.settings import Settings

__all__ = ["CONTENDERS", "Contender", "Entry", "absent"]


class Contender(Protocol):
    """Learns intents from examples and recognises them."""

    def prepare(self) -> None:
        """Import and load everything that does not depend on the examples."""

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        """Learn; encoding the examples is part of it."""

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        """Recognise sentences, each on its own."""


# Ours


class _Assistant:
    """The intent model as the assistant runs it."""

    def __init__(self, settings: Settings, only: str = "") -> None:
        self._settings = settings
        self._only = only

    def prepare(self) -> None:
        from assistant.encoders.cache import EncodingCache
        from assistant.encoders.factory import create_encoders
        from assistant.fusion import create_fusion
        from assistant.intents import IntentModel

        every = create_encoders(self._settings, EncodingCache(0))
        self._encoders = {e.name: e for e in every if e.modality == "text" and self._only in ("", e.name)}
        strategy = create_fusion("attention")
        assert strategy is not None
        self._model = IntentModel(self._encoders, strategy, self._settings, keep=False)
        for encoder in self._encoders.values():
            encoder.encode(["warm up"])

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        from assistant.evaluation.labelled import Row, intents_of

        self._model.fit(intents_of([Row(text, label) for text, label in zip(texts, labels, strict=True)]))

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        encodings = zip(*(encoder.encode(texts) for encoder in self._encoders.values()), strict=True)
        decisions = [self._model.decide(turn) for turn in encodings]
        return [(d.candidates[0].intent if d.candidates else "", 1.0 - d.out_of_scope) for d in decisions]


# The field


@dataclass(frozen=True)
class Entry:
    """A contender as it is listed."""

    title: str
    make: Callable[[Settings, int], Contender]
    """from the settings and SetFit's most steps, 0 for all"""
    packages: tuple[str, ...] = ()
    """what must be installed: the name for pip, which is also that of the module but for the dash"""
    peer: bool = True
    stands_in_for: str = ""
    """the contender whose rule it computes, where that is not installed"""


CONTENDERS: Mapping[str, Entry] = {
    "assistant": Entry("assistant", lambda settings, steps: _Assistant(settings), peer=False),
    "assistant-bert": Entry(
        "assistant, this encoder alone", lambda settings, steps: _Assistant(settings, "bert"), peer=False
    ),
    "setfit": Entry("SetFit", SetFit, ("setfit", "sentence-transformers", "scikit-learn")),
    "semantic-router": Entry("semantic-router", lambda settings, steps: SemanticRouter(settings), ("semantic-router",)),
    "nearest": Entry(
        "nearest examples",
        lambda settings, steps: NearestExamples(settings),
        stands_in_for="semantic-router",
    ),
    "logistic": Entry(
        "logistic regression on the encoder", lambda settings, steps: LogisticOnVectors(settings), ("scikit-learn",)
    ),
    "tfidf": Entry(
        "logistic regression on TF-IDF", lambda settings, steps: LogisticOnWords(settings), ("scikit-learn",)
    ),
}
"""name → contender, in the order in which they are shown"""

MODULES = {"scikit-learn": "sklearn"}


def absent(entry: Entry) -> list[str]:
    """The packages a contender needs that are not installed."""
    return [
        package
        for package in entry.packages
        if importlib.util.find_spec(MODULES.get(package, package.replace("-", "_"))) is None
    ]
