"""From several rankings of every kind to one list of hits: the same for every table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from assistant.retrieval.items import KINDS, Hit, Kind, Query
from assistant.retrieval.ranking import fuse_rankings, fuse_scores

__all__ = ["Ranked", "join_kinds"]

DEPTH = 5
"""times more rows each ranking gives than are asked for"""


@dataclass(frozen=True)
class Ranked:
    """A row of one ranking."""

    identity: str
    likeness: float
    """cosine similarity -1 to 1, or BM25 score for "words" """
    fields: Mapping[str, Any]
    """the fields of a `Hit` that are its item's"""


def join_kinds(
    rank: Callable[[Kind, int], Mapping[str, Sequence[Ranked]]],
    query: Query,
    top: int,
    kind: Kind | None,
    first: Kind,
) -> list[Hit]:
    """Rank every kind apart, join its rankings by what they say of each item, and let the kinds take turns.

    A picture is never as like a sentence as another sentence is, so kinds are not compared: the best of each
    comes, then the second of each, and so on, `first` before the others.

    Args:
        rank: kind and depth → ranking ("shared", "meaning", "words") → rows, best first.
        query: how much each ranking counts, and how they are joined.
        top: most hits.
        kind: only of this kind.
        first: the kind that comes first among equals.
    """
    kinds = sorted((kind,) if kind else KINDS, key=lambda one: one != first)
    by_kind = [_fused(rank(one, top * DEPTH), query, top * DEPTH)[:top] for one in kinds]
    return [hit for row in zip_longest(*by_kind) for hit in row if hit is not None][:top]


def _fused(rankings: Mapping[str, Sequence[Ranked]], query: Query, depth: int) -> list[Hit]:
    fields = {row.identity: row.fields for rows in rankings.values() for row in rows}
    likeness: dict[str, dict[str, float]] = {}
    for name, rows in rankings.items():
        for row in rows:
            likeness.setdefault(row.identity, {})[name] = row.likeness
    scored = {name: [(row.identity, row.likeness) for row in rows] for name, rows in rankings.items()}
    if query.fusion == "scores":
        joined = fuse_scores(scored, query.weights, depth)
    else:
        joined = fuse_rankings({name: [one for one, _ in rows] for name, rows in scored.items()}, query.weights)
    return [
        Hit(score=score, ranks=ranks, likeness=likeness[identity], **fields[identity])
        for identity, score, ranks in joined
    ]
