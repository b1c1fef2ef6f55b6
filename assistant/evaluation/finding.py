"""Measures a search: every ranking alone and all joined, on the same questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.retrieval.items import Kind, Query
from assistant.retrieval.lance_table import LibraryTable
from assistant.terminal.report import Row, percent
from assistant.types import FloatArray

__all__ = ["HYBRID", "Question", "compare_ways"]

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


@dataclass(frozen=True, eq=False)
class Question:
    """What is asked and what is right."""

    query: Query
    right: frozenset[str]
    """sources that answer it"""


def compare_ways(task: str, table: LibraryTable, questions: Sequence[Question], kind: Kind, seed: int = 0) -> list[Row]:
    """Asks all questions in every way that they can be asked.

    Args:
        task: its name.
        table: what is searched.
        questions: at least one.
        kind: what is looked for.
        seed: of the bootstrap.

    Returns:
        The hybrid first, then each other way; nDCG after Järvelin and Kekäläinen 2002, with gains of 0 and 1.
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
    rows = []
    for way in results:
        found = {depth: float(hits[way][:, :depth].any(axis=1).mean()) for depth in (1, DEPTH)}
        rows += [percent(f"{task}, {way}: R@{depth}", share) for depth, share in found.items()]
        rows.append(percent(f"{task}, {way}: nDCG@{DEPTH}", float(gains[way].mean())))
        if way != HYBRID:
            ahead = _low_end(gains[HYBRID] - gains[way], seed)
            rows.append(percent(f"{task}, hybrid ahead of {way}: nDCG@{DEPTH} at 97.5 %", ahead))
    return rows


def _ask(table: LibraryTable, query: Query, right: frozenset[str], kind: Kind) -> tuple[list[bool], float]:
    found = [hit.source in right for hit in table.search(query, DEPTH, kind)]
    found += [False] * (DEPTH - len(found))
    discounts = 1.0 / np.log2(np.arange(2, DEPTH + 2))
    return found, float(discounts[found].sum() / discounts[: len(right)].sum())


def _low_end(differences: FloatArray, seed: int) -> float:
    """The 2.5th percentile of the mean difference over resampled questions (paired bootstrap)."""
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(differences), (BOOTSTRAP, len(differences)))
    return float(np.percentile(differences[picks].mean(axis=1), 2.5))
