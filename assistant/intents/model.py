"""The intent model: from everything that was heard, seen and read to one decision."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from assistant.contracts import Encoder, FusionStrategy, Intent
from assistant.errors import UserError
from assistant.intents.examples import Examples, collect, is_latin, sentences
from assistant.intents.head import Reading, TextHead, fit_text_head
from assistant.intents.report import FitReport
from assistant.intents.store import SentenceVectors
from assistant.messages import OUT_OF_SCOPE, Candidate, Decision, Encoding, FloatArray, Modality
from assistant.settings import Settings

__all__ = ["IntentModel"]

logger = logging.getLogger(__name__)

ENGLISH_ONLY = frozenset({"bert"})
"""text encoders that read nothing but English; other scripts are kept from them"""
CLEAR_LEAD = 0.2
"""an intent this much less likely than the best is not worth a question"""
MOST_CANDIDATES = 10
MOST_ATTENDED = 12


class IntentModel:
    """Decides what a turn means.

    Not to be called from two threads at once: `fit` and `decide` belong on the inference worker.

    Args:
        encoders: by name; those of text ("bert", "use") read the examples. One that fails is left out, with a warning.
        fusion: joins the modalities.
        settings: sections `intents` and `text` are read.
    """

    def __init__(self, encoders: Mapping[str, Encoder], fusion: FusionStrategy | None, settings: Settings) -> None:
        self.fusion = fusion
        self._encoders = {name: encoder for name, encoder in encoders.items() if encoder.modality == "text"}
        self._settings = settings
        self._vectors = {name: SentenceVectors(f"{name} {settings.text.model}") for name in self._encoders}
        self._names: tuple[str, ...] = ()
        self._data: _TrainingData | None = None
        self._heads: dict[tuple[str, ...], TextHead] = {}

    @property
    def intents(self) -> tuple[str, ...]:
        """The names of the intents it knows."""
        return self._names

    def fit(self, intents: Sequence[Intent]) -> FitReport:
        """Learn the intents from their examples, replacing what was known.

        Raises:
            ModelUnavailable: no text encoder could be loaded, and there are examples to read.
        """
        began = time.perf_counter()
        examples = collect(intents)
        self._names = tuple(intent.name for intent in intents)
        self._heads = {}
        self._data = self._encode_all(examples)
        head = self._head(self._data.views) if self._data and self._data.views else None
        return FitReport(
            intents=len(intents),
            examples=len(examples.texts),
            seconds=time.perf_counter() - began,
            cached=False,
            accuracy=head.accuracy if head else math.nan,
            temperature=head.temperature if head else 1.0,
            warnings=examples.warnings,
        )

    def decide(self, encodings: Sequence[Encoding]) -> Decision:
        """Decide a turn.

        Args:
            encodings: everything heard, seen and read, in any order; text and transcripts by one or more
                text encoders. None at all is out of scope.
        """
        readings = {m: reading for m in ("text", "audio") if (reading := self._read(encodings, m)) is not None}
        if not self._names or not readings:
            return Decision(OUT_OF_SCOPE, 1.0, "out_of_scope", contributions=_even(encodings), out_of_scope=1.0)
        best = max(readings.values(), key=lambda reading: (1.0 - reading.deictic) * reading.in_scope)
        shares: dict[Modality, float] = {m: 1.0 / len(readings) for m in readings}  # type: ignore[misc]
        head = self._heads[self._views_of(encodings, "text" if "text" in readings else "audio")]
        return self._conclude(best, head.floor, shares)

    def _conclude(self, reading: Reading, floor: float, shares: Mapping[Modality, float]) -> Decision:
        probabilities = np.exp(reading.log_probs)
        order = np.argsort(-probabilities)[:MOST_CANDIDATES]
        candidates = tuple(Candidate(self._names[i], float(probabilities[i] * reading.in_scope)) for i in order)
        best = candidates[0]
        if reading.deictic > 0.5:
            return Decision(best.intent, best.confidence, "clarify", candidates, (), shares, (), 1.0 - reading.in_scope)
        if reading.in_scope < 0.5:
            outside = 1.0 - reading.in_scope
            return Decision(OUT_OF_SCOPE, outside, "out_of_scope", candidates, (), shares, (), outside)
        least = max(floor, CLEAR_LEAD * float(probabilities[order[0]]))
        options = tuple(self._names[i] for i in order if probabilities[i] >= least)[
            : self._settings.intents.max_options
        ]
        if len(options) < 2:
            return Decision(best.intent, best.confidence, "answer", candidates, (), shares, (), 1.0 - reading.in_scope)
        return Decision(
            best.intent, best.confidence, "clarify", candidates, options, shares, (), 1.0 - reading.in_scope
        )

    def _views_of(self, encodings: Sequence[Encoding], modality: str) -> tuple[str, ...]:
        here = {e.encoder for e in encodings if e.modality == modality and _reads(e.encoder, e.text)}
        return tuple(name for name in self._data.views if name in here) if self._data else ()

    def _read(self, encodings: Sequence[Encoding], modality: str) -> Reading | None:
        views = self._views_of(encodings, modality)
        if not views or not self._names:
            return None
        rows = {e.encoder: e.pooled[None] for e in encodings if e.modality == modality}
        return self._head(views).read(_join([rows[name] for name in views]))[0]

    def _head(self, views: tuple[str, ...]) -> TextHead:
        if views not in self._heads:
            assert self._data is not None
            self._heads[views] = self._data.fit(views, len(self._names), self._settings)
        return self._heads[views]

    def _encode_all(self, examples: Examples) -> _TrainingData | None:
        if not examples.texts:
            return None
        groups = (examples.texts, sentences("foreign"), sentences("deictic"))
        views: dict[str, tuple[FloatArray, ...]] = {}
        failure: UserError | None = None
        for name in self._encoders:
            try:
                views[name] = tuple(self._encode(name, texts) for texts in groups)
            except UserError as error:
                failure = error
                logger.warning("%s is left out of the intent model: %s", name, error)
        if not views and failure is not None:
            raise failure
        return _TrainingData(views, np.array(examples.labels, np.int64))

    def _encode(self, name: str, texts: Sequence[str]) -> FloatArray:
        readable = [text for text in texts if _reads(name, text)]
        found = self._vectors[name].find(readable)
        missing = [text for text, row in zip(readable, found, strict=True) if row is None]
        if missing:
            encoded = np.stack([encoding.pooled for encoding in self._encoders[name].encode(missing)]).astype(
                np.float32
            )
            self._vectors[name].add(missing, encoded)
            found = self._vectors[name].find(readable)
        width = next(row.shape[0] for row in found if row is not None) if found else 1
        rows = {text: row for text, row in zip(readable, found, strict=True) if row is not None}
        return np.stack([rows.get(text, np.zeros(width, np.float32)) for text in texts])


@dataclass(frozen=True, eq=False)
class _TrainingData:
    by_view: Mapping[str, tuple[FloatArray, ...]]
    """encoder → vectors of examples, foreign and deictic sentences; rows it cannot read are 0"""
    labels: np.ndarray[tuple[int], np.dtype[np.int64]]

    @property
    def views(self) -> tuple[str, ...]:
        return tuple(self.by_view)

    def fit(self, views: tuple[str, ...], classes: int, settings: Settings) -> TextHead:
        x, foreign, deictic = (_join([self.by_view[name][group] for name in views]) for group in range(3))
        usable = np.linalg.norm(x, axis=1) > 0
        return fit_text_head(
            x[usable],
            self.labels[usable],
            classes,
            foreign[np.linalg.norm(foreign, axis=1) > 0],
            deictic[np.linalg.norm(deictic, axis=1) > 0],
            coverage=settings.intents.coverage,
            retention=settings.intents.in_scope_retention,
        )


def _join(views: Sequence[FloatArray]) -> FloatArray:
    """Views (n, d_v) side by side, each of unit length, the whole too; a view may be absent (0) in some rows."""
    unit = [view / np.maximum(np.linalg.norm(view, axis=1, keepdims=True), 1e-9) for view in views]
    joined = np.hstack(unit)
    result: FloatArray = (joined / np.maximum(np.linalg.norm(joined, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return result


def _reads(encoder: str, text: str) -> bool:
    return encoder not in ENGLISH_ONLY or is_latin(text)


def _even(encodings: Sequence[Encoding]) -> dict[Modality, float]:
    present = dict.fromkeys(encoding.modality for encoding in encodings)
    return {modality: 1.0 / len(present) for modality in present}
