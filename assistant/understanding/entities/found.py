"""A stretch of a reading that may become an entity."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.understanding.entities.types import Kind, Value

__all__ = ["Found"]


@dataclass(frozen=True)
class Found:
    """A value in a `Reading`, in the reading's own indices."""

    kind: Kind
    value: Value
    start: int
    end: int
