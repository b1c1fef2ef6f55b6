"""Measures of a search: every way of asking alone and all joined, on the same questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from assistant.retrieval.items import Kind, Query
from assistant.retrieval.lance_table import LibraryTable
from assistant.types import FloatArray

__all__ = ["HYBRID", "Question", "RetrievalFigures", "compare_ways"]

DEPTH = 10
BOOTSTRAP = 2000
HYBRID = "hybrid"

WAYS: dict[str, Callable[[Query], Query]] = {
    HYBRID: lambda query: query,
    "hybrid by ranks": lambda query: replace(query, fusion="ranks"),
    "shared": lambda query: Query("", query.shared),
    "meaning": lambda query: Query("", None, query.meaning),
    "words": lambda query: Query(query.words),
}

Interval = tuple[float, float, float]
"""mean, and 2.5th and 97.5th percentile over resampled questions"""


@dataclass(frozen=True)
class RetrievalFigures:
    """Shares from 0 to 1."""

    task: str
    way: str
    """one of `WAYS`: all rankings joined by their scores or by their places, or the one ranking that was asked"""
    queries: int
    among: int
    """items that could be found"""
    recall_1: float
    """queries with a right item first"""
    recall_5: float
    recall_10: float
    ndcg_10: float
    """Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques", with gains of 0 and 1"""
    ahead_recall_1: Interval | None = None
    """by how much the hybrid is better on the same queries (paired bootstrap); None for the hybrid itself"""
    ahead_ndcg_10: Interval | None = None

    def to_json(self) -> dict[str, Any]:
        """Rounded."""
        return {key: _rounded(value) for key, value in asdict(self).items()}


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked and what is right."""

    query: Query
    right: frozenset[str]
    """sources that answer it"""


def compare_ways(
    task: str, table: LibraryTable, questions: Sequence[Question], kind: Kind, among: int, seed: int = 0
) -> list[RetrievalFigures]:
    """Ask all questions in every way that they can be asked.

    Args:
        task: its name.
        table: what is searched.
        questions: at least one.
        kind: what is looked for.
        among: items of this kind.
        seed: of the bootstrap.

    Returns:
        The hybrid first, then each other way.
    """
    first = questions[0].query
    there = {"words": bool(first.words), "meaning": first.meaning is not None, "shared": first.shared is not None}
    results = {
        way: [_ask(table, ask(question.query), question.right, kind) for question in questions]
        for way, ask in WAYS.items()
        if there.get(way, True)
    }
    hits = {way: np.array([found for found, _ in rows]) for way, rows in results.items()}
    gains = {way: np.array([gain for _, gain in rows]) for way, rows in results.items()}
    figures = []
    for way in results:
        one, five, ten = (float(hits[way][:, :k].any(axis=1).mean()) for k in (1, 5, DEPTH))
        row = RetrievalFigures(task, way, len(questions), among, one, five, ten, float(gains[way].mean()))
        if way != HYBRID:
            ahead = hits[HYBRID][:, 0].astype(float) - hits[way][:, 0]
            better = gains[HYBRID] - gains[way]
            row = replace(row, ahead_recall_1=_interval(ahead, seed), ahead_ndcg_10=_interval(better, seed))
        figures.append(row)
    return figures


def _ask(table: LibraryTable, query: Query, right: frozenset[str], kind: Kind) -> tuple[list[bool], float]:
    found = [hit.source in right for hit in table.search(query, DEPTH, kind)]
    found += [False] * (DEPTH - len(found))
    discounts = 1.0 / np.log2(np.arange(2, DEPTH + 2))
    return found, float(discounts[found].sum() / discounts[: len(right)].sum())


def _interval(differences: FloatArray, seed: int) -> Interval:
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(differences), (BOOTSTRAP, len(differences)))
    low, high = np.percentile(differences[picks].mean(axis=1), (2.5, 97.5))
    return float(differences.mean()), float(low), float(high)


def _rounded(value: Any) -> Any:
    if isinstance(value, (tuple, list)):
        return [_rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value
