"""One order out of several: reciprocal rank fusion.

Source: Cormack, Clarke and Büttcher 2009, "Reciprocal rank fusion outperforms Condorcet and individual rank
learning methods", section 2: score(d) = Σ_r w_r / (k + rank_r(d)); here with weights, and with k = 10 rather than
60: chosen on held-out training questions of BANKING77, where it lets the first ranks count for more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["fuse_rankings"]

SMOOTHING = 10


def fuse_rankings(
    rankings: Mapping[str, Sequence[str]], weights: Mapping[str, float] | None = None
) -> list[tuple[str, float, dict[str, int]]]:
    """Join rankings.

    Args:
        rankings: name → identities, best first.
        weights: name → how much it counts; 1 where none is given.

    Returns:
        Identity, fused score, and its rank (from 1) in each ranking that has it; best first, ties by identity.
    """
    scores: dict[str, float] = {}
    ranks: dict[str, dict[str, int]] = {}
    for name, order in rankings.items():
        weight = (weights or {}).get(name, 1.0)
        for rank, identity in enumerate(order, 1):
            scores[identity] = scores.get(identity, 0.0) + weight / (SMOOTHING + rank)
            ranks.setdefault(identity, {})[name] = rank
    best = sorted(scores, key=lambda identity: (-scores[identity], identity))
    return [(identity, scores[identity], ranks[identity]) for identity in best]
