"""What is read from a document."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.types import Picture

__all__ = ["Section"]


@dataclass(frozen=True)
class Section:
    """A stretch of a document with a place of its own."""

    text: str = ""
    place: str = ""
    """where it stands, for people: "page 3", "slide 2", "sheet Costs"; "" for the whole of a plain text"""
    picture: Picture | None = None
    """a page that is a picture: its text must be read from its pixels"""
    missing: str = ""
    """what of the document could not be read, for people: "3 pictures within it"; "" for nothing"""
