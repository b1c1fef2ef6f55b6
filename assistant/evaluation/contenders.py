"""Ways to recognise intents that are measured side by side: ours, and what people would pick instead.

All that read sentences with a network use the same weights, those of the settings' text model.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from assistant.messages import FloatArray
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.contracts import Encoder

__all__ = ["CONTENDERS", "Answer", "Contender", "Entry", "absent"]

Answer = tuple[str, float]
"""the best intent, and how surely the turn is any intent's; larger is surer"""

NEAREST = 5
"""examples that semantic-router compares a sentence with"""
PAIRS = 20
"""pairs per example that SetFit makes, as in its paper (https://arxiv.org/abs/2209.11055)"""
STRENGTH = 10.0
"""C of scikit-learn's logistic regression; its default of 1 is too weak for vectors of unit length"""


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
        from assistant.encoders import EncodingCache, create_encoders
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


# Peers


class _LogisticOnVectors:
    """scikit-learn's logistic regression on sentence vectors."""

    def __init__(self, settings: Settings) -> None:
        self._encoder = _encoder(settings)

    def prepare(self) -> None:
        from sklearn.linear_model import LogisticRegression

        self._model = LogisticRegression(C=STRENGTH, max_iter=1000)
        _vectors(self._encoder, ["warm up"])

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        self._model.fit(_vectors(self._encoder, texts), list(labels))

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        return _best(self._model.predict_proba(_vectors(self._encoder, texts)), self._model.classes_)


class _LogisticOnWords:
    """scikit-learn's logistic regression on TF-IDF of words and pairs of words."""

    def __init__(self, settings: Settings) -> None:
        pass

    def prepare(self) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        self._model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=STRENGTH, max_iter=1000)
        )

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        self._model.fit(list(texts), list(labels))

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        return _best(self._model.predict_proba(list(texts)), self._model.classes_)


class _SetFit:
    """SetFit: the encoder tuned on pairs of examples, then logistic regression."""

    def __init__(self, settings: Settings, steps: int) -> None:
        self._settings = settings
        self._steps = steps

    def prepare(self) -> None:
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
        from setfit import SetFitModel
        from sklearn.linear_model import LogisticRegression

        from assistant.encoders.checkpoints import locate

        folder = str(locate(self._settings.text.model))
        reader = Transformer(folder, max_seq_length=self._settings.text.max_tokens)
        body = SentenceTransformer(modules=[reader, Pooling(_encoder(self._settings).dimension), Normalize()])
        self._model = SetFitModel(model_body=body, model_head=LogisticRegression(max_iter=1000))
        self._model.predict_proba  # noqa: B018 - fails here, not after minutes, where the interface has changed

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        import tempfile

        from datasets import Dataset
        from setfit import Trainer, TrainingArguments

        with tempfile.TemporaryDirectory() as folder:
            arguments = TrainingArguments(
                output_dir=folder,
                num_iterations=PAIRS,
                batch_size=16,
                max_steps=self._steps or -1,
                seed=0,
                report_to="none",
                save_strategy="no",
                show_progress_bar=False,
            )
            examples = Dataset.from_dict({"text": list(texts), "label": list(labels)})
            Trainer(model=self._model, args=arguments, train_dataset=examples).train()

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        shares = np.asarray(self._model.predict_proba(list(texts)))
        return _best(shares, self._model.model_head.classes_)


class _SemanticRouter:
    """semantic-router's router, with the same encoder."""

    def __init__(self, settings: Settings) -> None:
        self._encoder = _encoder(settings)

    def prepare(self) -> None:
        from semantic_router import IndexedRouter, Route
        from semantic_router.encoders import DenseEncoder

        reader = self._encoder

        class Reader(DenseEncoder):  # type: ignore[misc]
            def __call__(self, docs: list[Any]) -> list[list[float]]:
                found: list[list[float]] = _vectors(reader, docs).tolist()
                return found

        self._route, self._router_type, self._reader = Route, IndexedRouter, Reader(name="same encoder")
        _vectors(reader, ["warm up"])

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        routes = [self._route(name=label, utterances=said) for label, said in _grouped(texts, labels).items()]
        self._router = self._router_type(encoder=self._reader, routes=routes)

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        choices = [self._router(text, threshold=-1.0) for text in texts]
        return [(choice.name or "", float(choice.confidence or 0.0)) for choice in choices]


class _Nearest:
    """semantic-router's rule, computed here: the best mean similarity among the nearest examples."""

    def __init__(self, settings: Settings) -> None:
        self._encoder = _encoder(settings)

    def prepare(self) -> None:
        _vectors(self._encoder, ["warm up"])

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        self._known, self._labels = _vectors(self._encoder, texts), list(labels)

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        return [self._one(row) for row in _vectors(self._encoder, texts) @ self._known.T]

    def _one(self, similar: FloatArray) -> Answer:
        nearest = np.argsort(-similar)[:NEAREST]
        groups = _grouped([float(similar[i]) for i in nearest], [self._labels[i] for i in nearest])
        scores = {label: float(np.mean(found)) for label, found in groups.items()}
        best = max(scores, key=lambda label: scores[label])
        return best, scores[best]


def _encoder(settings: Settings) -> Encoder:
    from assistant.encoders import BertEncoder

    return BertEncoder(settings.text.model, max_tokens=settings.text.max_tokens, threads=settings.inference.threads)


def _vectors(encoder: Encoder, texts: Sequence[str]) -> FloatArray:
    return np.stack([encoding.pooled for encoding in encoder.encode(list(texts))])


def _best(shares: FloatArray, classes: Sequence[str]) -> list[Answer]:
    return [(str(classes[int(row.argmax())]), float(row.max())) for row in shares]


def _grouped(items: Sequence[Any], labels: Sequence[str]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for item, label in zip(items, labels, strict=True):
        groups.setdefault(label, []).append(item)
    return groups


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
    "setfit": Entry("SetFit", _SetFit, ("setfit", "sentence-transformers", "scikit-learn")),
    "semantic-router": Entry(
        "semantic-router", lambda settings, steps: _SemanticRouter(settings), ("semantic-router",)
    ),
    "nearest": Entry(
        "nearest examples",
        lambda settings, steps: _Nearest(settings),
        stands_in_for="semantic-router",
    ),
    "logistic": Entry(
        "logistic regression on the encoder", lambda settings, steps: _LogisticOnVectors(settings), ("scikit-learn",)
    ),
    "tfidf": Entry(
        "logistic regression on TF-IDF", lambda settings, steps: _LogisticOnWords(settings), ("scikit-learn",)
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
