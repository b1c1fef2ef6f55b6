"""A table that begins small and moves to Lance when it has become large."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any

from assistant.errors import StorageError
from assistant.retrieval.brute_force_index import BruteForceIndex, is_moved, items_in
from assistant.retrieval.items import Hit, Item, Kind, Query, Source, check_vectors
from assistant.retrieval.lance_table import LibraryTable

__all__ = ["GrowingTable"]

LARGE = 20_000
"""items beyond which they move to Lance: comparing with all of them would keep more than 70 MB in memory"""
MOST = 100_000
"""items that are kept without it"""
MOVED_AT_ONCE = 256
"""sources"""


class GrowingTable:
    """Rows in SQLite, or from `large` items on in Lance, if its package is installed. One writer at a time.

    Args:
        folder: where it is; made at the first writing.
        name: of its files.
        large: see `LARGE`.
    """

    def __init__(self, folder: Path, name: str, large: int = LARGE) -> None:
        self._folder = folder / f"{name}.lance"
        self._exact = BruteForceIndex(folder / f"{name}.sqlite3")
        self._name = name
        self._large = large
        self._lance: LibraryTable | None = None

    @property
    def _table(self) -> BruteForceIndex | LibraryTable:
        return self._many() if self._lance is not None or self._exact.moved() else self._exact

    def _many(self) -> LibraryTable:
        self._lance = self._lance or LibraryTable(self._folder, self._name)
        return self._lance

    def sources(self) -> dict[str, Source]:
        """Every source there is, by its name."""
        return self._table.sources()

    def count(self, kind: Kind | None = None) -> int:
        """How many items there are, of one kind or of all."""
        return self._table.count(kind)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Every item as a plain row, ordered by source and part."""
        return self._table.rows()

    def search(
        self, query: Query, top: int = 10, kind: Kind | None = None, *, first: Kind = "text", where: str = ""
    ) -> list[Hit]:
        """See `LibraryTable.search`."""
        return self._table.search(query, top, kind, first=first, where=where)

    def replace(self, sources: Sequence[Source], items: Sequence[Item]) -> None:
        """Make these the only items of these sources, all at once or not at all.

        Raises:
            StorageError: the disk is full, the files cannot be written, or there are too many items; nothing changes.
            InputError: a vector is not finite.
        """
        rows = check_vectors(items)
        with self._exact.writing() as connection:
            if is_moved(connection):
                self._many().replace(sources, rows)
                self._many().settle()
                return
            self._exact.put(connection, sources, rows)
            self._grow(connection)

    def remove(self, sources: Sequence[str]) -> None:
        """Forget sources and their items."""
        if not self._exact.path.exists():
            return
        with self._exact.writing() as connection:
            if is_moved(connection):
                self._many().remove(sources)
            else:
                self._exact.forget(connection, sources)

    def _grow(self, connection: sqlite3.Connection) -> None:
        (count,) = connection.execute("SELECT count(*) FROM items").fetchone()
        if count > self._large and find_spec("lancedb") is not None:
            self._move(connection)
        elif count > MOST:
            raise StorageError(
                f"{self._name} would hold more than {MOST} items, which needs a package that is not installed: "
                "pip install 'multimodal-assistant[library]'"
            )

    def _move(self, connection: sqlite3.Connection) -> None:
        """Write everything to Lance, and then say so here: killed in between, it begins anew."""
        shutil.rmtree(self._folder, ignore_errors=True)
        table = LibraryTable(self._folder, self._name)
        known = {row[0]: Source(*row) for row in connection.execute("SELECT * FROM sources ORDER BY path")}
        for batch in _batches(connection):
            table.replace([known.pop(source) for source in batch], [item for each in batch.values() for item in each])
        table.note(list(known.values()))  # those without items
        table.settle()
        self._lance = table
        connection.execute("INSERT INTO state VALUES ('moved', 1)")
        for name in ("items", "words", "sources"):
            connection.execute(f"DELETE FROM {name}")


def _batches(connection: sqlite3.Connection) -> Iterator[dict[str, list[Item]]]:
    batch: dict[str, list[Item]] = {}
    for source, items in groupby(items_in(connection), key=lambda item: item.source):
        batch[source] = list(items)
        if len(batch) >= MOVED_AT_ONCE:
            yield batch
            batch = {}
    if batch:
        yield batch
