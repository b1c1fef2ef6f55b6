"""The sentences of all intents as vectors: every text encoder reads them once, and remembers."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.encoder import Encoder
from assistant.errors import UserError
from assistant.intents.examples import Examples, is_latin, sentences
from assistant.intents.fitting import Corpus, fit_text_head
from assistant.intents.head import TextHead, join, unit
from assistant.intents.store import SentenceVectors, load_head, save_head
from assistant.language import detect_language, is_english
from assistant.plugins.api import Intent
from assistant.settings import Settings
from assistant.types import FloatArray, content_hash

__all__ = ["TrainingSet", "language_read", "reads", "vectors_of"]

logger = logging.getLogger(__name__)

FITTING = ("confidence.py", "density.py", "fitting.py", "head.py", "lexical.py", "logistic.py", "training_set.py")
"""files that say how a head is fitted; a change in one makes kept heads worthless"""
ENGLISH_ONLY = frozenset({"bert", "mpnet-base"})
"""text encoders that read nothing but English; other scripts are kept from them"""
CLAIMED = 0.55
"""cosine similarity to an example of another plugin from which a sentence is that plugin's"""
PLACED = frozenset({"bert", "use"})
"""text encoders whose vectors the shared space knows"""


def language_read(text: str, knows: Callable[[str], bool] | None = None) -> str:
    """The language of a text, ISO 639-1; "" for a language that is not distinguished. `knows` as in `is_english`."""
    found = detect_language(text)
    return "" if found == "en" and not is_english(text, knows) else found


def reads(encoder: str, language: str) -> bool:
    """Returns whether a text encoder can make sense of a language, as `language_read` names it."""
    return encoder not in ENGLISH_ONLY or language == "en"


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """Everything a head is fitted to, by encoder."""

    names: tuple[str, ...]
    examples: Examples
    hints: tuple[tuple[str, int], ...]
    """what an intent's name says, and the intent"""
    unlike: tuple[tuple[str, str], ...]
    """what means no intent of a plugin, and the plugin"""
    phrases: tuple[tuple[str, ...], ...]
    """per intent, what its pictures look like"""
    vectors: Mapping[str, Mapping[str, FloatArray]]
    """encoder → text → (d,), for the texts it can read"""

    @classmethod
    def read(
        cls,
        intents: Sequence[Intent],
        examples: Examples,
        encoders: Mapping[str, Encoder],
        memory: Mapping[str, SentenceVectors],
    ) -> TrainingSet:
        """Let every encoder read everything; one that fails is left out, with a line in the log.

        Raises:
            ModelUnavailable: none could be loaded.
        """
        taught = set(examples.labels)
        hints = tuple((_spoken(intent.name), i) for i, intent in enumerate(intents) if i in taught)
        phrases = tuple(intent.looks_like for intent in intents)
        unlike = tuple((text, intent.plugin) for intent in intents for text in intent.unlike)
        texts = [*examples.texts, *(text for text, _ in (*hints, *unlike)), *(p for group in phrases for p in group)]
        vectors: dict[str, dict[str, FloatArray]] = {}
        failure: UserError | None = None
        shipped = (*sentences("foreign"), *sentences("deictic")) if examples.texts else ()
        for name, encoder in encoders.items() if texts else ():
            readable = list(dict.fromkeys(text for text in (*texts, *shipped) if _teaches(name, text)))
            try:
                vectors[name] = vectors_of(encoder, readable, memory[name])
            except UserError as error:
                failure = error
                logger.warning("%s is left out of the intent model: %s", name, error)
        if not vectors and failure is not None:
            raise failure
        return cls(tuple(intent.name for intent in intents), examples, hints, unlike, phrases, vectors)

    @property
    def views(self) -> tuple[str, ...]:
        """The encoders that read it."""
        return tuple(self.vectors)

    def head(self, views: tuple[str, ...], settings: Settings, *, keep: bool = True) -> tuple[TextHead, bool] | None:
        """The head for some of the views, and whether it was kept from before; None without a readable example."""
        key = self._key(views, settings)
        if keep and (kept := load_head(key)) is not None:
            return kept, True
        corpus = self._corpus(views)
        if not len(corpus.labels):
            return None
        intents = settings.intents
        head = fit_text_head(corpus, coverage=intents.coverage, retention=intents.in_scope_retention)
        if keep:
            save_head(key, head)
        return head, False

    def by_intent(self) -> list[dict[str, FloatArray]]:
        """Per intent, encoder → vectors (m, d) of its examples; English by the encoder whose space pictures share."""
        texts: list[list[str]] = [[] for _ in self.names]
        for text, label in zip(self.examples.texts, self.examples.labels, strict=True):
            texts[label].append(text)
        return [self._best_views(group) for group in texts]

    def phrases_by_intent(self) -> list[dict[str, FloatArray]]:
        """The same for the phrases of `looks_like`."""
        return [self._best_views(group) for group in self.phrases]

    def _best_views(self, texts: Sequence[str]) -> dict[str, FloatArray]:
        rows: dict[str, list[FloatArray]] = {}
        for text in texts:
            for name, known in self.vectors.items():
                if text in known and name in PLACED:
                    rows.setdefault(name, []).append(known[text])
                    break
        return {name: np.stack(group) for name, group in rows.items()}

    def _corpus(self, views: tuple[str, ...]) -> Corpus:
        examples = self.examples
        usable = [i for i, text in enumerate(examples.texts) if any(text in self.vectors[view] for view in views)]
        texts = tuple(examples.texts[i] for i in usable)
        labels = np.array([examples.labels[i] for i in usable], np.int64)
        taught = set(labels.tolist())
        hints = [(text, label) for text, label in self.hints if label in taught]
        hint_texts = tuple(text for text, _ in hints)
        return Corpus(
            views=self._rows(views, texts),
            texts=texts,
            labels=labels,
            classes=len(self.names),
            hints=self._rows(views, hint_texts),
            hint_texts=hint_texts,
            hint_labels=np.array([label for _, label in hints], np.int64),
            foreign=self._rows(views, self._readable(views, "foreign")),
            foreign_texts=tuple(self._readable(views, "foreign")),
            deictic=self._rows(views, self._readable(views, "deictic")),
            unlike=self._rows(views, self._unclaimed(views)),
        )

    def _unclaimed(self, views: tuple[str, ...]) -> list[str]:
        """Returns a plugin's `unlike` sentences that come close to no example of another plugin."""
        readable = [pair for pair in self.unlike if any(pair[0] in self.vectors[view] for view in views)]
        near = unit(join(self._rows(views, [text for text, _ in readable])))
        alike = near @ unit(join(self._rows(views, self.examples.texts))).T
        owners = np.array([self.names[label].partition(".")[0] for label in self.examples.labels])
        return [
            text
            for (text, plugin), row in zip(readable, alike, strict=True)
            if row[owners != plugin].max(initial=-1.0) < CLAIMED
        ]

    def _readable(self, views: tuple[str, ...], name: str) -> list[str]:
        return [text for text in sentences(name) if any(text in self.vectors[view] for view in views)]

    def _rows(self, views: tuple[str, ...], texts: Sequence[str]) -> tuple[FloatArray, ...]:
        """Per view (n, d_v); a text that a view cannot read is 0 there."""
        result = []
        for view in views:
            known = self.vectors[view]
            nothing = np.zeros_like(next(iter(known.values()))) if known else np.zeros(1, np.float32)
            rows: list[FloatArray] = [known.get(text, nothing) for text in texts]
            result.append(np.stack(rows) if rows else np.zeros((0, len(nothing)), np.float32))
        return tuple(result)

    def _key(self, views: tuple[str, ...], settings: Settings) -> str:
        asked = (settings.text.model, settings.intents.coverage, settings.intents.in_scope_retention)
        shipped: list[NDArray[np.generic] | str] = [*sentences("foreign"), *sentences("deictic")]
        parts = [
            _version(),
            repr(asked),
            repr(views),
            repr(self.names),
            repr(self.hints),
            repr(shipped),
            repr(self.unlike),
        ]
        return content_hash(*parts, repr(self.examples.texts), repr(self.examples.labels))


@cache
def _version() -> str:
    return content_hash(*((Path(__file__).parent / name).read_bytes() for name in FITTING))


def _teaches(encoder: str, text: str) -> bool:
    """Returns whether a text encoder takes part in an example, also in another language with known letters."""
    return encoder not in ENGLISH_ONLY or is_latin(text)


def _spoken(name: str) -> str:
    """ "lights.turn_on", "lights/turn-on" or "TurnOn" → "turn on"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.split(r"[./]", name)[-1])
    return " ".join(re.sub(r"[\W_]+", " ", apart).lower().split()) or name


def vectors_of(encoder: Encoder, texts: Sequence[str], memory: SentenceVectors) -> dict[str, FloatArray]:
    """The vector (d,) that an encoder makes of each text, in their order; those remembered cost nothing."""
    found = dict(zip(texts, memory.find(texts), strict=True))
    missing = [text for text, row in found.items() if row is None]
    if missing:
        rows = np.stack([encoding.pooled for encoding in encoder.encode(missing)]).astype(np.float32)
        memory.add(missing, rows)
        found.update(zip(missing, rows, strict=True))
    return {text: row for text, row in found.items() if row is not None}
