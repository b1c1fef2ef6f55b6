"""One order out of several: by the places in each, or by how alike each finds them.

Two ways, both linear. Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms
Condorcet and individual rank learning methods", section 2) needs nothing but places: score(d) = Σ_r w_r / (k +
rank_r(d)), here with k = 10 rather than 60. A convex combination (Bruch, Gai and Ingber 2023, "An analysis of fusion
functions for hybrid retrieval", section 4) also sees by how much one is better than the next: score(d) =
Σ_r w_r s_r(d) / Σ_r w_r, cosines as they are, BM25 divided by the best of the query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["fuse_rankings", "fuse_scores"]

SMOOTHING = 10
UNBOUNDED = "words"
"""the ranking whose scores have no scale of their own: BM25"""


def fuse_rankings(
    rankings: Mapping[str, Sequence[str]], weights: Mapping[str, float] | None = None
) -> list[tuple[str, float, dict[str, int]]]:
    """Join rankings by their places alone.

    Args:
        rankings: name → identities, best first.
        weights: name → how much it counts; 1 where none is given.

    Returns:
        Identity, fused score, and its rank (from 1) in each ranking that has it; best first, ties by identity.
    """
    scores: dict[str, float] = {}
    ranks = _places(rankings)
    for identity, places in ranks.items():
        scores[identity] = sum((weights or {}).get(name, 1.0) / (SMOOTHING + rank) for name, rank in places.items())
    return _best_first(scores, ranks)


def fuse_scores(
    rankings: Mapping[str, Sequence[tuple[str, float]]], weights: Mapping[str, float] | None = None, depth: int = 0
) -> list[tuple[str, float, dict[str, int]]]:
    """Join rankings by how alike each finds what it has.

    What a ranking does not have is no better than the last that it has, and counts as that; but when words match fewer
    items than were asked for, they do not match the others at all.

    Args:
        rankings: name → identity and score, best first: cosine similarity -1 to 1, for "words" BM25, above 0.
        weights: name → how much it counts; 1 where none is given.
        depth: how many rows were asked of each ranking.

    Returns:
        Identity, fused score (-1 to 1), and its rank (from 1) in each ranking that has it; best first, ties by
        identity.
    """
    there = {name: rows for name, rows in rankings.items() if rows}
    shares = {name: (weights or {}).get(name, 1.0) for name in there}
    total = sum(shares.values()) or 1.0
    ranks = _places({name: [identity for identity, _ in rows] for name, rows in there.items()})
    scores = dict.fromkeys(ranks, 0.0)
    for name, rows in there.items():
        scale = shares[name] / total / (max(rows[0][1], 1e-9) if name == UNBOUNDED else 1.0)
        known = dict(rows)
        absent = 0.0 if name == UNBOUNDED and len(rows) < depth else rows[-1][1]
        for identity in scores:
            scores[identity] += scale * known.get(identity, absent)
    return _best_first(scores, ranks)


def _places(rankings: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    ranks: dict[str, dict[str, int]] = {}
    for name, order in rankings.items():
        for rank, identity in enumerate(order, 1):
            ranks.setdefault(identity, {})[name] = rank
    return ranks


def _best_first(
    scores: Mapping[str, float], ranks: Mapping[str, dict[str, int]]
) -> list[tuple[str, float, dict[str, int]]]:
    best = sorted(scores, key=lambda identity: (-scores[identity], identity))
    return [(identity, scores[identity], ranks[identity]) for identity in best]
