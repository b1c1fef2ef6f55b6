"""Full-text search in SQLite, bounded: the rarer words of a question choose the rows."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval.terms import telling_terms
from assistant.types import FloatArray

__all__ = ["Worded", "by_words"]

MOST_TERMS = 32
"""words of a question that the full-text search looks for"""
MOST_HELD = 8_000
"""rows that all words looked for stand in, at most: the rarest words come first"""


class Worded(NamedTuple):
    """Results of the full-text search, best first."""

    rows: NDArray[np.int64]
    scores: FloatArray
    """BM25"""


def by_words(connection: sqlite3.Connection, text: str) -> Worded:
    """The rows that hold the rarer words of a text: what most rows hold tells nothing, and takes long to count."""
    counted = "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)"
    held = []
    for term in telling_terms(text)[:MOST_TERMS]:
        (count,) = connection.execute(counted, (f'"{term}"', MOST_HELD + 1)).fetchone()
        held.append((count, f'"{term}"'))
    held.sort()
    chosen, rows = [], 0
    for count, term in held:
        if count and rows + count <= MOST_HELD:
            chosen.append(term)
            rows += count
    if not chosen:
        return Worded(np.zeros(0, np.int64), np.zeros(0, np.float32))
    match = "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ? ORDER BY rank"
    found = connection.execute(match, (" OR ".join(chosen),)).fetchall()
    return Worded(np.array([row for row, _ in found], np.int64), np.array([score for _, score in found], np.float32))
