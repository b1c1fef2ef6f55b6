"""A table that fits in memory: SQLite keeps the rows, and a search compares with all of them.

It needs the standard library and numpy only; see `VectorStore`.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.errors import StorageError
from assistant.folders import private_folder, storage_errors
from assistant.retrieval.items import (
    MEANING,
    SHARED,
    Hit,
    Item,
    Kind,
    Passage,
    Query,
    Source,
    check_vectors,
    metadata_json,
)
from assistant.retrieval.ranking import Ranked, join_kinds
from assistant.retrieval.terms import terms_of
from assistant.retrieval.vector_snapshot import WORTHWHILE, Vectors, load_vectors, save_vectors
from assistant.retrieval.word_search import by_words
from assistant.types import FloatArray

__all__ = ["BruteForceIndex", "is_moved", "items_in"]

PATIENCE = 30.0
"""seconds to wait for another process that is writing"""
FIELDS = ("source", "part", "kind", "text", "place", "start", "end", "metadata")
SHOWN = tuple(name for name in FIELDS if name != "part")

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value INTEGER NOT NULL)",
    (
        "CREATE TABLE IF NOT EXISTS sources (path TEXT PRIMARY KEY, digest TEXT NOT NULL, size INTEGER NOT NULL, "
        "modified REAL NOT NULL, items INTEGER NOT NULL, reason TEXT NOT NULL)"
    ),
    (
        'CREATE TABLE IF NOT EXISTS items ("row" INTEGER PRIMARY KEY, source TEXT NOT NULL, part INTEGER NOT NULL, '
        'kind TEXT NOT NULL, text TEXT NOT NULL, place TEXT NOT NULL, "start" REAL, "end" REAL, '
        "metadata TEXT NOT NULL, shared BLOB NOT NULL, meaning BLOB, UNIQUE (source, part))"
    ),
    "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (terms, tokenize = 'porter unicode61')",
)


class BruteForceIndex:
    """Rows in one file, made at the first writing for its owner only.

    Safe to use from several threads and processes; writers wait for each other.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._memory: tuple[int, Vectors] | None = None
        """what a search compares with, and the generation of the rows it was read from"""
        self._lock = threading.Lock()

    # What is there

    def sources(self) -> dict[str, Source]:
        with self._reading() as connection:
            rows = connection.execute("SELECT * FROM sources") if connection else ()
            return {row[0]: Source(*row) for row in rows}

    def count(self, kind: Kind | None = None) -> int:
        with self._reading() as connection:
            if connection is None:
                return 0
            chosen, values = ("WHERE kind = ?", (kind,)) if kind else ("", ())
            (count,) = connection.execute(f"SELECT count(*) FROM items {chosen}", values).fetchone()
            return int(count)

    def rows(self) -> Iterator[dict[str, Any]]:
        with self._reading() as connection:
            if connection is not None:
                yield from (vars(item) | {"id": item.identity("")} for item in items_in(connection))

    def passages(self, source: str) -> list[Passage]:
        with self._reading() as connection:
            if connection is None:
                return []
            order = 'SELECT text, place, "start" FROM items WHERE source = ? ORDER BY part'
            return [Passage(*row) for row in connection.execute(order, (source,))]

    def moved(self) -> bool:
        """Returns whether another table holds the rows from now on; see `GrowingTable`."""
        with self._reading() as connection:
            return connection is not None and is_moved(connection)

    # Writing

    def replace(self, sources: Sequence[Source], items: Iterable[Item]) -> None:
        rows = check_vectors(items)
        if sources:
            with self.writing() as connection:
                self.put(connection, sources, rows)

    def put(self, connection: sqlite3.Connection, sources: Sequence[Source], items: Iterable[Item]) -> None:
        """Like `replace`, within a transaction (see `writing`)."""
        self.forget(connection, [source.path for source in sources])
        connection.executemany("INSERT INTO sources VALUES (?, ?, ?, ?, ?, ?)", map(astuple, sources))
        for item in items:
            row = connection.execute(
                "INSERT INTO items VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _values(item)
            ).lastrowid
            connection.execute("INSERT INTO words (rowid, terms) VALUES (?, ?)", (row, terms_of(item.wording)))

    def note(self, sources: Sequence[Source]) -> None:
        with self.writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO sources VALUES (?, ?, ?, ?, ?, ?)", map(astuple, sources))

    def remove(self, paths: Sequence[str]) -> None:
        if paths and self.path.exists():
            with self.writing() as connection:
                self.forget(connection, paths)

    def settle(self) -> None:
        """Does nothing: there are no indices."""

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction, alone among all processes; undone when it fails or the process dies."""
        private_folder(self.path.parent)
        with storage_errors(str(self.path)):
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._errors(), closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                for statement in _SCHEMA:
                    connection.execute(statement)
                yield connection
                connection.execute(
                    "INSERT INTO state VALUES ('generation', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
                )
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def forget(self, connection: sqlite3.Connection, paths: Sequence[str]) -> None:
        """Like `remove`, within a transaction."""
        among = "(SELECT value FROM json_each(?))"
        listed = (json.dumps(list(paths)),)
        connection.execute(
            f'DELETE FROM words WHERE rowid IN (SELECT "row" FROM items WHERE source IN {among})', listed
        )
        connection.execute(f"DELETE FROM items WHERE source IN {among}", listed)
        connection.execute(f"DELETE FROM sources WHERE path IN {among}", listed)

    # Searching

    def search(
        self, query: Query, top: int = 10, kind: Kind | None = None, *, first: Kind = "text", where: str = ""
    ) -> list[Hit]:
        with self._reading() as connection:
            if connection is None:
                return []
            memory = self._remembered(connection)
            asked = (("meaning", query.meaning, memory.meaning), ("shared", query.shared, memory.shared))
            # Not `@`: for a small product BLAS would start too many threads.
            similarity = {
                name: np.einsum("nd,d->n", kept, vector) for name, vector, kept in asked if vector is not None
            }
            worded = by_words(connection, query.words)

            def rank(one: Kind, depth: int) -> dict[str, list[Ranked]]:
                among = memory.kinds == one
                if not among.any():
                    return {}
                if where:
                    condition = connection.execute(f'SELECT "row" FROM items WHERE {where}').fetchall()
                    among &= np.isin(memory.rows, np.asarray(condition, np.int64).ravel())
                among_rows = np.isin(worded.rows, memory.rows[among])
                pairs = zip(worded.rows[among_rows][:depth], worded.scores[among_rows][:depth], strict=True)
                found = {"words": [(int(row), float(score)) for row, score in pairs]} if len(worded.rows) else {}
                for name, scores in similarity.items():
                    places = _best(scores, among & memory.worded if name == "meaning" else among, depth)
                    found[name] = [(int(memory.rows[place]), float(scores[place])) for place in places]
                return _ranked(connection, found)

            return join_kinds(rank, query, top, kind, first)

    def _remembered(self, connection: sqlite3.Connection) -> Vectors:
        """The rows in memory, read again after every write."""
        (generation,) = connection.execute("SELECT value FROM state WHERE name = 'generation'").fetchone()
        with self._lock:
            if self._memory is None or self._memory[0] != generation:
                found = load_vectors(self.path, generation)
                if found is None:
                    found = _read_vectors(connection)
                    if len(found.rows) >= WORTHWHILE:
                        save_vectors(self.path, generation, found)
                self._memory = generation, found
            return self._memory[1]

    # The file underneath

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """One unchanging view of the file; None when there is nothing in it yet."""
        with self._errors():
            if not self.path.exists() or not self.path.stat().st_size:
                yield None
                return
            with closing(self._connect()) as connection:
                connection.execute("BEGIN")
                yield connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        connection.create_function("strpos", 2, lambda text, part: text.find(part) + 1, deterministic=True)
        return connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            reason = " ".join(str(error).split())
            if "disk is full" in reason:
                told = f"The disk is full: {self.path} is unchanged. Free some space and try again."
            elif "malformed" in reason or "not a database" in reason:
                told = f"{self.path} is damaged ({reason}). Delete it, and add again what was in it."
            else:
                told = f"{self.path} cannot be used: {reason}"
            raise StorageError(told) from error


def items_in(connection: sqlite3.Connection) -> Iterator[Item]:
    """Every item, ordered by source and part."""
    names = ", ".join(f'"{name}"' for name in FIELDS)
    order = f"SELECT {names}, shared, meaning FROM items ORDER BY source, part"
    for *values, shared, meaning in connection.execute(order):
        known = dict(zip(FIELDS, values, strict=True)) | {"metadata": json.loads(values[-1])}
        yield Item(shared=_vector(shared), meaning=_vector(meaning) if meaning else None, **known)


def _read_vectors(connection: sqlite3.Connection) -> Vectors:
    rows = connection.execute('SELECT "row", kind, meaning IS NOT NULL FROM items ORDER BY "row"').fetchall()
    shared = np.zeros((len(rows), SHARED), np.float32)
    meaning = np.zeros((len(rows), MEANING), np.float32)
    vectors = connection.execute('SELECT shared, meaning FROM items ORDER BY "row"')  # one by one: they are large
    for place, (seen, read) in enumerate(vectors):
        shared[place] = _vector(seen)
        if read is not None:
            meaning[place] = _vector(read)
    return Vectors(
        np.asarray([row for row, _, _ in rows], np.int64),
        np.asarray([kind for _, kind, _ in rows], np.str_),
        np.asarray([worded for _, _, worded in rows], np.bool_),
        shared,
        meaning,
    )


def is_moved(connection: sqlite3.Connection) -> bool:
    """See `BruteForceIndex.moved`."""
    return connection.execute("SELECT 1 FROM state WHERE name = 'moved'").fetchone() is not None


def _best(scores: FloatArray, among: NDArray[np.bool_], depth: int) -> NDArray[np.int64]:
    """The places of the highest scores among some, best first."""
    places = np.flatnonzero(among)
    if len(places) > depth:
        places = places[np.argpartition(-scores[places], depth)[:depth]]
    return places[np.argsort(-scores[places], kind="stable")]


def _ranked(connection: sqlite3.Connection, found: dict[str, list[tuple[int, float]]]) -> dict[str, list[Ranked]]:
    wanted = sorted({row for pairs in found.values() for row, _ in pairs})
    names = ", ".join(f'"{name}"' for name in SHOWN)
    fields = {
        row: dict(zip(SHOWN, values, strict=True)) | {"metadata": json.loads(values[-1])}
        for row, *values in connection.execute(
            f'SELECT "row", {names} FROM items WHERE "row" IN (SELECT value FROM json_each(?))', (json.dumps(wanted),)
        )
    }
    return {
        name: [Ranked(f"{row:012d}", likeness, fields[row]) for row, likeness in pairs] for name, pairs in found.items()
    }


def _vector(data: bytes) -> FloatArray:
    return np.frombuffer(data, np.float32)


def _values(item: Item) -> tuple[Any, ...]:
    meaning = None if item.meaning is None else item.meaning.astype(np.float32).tobytes()
    known = (item.source, item.part, item.kind, item.text, item.place, item.start, item.end)
    return (*known, metadata_json(item.metadata), item.shared.astype(np.float32).tobytes(), meaning)
