"""Moves a collection, or the user's library, from SQLite to Lance when it has outgrown the memory."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

from assistant.errors import StorageError
from assistant.retrieval.brute_force_index import BruteForceIndex, is_moved, items_in
from assistant.retrieval.items import Item, Source, check_vectors
from assistant.retrieval.lance_table import LibraryTable
from assistant.retrieval.store import VectorStore

__all__ = ["GrowingTable"]

LARGE = 100_000
"""items beyond which they move to Lance: comparing with all of them takes 0.1 s and 400 MB"""
MOVED_AT_ONCE = 256
"""sources"""


class GrowingTable:
    """Keeps rows in SQLite, or from `large` items on in Lance, which needs its package. One writer at a time.

    The folder is made at the first writing; `name` is that of its files.
    """

    def __init__(self, folder: Path, name: str, large: int = LARGE) -> None:
        self._small = BruteForceIndex(folder / f"{name}.sqlite3")
        self._many = LibraryTable(folder / f"{name}.lance", name) if find_spec("lancedb") is not None else None
        self._name = name
        self._large = large

    @property
    def store(self) -> VectorStore:
        """The store that holds the rows now; raises `StorageError` where that is Lance, and its package is not
        installed.
        """
        return self._lance() if self._small.moved() else self._small

    def replace(self, sources: Sequence[Source], items: Sequence[Item]) -> None:
        """See `VectorStore.replace`; too many items without Lance are a StorageError, and nothing changes."""
        rows = check_vectors(items)
        with self._small.writing() as connection:
            if is_moved(connection):
                self._lance().replace(sources, rows)
                self._lance().settle()
                return
            self._small.put(connection, sources, rows)
            (count,) = connection.execute("SELECT count(*) FROM items").fetchone()
            if count > self._large:
                self._move(connection, self._lance())

    def commit(self, sources: Sequence[Source], fragments: Sequence[str]) -> None:
        """See `LibraryTable.commit`; moves to Lance first."""
        self.grow().commit(sources, fragments)

    def grow(self) -> LibraryTable:
        """Move to Lance now, whatever there is, and return its table; raises `StorageError` without its package."""
        with self._small.writing() as connection:
            if not is_moved(connection):
                self._move(connection, self._lance())
        return self._lance()

    def remove(self, sources: Sequence[str]) -> None:
        if not self._small.path.exists():
            return
        with self._small.writing() as connection:
            if is_moved(connection):
                self._lance().remove(sources)
            else:
                self._small.forget(connection, sources)

    def _lance(self) -> LibraryTable:
        if self._many is None:
            raise StorageError(
                f"{self._name} holds more than {self._large} items, which needs a package that is not installed: "
                "pip install 'multimodal-assistant[library]'"
            )
        return self._many

    def _move(self, connection: sqlite3.Connection, table: LibraryTable) -> None:
        """Writes everything to Lance, and then records it here: killed in between, it starts again."""
        shutil.rmtree(table.uri, ignore_errors=True)
        known = {row[0]: Source(*row) for row in connection.execute("SELECT * FROM sources ORDER BY path")}
        for batch in _batches(connection):
            table.replace([known.pop(source) for source in batch], [item for each in batch.values() for item in each])
        table.note(list(known.values()))  # those without items
        table.settle()
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
