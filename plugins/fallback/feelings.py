"""Classifies a statement that asks for nothing: good news, bad news, or neither."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from assistant import AssistantError, Services

__all__ = ["Feeling", "feeling_of"]

Feeling = Literal["good", "bad", "plain"]

ALIKE = 3
"""sentences of a kind that are compared with a statement, the most like it"""
CLEAR = 0.05
"""cosine similarity by which news must be closer to its kind than to plain statements"""
MEANT = frozenset({"number", "ordinal", "identifier", "money", "percentage", "recurrence", "time"})
"""kinds of entities that news of one's own rarely holds"""
NEAR = 0.35
"""cosine similarity below which a statement is like none of the sentences"""


@cache
def _sentences() -> dict[Feeling, list[str]]:
    read: dict[Any, list[str]] = tomllib.loads((Path(__file__).parent / "feelings.toml").read_text("utf-8"))
    return read


async def feeling_of(text: str, services: Services) -> Feeling:
    """Returns the feeling that a statement expresses; "plain" if that is unclear or there is no encoder.

    What names a number, a place in a row or a code is meant for something: "bin the first".
    """
    from assistant.understanding.entities import find_entities

    if any(entity.kind in MEANT for entity in find_entities(text)):
        return "plain"
    kinds = [(kind, sentence) for kind, sentences in _sentences().items() for sentence in sentences]
    try:
        vectors = await services.encode_text([text, *(sentence for _, sentence in kinds)])
    except AssistantError:
        return "plain"
    scores: dict[Feeling, list[float]] = {kind: [] for kind in _sentences()}
    for (kind, _), score in zip(kinds, vectors[1:] @ vectors[0], strict=True):
        scores[kind].append(float(score))
    means = {kind: sum(sorted(each)[-ALIKE:]) / ALIKE for kind, each in scores.items()}
    best: Feeling = "good" if means["good"] > means["bad"] else "bad"
    clear = means[best] >= max(NEAR, means["plain"] + CLEAR)
    return best if clear else "plain"
