"""The intent model: from everything that was heard, seen and read to one decision."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from assistant.encoders.encoder import Encoder
from assistant.errors import ModelUnavailable, UserError
from assistant.fusion.own_space import OwnSpace
from assistant.fusion.strategy import FusionOutput, FusionStrategy
from assistant.intents.decision_policy import apply_policy, in_scope, weights_of, words_attended
from assistant.intents.examples import collect
from assistant.intents.follow_ups import FollowUpHead, Leaning, declared, weigh
from assistant.intents.fusion_input import BuiltInput, InputBuilder, read_detectors
from assistant.intents.head import Reading, TextHead
from assistant.intents.report import FitReport
from assistant.intents.respelling import Respeller
from assistant.intents.store import SentenceVectors
from assistant.intents.training_set import TrainingSet, language_read, reads, vectors_of
from assistant.plugins.api import Intent
from assistant.settings import Settings
from assistant.types import MODALITIES, OUT_OF_SCOPE, Decision, Encoding, Modality

__all__ = ["IntentModel"]

logger = logging.getLogger(__name__)

MULTILINGUAL = "use"
"""the text encoder that reads every language"""
WORDS: tuple[Modality, ...] = ("text", "audio")
"""modalities whose encodings may be sentences"""


class IntentModel:
    """Decides what a turn means.

    Not to be called from two threads at once: `fit` and `decide` belong on the inference worker.

    Args:
        encoders: by name; those of text ("bert", "use") read the examples. One that fails is left out.
        fusion: joins the modalities.
        settings: sections `intents` and `text` are read.
        keep: whether what is fitted stays on disk, so that the next start need not fit the same again.
    """

    def __init__(
        self, encoders: Mapping[str, Encoder], fusion: FusionStrategy, settings: Settings, *, keep: bool = True
    ) -> None:
        self.fusion = fusion
        self._encoders = {name: encoder for name, encoder in encoders.items() if encoder.modality == "text"}
        self._looking = [encoder for encoder in encoders.values() if encoder.modality == "image"]
        self._settings = settings
        self._keep = keep
        self._memory = {name: SentenceVectors(f"{name} {settings.text.model}", keep=keep) for name in self._encoders}
        self._known: TrainingSet | None = None
        self._builder: InputBuilder | None = None
        self._heads: dict[tuple[str, ...], TextHead | None] = {}
        self._respeller: Respeller | None = None
        self._knows: Callable[[str], bool] | None = None
        self._learned: tuple[Intent, ...] = ()
        self._follow_ups: tuple[FollowUpHead | None, ...] = ()

    @property
    def intents(self) -> tuple[str, ...]:
        """The names of the intents it knows."""
        return self._known.names if self._known else ()

    def fit(self, intents: Sequence[Intent]) -> FitReport:
        """Learn the intents from their examples, replacing what was known.

        The first sentence in a language that an encoder cannot read costs another, smaller fit.

        Raises:
            ModelUnavailable: no text encoder could be loaded, and there is something to read.
        """
        began = time.perf_counter()
        examples = collect(intents)
        known = TrainingSet.read(intents, examples, self._encoders, self._memory)
        found = known.head(known.views, self._settings, keep=self._keep) if known.views else None
        head, kept = found if found else (None, False)
        self._known, self._heads = known, {known.views: head}
        self._learned, self._follow_ups = tuple(intents), ()
        detectors, problems = read_detectors(intents)
        own = partial(self._own_space, known.phrases)
        self._builder = InputBuilder.create(known.by_intent(), known.phrases_by_intent(), detectors, own)
        readers = (getattr(self._encoders[view], "inner", self._encoders[view]) for view in known.views)
        self._knows = next((reader.knows for reader in readers if hasattr(reader, "knows")), None)
        self._respeller = Respeller(examples.texts, self._knows) if self._knows else None
        return FitReport(
            intents=len(intents),
            examples=len(examples.texts),
            seconds=time.perf_counter() - began,
            cached=kept,
            accuracy=head.accuracy if head else math.nan,
            temperature=head.temperature if head else 1.0,
            warnings=(*examples.warnings, *problems),
        )

    def respell(self, text: str) -> str:
        """A request as it was perhaps meant, for a second reading; the same when there is nothing to mend."""
        return self._respeller.respell(text) if self._respeller else text

    def decide(self, encodings: Sequence[Encoding]) -> Decision:
        """Decide a turn.

        Args:
            encodings: everything heard, seen and read, in any order; what was typed and said by one or more
                text encoders. What says nothing about any intent is out of scope.
        """
        readings = {m: reading for m in WORDS if (reading := self.read(encodings, m)) is not None}
        built = self._builder.build(encodings, readings) if self._builder and self.intents else None
        if built is None and readings:
            return self._by_words_alone(readings)
        if built is None:
            return Decision(OUT_OF_SCOPE, 1.0, "out_of_scope", contributions=_even(encodings), out_of_scope=1.0)
        fused = self._fuse(built)
        ours, pointing = in_scope(built.readings, built.picture)
        attended = words_attended(fused.attention, built.inputs, built.labels)
        weights = weights_of(fused, built.inputs, built.readings)
        options = self._settings.intents.max_options
        return apply_policy(self.intents, fused, ours, pointing, _floor(readings), options, weights, attended)

    def in_context(self, alone: Decision, joint: Decision, last: str, encodings: Sequence[Encoding]) -> Decision:
        """Decide words that may lean on the turn before; see `assistant.intents.follow_ups`.

        Args:
            alone: the decision on the words alone.
            joint: the decision on the words behind those of the turn before.
            last: the intent of the turn before.
            encodings: of the words alone.
        """
        vector = next((each for each in encodings if each.encoder == MULTILINGUAL and each.text), None)
        head = self._follow_up_head() if vector is not None else None
        names = self.intents
        said = None if head is None or vector is None else head.log_probabilities(vector.pooled, names)
        text = next((each.text for each in encodings if each.text), "")
        acting = [intent.may_act for intent in self._learned]
        return weigh(Leaning(names, acting, alone, joint, last, text, said))

    def _follow_up_head(self) -> FollowUpHead | None:
        """Fitted when it is first needed."""
        encoder = self._encoders.get(MULTILINGUAL)
        if not self._follow_ups and encoder is not None:
            try:
                pairs = declared(self._learned)
                memory = self._memory[MULTILINGUAL]
                head = FollowUpHead.kept_or_fitted(
                    pairs, lambda texts: np.stack(list(vectors_of(encoder, texts, memory).values())), keep=self._keep
                )
            except UserError as error:
                logger.warning("what is said in the midst of a conversation is left out: %s", error)
                head = None
            self._follow_ups = (head,)
        return self._follow_ups[0] if self._follow_ups else None

    def picture_kinds(self, encodings: Sequence[Encoding]) -> dict[str, float]:
        """Probability of each kind that plugins register, from a picture's encodings; {} without detectors."""
        return self._builder.picture_kinds(encodings) if self._builder else {}

    def read(self, encodings: Sequence[Encoding], modality: Modality = "text") -> Reading | None:
        """The head's reading of one modality's words; None without words or without training."""
        views = self._views_of(encodings, modality)
        head = self._head(views)
        if head is None:
            return None
        by_name = {e.encoder: e for e in encodings if e.modality == modality}
        text = by_name[views[0]].text
        vectors = [by_name[view].pooled[None].astype(np.float32) for view in views]
        return head.read(vectors, [text], [language_read(text, self._knows)])[0]

    def head_of(self, encodings: Sequence[Encoding], modality: Modality = "text") -> TextHead | None:
        """The head that reads the words of one modality."""
        return self._head(self._views_of(encodings, modality))

    def _own_space(self, phrases: Sequence[Sequence[str]]) -> OwnSpace | None:
        """The space of the picture encoder itself, where it can read; None, with a line in the log, where it fails."""
        for encoder in (getattr(each, "inner", each) for each in self._looking):
            try:
                if (reader := getattr(encoder, "reader", lambda: None)()) is not None:
                    return OwnSpace(encoder.name, reader, phrases)
            except ModelUnavailable as error:
                logger.warning("pictures are left out of the intent model: %s", error)
        return None

    def _fuse(self, built: BuiltInput) -> FusionOutput:
        fused = self.fusion.fuse(built.inputs)
        if built.inputs.present.sum() == 1 and built.readings:  # words alone decide as they are, whatever the strategy
            index = int(np.argmax(built.inputs.present))
            return FusionOutput(built.inputs.logits[index], fused.weights, fused.attention)
        return fused

    def _by_words_alone(self, readings: Mapping[Modality, Reading]) -> Decision:
        """Without the maps into the shared space nothing can be joined: the more reliable words decide."""
        modality, best = max(readings.items(), key=lambda item: item[1].reliability)
        fused = FusionOutput(best.log_probs, np.zeros(3, np.float32), np.zeros(0, np.float32))
        ours, pointing = in_scope(readings, 0.0)
        options = self._settings.intents.max_options
        return apply_policy(self.intents, fused, ours, pointing, best.floor, options, {modality: 1.0}, ())

    def _views_of(self, encodings: Sequence[Encoding], modality: Modality) -> tuple[str, ...]:
        texts = {e.text for e in encodings if e.modality == modality}
        languages = {text: language_read(text, self._knows) for text in texts}
        here = {e.encoder for e in encodings if e.modality == modality and reads(e.encoder, languages[e.text])}
        return tuple(name for name in self._known.views if name in here) if self._known else ()

    def _head(self, views: tuple[str, ...]) -> TextHead | None:
        if not views or self._known is None:
            return None
        if views not in self._heads:
            found = self._known.head(views, self._settings, keep=self._keep)
            self._heads[views] = found[0] if found else None
        return self._heads[views]


def _floor(readings: Mapping[Modality, Reading]) -> float:
    return min((reading.floor for reading in readings.values()), default=Reading.floor)


def _even(encodings: Sequence[Encoding]) -> dict[Modality, float]:
    present = {encoding.modality for encoding in encodings}
    return {modality: 1.0 / len(present) for modality in MODALITIES if modality in present}
