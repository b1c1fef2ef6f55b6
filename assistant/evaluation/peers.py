"""What people would pick instead: peers from other packages, and the simple rules they stand for.

Each is a `assistant.evaluation.contenders.Contender`; its package is imported when it prepares itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.settings import Settings
from assistant.types import FloatArray

if TYPE_CHECKING:
    from assistant.encoders.encoder import Encoder

__all__ = ["Answer", "LogisticOnVectors", "LogisticOnWords", "NearestExamples", "SemanticRouter", "SetFit"]

Answer = tuple[str, float]
"""the best intent, and how surely the turn is any intent's; larger is surer"""

NEAREST = 5
"""examples that semantic-router compares a sentence with"""
PAIRS = 20
"""pairs per example that SetFit makes, as in its paper (https://arxiv.org/abs/2209.11055)"""
STRENGTH = 10.0
"""C of scikit-learn's logistic regression; its default of 1 is too weak for vectors of unit length"""


class LogisticOnVectors:
    """scikit-learn's logistic regression on sentence vectors."""

    def __init__(self, settings: Settings) -> None:
        self._encoder = _encoder(settings)

    def prepare(self) -> None:
        """See `Contender.prepare`."""
        from sklearn.linear_model import LogisticRegression

        self._model = LogisticRegression(C=STRENGTH, max_iter=1000)
        _vectors(self._encoder, ["warm up"])

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        """See `Contender.train`."""
        self._model.fit(_vectors(self._encoder, texts), list(labels))

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        """See `Contender.answer`."""
        return _best(self._model.predict_proba(_vectors(self._encoder, texts)), self._model.classes_)


class LogisticOnWords:
    """scikit-learn's logistic regression on TF-IDF of words and pairs of words."""

    def __init__(self, settings: Settings) -> None:
        pass

    def prepare(self) -> None:
        """See `Contender.prepare`."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        self._model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LogisticRegression(C=STRENGTH, max_iter=1000)
        )

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        """See `Contender.train`."""
        self._model.fit(list(texts), list(labels))

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        """See `Contender.answer`."""
        return _best(self._model.predict_proba(list(texts)), self._model.classes_)


class SetFit:
    """SetFit: the encoder tuned on pairs of examples, then logistic regression."""

    def __init__(self, settings: Settings, steps: int) -> None:
        self._settings = settings
        self._steps = steps

    def prepare(self) -> None:
        """See `Contender.prepare`."""
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
        """See `Contender.train`."""
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
        """See `Contender.answer`."""
        shares = np.asarray(self._model.predict_proba(list(texts)))
        return _best(shares, self._model.model_head.classes_)


class SemanticRouter:
    """semantic-router's router, with the same encoder."""

    def __init__(self, settings: Settings) -> None:
        self._encoder = _encoder(settings)

    def prepare(self) -> None:
        """See `Contender.prepare`."""
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
        """See `Contender.train`."""
        routes = [self._route(name=label, utterances=said) for label, said in _grouped(texts, labels).items()]
        self._router = self._router_type(encoder=self._reader, routes=routes)

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        """See `Contender.answer`."""
        choices = [self._router(text, threshold=-1.0) for text in texts]
        return [(choice.name or "", float(choice.confidence or 0.0)) for choice in choices]


class NearestExamples:
    """semantic-router's rule, computed here: the best mean similarity among the nearest examples."""

    def __init__(self, settings: Settings) -> None:
        self._encoder = _encoder(settings)

    def prepare(self) -> None:
        """See `Contender.prepare`."""
        _vectors(self._encoder, ["warm up"])

    def train(self, texts: Sequence[str], labels: Sequence[str]) -> None:
        """See `Contender.train`."""
        self._known, self._labels = _vectors(self._encoder, texts), list(labels)

    def answer(self, texts: Sequence[str]) -> list[Answer]:
        """See `Contender.answer`."""
        return [self._one(row) for row in _vectors(self._encoder, texts) @ self._known.T]

    def _one(self, similar: FloatArray) -> Answer:
        nearest = np.argsort(-similar)[:NEAREST]
        groups = _grouped([float(similar[i]) for i in nearest], [self._labels[i] for i in nearest])
        scores = {label: float(np.mean(found)) for label, found in groups.items()}
        best = max(scores, key=lambda label: scores[label])
        return best, scores[best]


def _encoder(settings: Settings) -> Encoder:
    from assistant.encoders.text import BertEncoder

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
