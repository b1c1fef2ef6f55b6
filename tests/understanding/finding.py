"""Reads the entities of a text at a fixed time."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import Any

from assistant.understanding.entities import find_entities

NOW = datetime(2026, 11, 23, 10)  # a Monday


def found(text: str, language: str = "en") -> list[tuple[str, Any]]:
    entities = find_entities(text, language, NOW)
    assert all(text[each.start : each.end] == each.text for each in entities)
    assert all(one.end <= two.start for one, two in pairwise(entities))
    return [(each.kind, each.value) for each in entities]
