"""From several rankings of every kind to one list of hits, by how alike each ranking finds them.

A convex combination (Bruch, Gai and Ingber 2023, "An analysis of fusion functions for hybrid retrieval", section 4):
score(d) = Σ_r w_r s_r(d) / Σ_r w_r, cosines as they are, BM25 divided by the best of the query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from assistant.retrieval.items import KINDS, Hit, Kind, Query

__all__ = ["Ranked", "fuse_scores", "join_kinds"]

DEPTH = 5
"""times more rows each ranking gives than are asked for"""
UNBOUNDED = "words"
"""the ranking whose scores have no scale of their own: BM25"""


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
    """
    kinds = sorted((kind,) if kind else KINDS, key=lambda one: one != first)
    by_kind = [_fused(rank(one, top * DEPTH), query, top * DEPTH)[:top] for one in kinds]
    return [hit for row in zip_longest(*by_kind) for hit in row if hit is not None][:top]


def _fused(rankings: Mapping[str, Sequence[Ranked]], query: Query, depth: int) -> list[Hit]:
    fields = {row.identity: row.fields for rows in rankings.values() for row in rows}
    scored = {name: {row.identity: row.likeness for row in rows} for name, rows in rankings.items()}
    return [
        Hit(
            score=score,
            ranks=ranks,
            likeness={name: rows[identity] for name, rows in scored.items() if identity in rows},
            **fields[identity],
        )
        for identity, score, ranks in fuse_scores(scored, query.weights, depth)
    ]


def fuse_scores(
    rankings: Mapping[str, Mapping[str, float]], weights: Mapping[str, float] | None = None, depth: int = 0
) -> list[tuple[str, float, dict[str, int]]]:
    """Join rankings by how alike each finds what it has.

    What a ranking does not have is no better than the last that it has, and counts as that; but when words match fewer
    items than were asked for, they do not match the others at all.

    Args:
        rankings: name → identity → score, best first: cosine similarity -1 to 1, for "words" BM25, above 0.
        depth: how many rows were asked of each ranking.

    Returns:
        Identity, fused score (-1 to 1), and its rank (from 1) in each ranking that has it; best first, ties by
        identity.
    """
    there = {name: rows for name, rows in rankings.items() if rows}
    shares = {name: (weights or {}).get(name, 1.0) for name in there}
    total = sum(shares.values()) or 1.0
    ranks: dict[str, dict[str, int]] = {}
    for name, rows in there.items():
        for rank, identity in enumerate(rows, 1):
            ranks.setdefault(identity, {})[name] = rank
    scores = dict.fromkeys(ranks, 0.0)
    for name, rows in there.items():
        found = list(rows.values())
        scale = shares[name] / total / (max(found[0], 1e-9) if name == UNBOUNDED else 1.0)
        absent = 0.0 if name == UNBOUNDED and len(rows) < depth else found[-1]
        for identity in scores:
            scores[identity] += scale * rows.get(identity, absent)
    order = sorted(scores, key=lambda identity: (-scores[identity], identity))
    return [(identity, scores[identity], ranks[identity]) for identity in order]
