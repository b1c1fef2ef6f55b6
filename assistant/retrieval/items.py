"""The items of a library and the results of a search, as frozen values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from assistant.errors import InputError
from assistant.retrieval.entries import Plain
from assistant.types import FloatArray, content_hash

__all__ = [
    "KINDS",
    "MEANING",
    "SHARED",
    "SHOWS",
    "Hit",
    "Item",
    "Kind",
    "Passage",
    "Query",
    "Source",
    "check_vectors",
    "having",
    "metadata_json",
]

Kind = Literal["text", "image", "audio"]
KINDS: tuple[Kind, ...] = get_args(Kind)

SHARED = 384
"""dimensions of the shared space, in which sentences, sounds and pictures compare"""
SHOWS = "shows"
"""the key under which the metadata say in words what a picture shows; it is found by them as by its text"""
MEANING = 512
"""dimensions of the multilingual sentence space, in which sentences of 16 languages compare"""


@dataclass(frozen=True, eq=False)
class Item:
    """One thing that can be found: a passage, a picture, a stretch of a recording."""

    source: str
    """the file it comes from, or any name its owner gives; with `part` unique within a namespace"""
    part: int
    """its place among the items of its source, from 0"""
    kind: Kind
    text: str
    """the passage, what is written in the picture, or what is said; may be empty"""
    shared: FloatArray
    """(384,), float32, unit length, in the shared space"""
    meaning: FloatArray | None = None
    """(512,), float32, unit length, in the multilingual sentence space; None without text"""
    place: str = ""
    """where in the source, for people: "page 3"; "" for all of it"""
    start: float | None = None
    """seconds into the recording"""
    end: float | None = None
    metadata: Mapping[str, Plain] = field(default_factory=dict)
    """whatever its owner wants to have back, or to search by"""

    @property
    def wording(self) -> str:
        """The text for the full-text search."""
        return f"{self.text}\n{self.metadata.get(SHOWS, '')}"

    def identity(self, namespace: str) -> str:
        """The same for the same place in the same source: writing it again replaces it."""
        return content_hash(namespace, self.source, str(self.part))[:32]


@dataclass(frozen=True)
class Passage:
    """The words of an item, and where they stand."""

    text: str
    place: str
    start: float | None
    """seconds into the recording"""


@dataclass(frozen=True)
class Source:
    """A file as it was when it was added."""

    path: str
    digest: str
    """content hash; "" when it could not be read"""
    size: int
    """bytes"""
    modified: float
    """seconds since the epoch"""
    items: int
    reason: str = ""
    """why it gave no items or, if it gave some, which parts could not be read; "" if all were"""

    @property
    def partly(self) -> bool:
        """Whether something of it was read, and something was not."""
        return bool(self.items and self.reason)


@dataclass(frozen=True, eq=False)
class Query:
    """A query by words, picture, meaning and metadata."""

    words: str = ""
    """for the full-text search; "" leaves it out"""
    shared: FloatArray | None = None
    """(384,), unit length"""
    meaning: FloatArray | None = None
    """(512,), unit length"""
    weights: Mapping[str, float] = field(default_factory=dict)
    """ranking ("shared", "meaning", "words") → how much it counts; 1 where none is given"""


@dataclass(frozen=True)
class Hit:
    """Something that was found."""

    source: str
    kind: Kind
    text: str
    place: str
    score: float
    """of the rankings joined; larger is better, comparable within one search and one kind"""
    ranks: Mapping[str, int] = field(default_factory=dict)
    """ranking ("shared", "meaning", "words") → place in it, from 1"""
    likeness: Mapping[str, float] = field(default_factory=dict)
    """ranking → cosine similarity -1 to 1, or BM25 score for "words" """
    start: float | None = None
    """seconds into the recording"""
    end: float | None = None
    metadata: Mapping[str, Plain] = field(default_factory=dict)
    relevance: float | None = None
    """how likely it fits what was asked, 0 to 1, comparable between kinds and searches; None if unknown"""


def check_vectors(items: Iterable[Item]) -> list[Item]:
    """The items, all their vectors of the right size and finite; `InputError` names the source of one that is not."""
    checked = list(items)
    for item in checked:
        for vector, size in ((item.shared, SHARED), (item.meaning, MEANING)):
            if vector is not None and (vector.shape != (size,) or not np.isfinite(vector).all()):
                raise InputError(f"{item.source} cannot be kept: its encoder did not give {size} finite numbers")
    return checked


def metadata_json(metadata: Mapping[str, Plain]) -> str:
    """Metadata as they are kept: JSON in one way of writing."""
    return json.dumps(dict(metadata), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def having(metadata: Mapping[str, Plain]) -> str:
    """The condition, in SQL over the column ``metadata``, that all these are among an item's metadata; "" for none."""
    # A text within a text has its quotation marks escaped, so that it is never taken for a key and its value.
    pairs = [metadata_json({key: value})[1:-1].replace("'", "''") for key, value in sorted(metadata.items())]
    return " AND ".join(f"(strpos(metadata, '{pair},') > 0 OR strpos(metadata, '{pair}}}') > 0)" for pair in pairs)
