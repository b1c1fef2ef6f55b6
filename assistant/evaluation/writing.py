"""How many rows a second one process brings into a library: writing them all, or committing what workers wrote.

The rows are made here, one of each source, as short texts are: the most sources that are recorded for the rows.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from assistant.retrieval.items import Item, Source
from assistant.retrieval.lance_table import LibraryTable

__all__ = ["WritingFigures", "bench_writing"]

FRAGMENT = 1024
"""rows that are written at once: as many as a portion of short texts has"""
COMMIT = 8
"""fragments in a commit"""
KNOWN = 1_000_000
"""sources of a library that is large already: recording more takes longer there"""


@dataclass(frozen=True)
class WritingFigures:
    """One way of writing."""

    what: str
    rows: int
    seconds: float
    rate: float
    """rows per second"""

    def to_json(self) -> dict[str, Any]:
        """Rounded."""
        return {key: round(v, 3) if isinstance(v, float) else v for key, v in asdict(self).items()}


def bench_writing(progress: Callable[[str], None], rows: int = 5 * COMMIT * FRAGMENT) -> list[WritingFigures]:
    """Fill two empty tables with the same rows, and record their sources.

    Args:
        progress: told what is being done.
        rows: how many, a multiple of `COMMIT` times `FRAGMENT`.

    Returns:
        One process that merges them; then, where Lance's own package is installed, a worker that writes fragments, and
        one process that commits them, at first and (replacing them) when it knows `KNOWN` sources.
    """
    with tempfile.TemporaryDirectory() as folder:
        progress(f"writing {rows:,} rows in one process")
        figures = [_merge(LibraryTable(Path(folder) / "merged"), rows)]
        if find_spec("lance") is not None:
            progress(f"committing {rows:,} rows that others wrote")
            table = LibraryTable(Path(folder) / "committed")
            figures += _commit(table, rows, "one process commits fragments")
            progress(f"the same beside {KNOWN:,} sources more")
            for start in range(0, KNOWN, KNOWN // 10):
                table.note([_source(f"/more/{start + number:09}.txt") for number in range(KNOWN // 10)])
            figures += _commit(table, rows, f"the same, {KNOWN:,} sources known")[1:]
    return figures


def _merge(table: LibraryTable, rows: int) -> WritingFigures:
    merging = _Clock()
    for items in _items(rows):
        with merging:
            table.replace(_sources(items), items)
    return merging.figures("one process merges", rows)


def _commit(table: LibraryTable, rows: int, what: str) -> list[WritingFigures]:
    writer = table.writer()
    writing, committing = _Clock(), _Clock()
    sources: list[Source] = []
    fragments: list[str] = []
    for number, items in enumerate(_items(rows), 1):
        with writing:
            fragments += writer.write(items)
        sources += _sources(items)
        if number % COMMIT == 0:
            with committing:
                table.commit(sources, fragments)
            sources, fragments = [], []
    return [writing.figures("a worker writes fragments", rows), committing.figures(what, rows)]


class _Clock:
    """Adds up the seconds spent within it."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        self._seconds += time.perf_counter() - self._began

    def figures(self, what: str, rows: int) -> WritingFigures:
        return WritingFigures(what, rows, self._seconds, rows / self._seconds)


def _items(rows: int) -> Iterator[list[Item]]:
    rng = np.random.default_rng(0)
    for start in range(0, rows, FRAGMENT):
        vectors = rng.standard_normal((FRAGMENT, 384 + 512)).astype(np.float32)
        yield [
            Item(f"/notes/{start + row:09}.txt", 0, "text", f"Note {start + row} of many.", each[:384], each[384:])
            for row, each in enumerate(vectors)
        ]


def _sources(items: list[Item]) -> list[Source]:
    return [_source(item.source) for item in items]


def _source(path: str) -> Source:
    return Source(path, "0" * 64, 100, 0.0, 1)
