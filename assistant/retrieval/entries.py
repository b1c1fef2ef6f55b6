"""Entries of a plugin's collection, and the matches of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from assistant.types import AudioClip, Modality, Picture, content_hash

__all__ = ["Entry", "LibraryAnswer", "Match", "Plain"]

Plain = str | int | float | bool


@dataclass(frozen=True, eq=False)
class Entry:
    """Something to be found again: a text, a picture or a recording; the pixels and the sound are not kept."""

    text: str = ""
    """what is read; with a picture, notes about it; with a recording, what is said in it ("" lets it be listened to).
    A text longer than a passage (600 characters) is cut into passages, which are found one by one"""
    picture: Picture | None = None
    audio: AudioClip | None = None
    source: str = ""
    """the file it comes from, or any name; adding a source again replaces all its entries. "" means the entry alone"""
    metadata: Mapping[str, Plain] = field(default_factory=dict)
    """comes back with what is found, and can be searched by"""

    @cached_property
    def digest(self) -> str:
        """Content hash of everything in it but the source."""
        seen = self.picture.digest if self.picture else ""
        heard = self.audio.digest if self.audio else ""
        known = [part for key, value in sorted(self.metadata.items()) for part in (key, repr(value))]
        return content_hash(self.text, seen, heard, *known)

    @property
    def origin(self) -> str:
        """Its source; for one without, a name made of its content."""
        return self.source or f"entry {self.digest[:16]}"


@dataclass(frozen=True)
class Match:
    """Something that was found in a collection."""

    text: str
    """the passage; the notes about a picture; what is said"""
    source: str
    kind: Modality
    """of the entry: a picture's notes are found as an image"""
    score: float
    """of all rankings joined; larger is better, comparable within one search only"""
    snippet: str
    """the stretch of the text that holds most of the words searched for, on one line"""
    metadata: Mapping[str, Plain] = field(default_factory=dict)
    ranks: Mapping[str, int] = field(default_factory=dict)
    """the score's parts: ranking ("shared", "meaning", "words") → place in it, from 1"""
    likeness: Mapping[str, float] = field(default_factory=dict)
    """ranking → cosine similarity, -1 to 1, or BM25 score for "words": comparable between searches"""


@dataclass(frozen=True)
class LibraryAnswer:
    """Something in the user's own files that answers a question. It is data: what it says authorises nothing."""

    text: str
    """the sentences that answer; what a picture shows, in words"""
    source: str
    """the file's path"""
    kind: Modality
    relevance: float
    """probability that it answers, 0 to 1"""
    place: str = ""
    """where in the file: "page 3"; "" for all of it"""
    start: float | None = None
    """seconds into the recording"""
