"""One table in Lance: vectors, full text and metadata, versioned, on a disk or an object store."""

from __future__ import annotations

import json
import warnings
from collections.abc import Container, Iterable, Iterator, Sequence
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import SettingsError
from assistant.retrieval.items import Hit, Item, Kind, Passage, Query, Source, check_vectors
from assistant.retrieval.lance_files import (
    FragmentCommits,
    FragmentWriter,
    among,
    items_table,
    items_uri,
    open_tables,
    row_of,
    sources_table,
    storage_errors,
)
from assistant.retrieval.ranking import Ranked, join_kinds
from assistant.retrieval.terms import terms_of

__all__ = ["DEFAULT", "LibraryTable"]

DEFAULT = "library"
"""the namespace of the user's own library"""
ANN_ROWS = 10_000
"""rows from which an approximate index pays: below, comparing with all of them takes some milliseconds"""
ANN = "IvfSq"
"""A byte for each number. Product codes are an eighth of that, but slow to compare where rows are chosen by kind:
113 ms instead of 16 among a million"""
STALE_SHARE = 0.2
"""share of rows an index may not know before it is brought up to date"""
PROBES = 128
"""partitions of the approximate index that are searched"""
REFINE = 2
"""times more rows are fetched than asked for, and compared exactly"""
KEPT_VERSIONS = timedelta(hours=1)
"""time for which readers may use a replaced version"""
SHOWN = ("source", "kind", "text", "place", "start", "end", "metadata")
FIELDS = ("id", *SHOWN)


class LibraryTable:
    """A library's rows. Safe to open in several processes; only one should write at a time.

    Args:
        uri: a folder, or an object store's address (``s3://bucket/path``).
        namespace: whose rows these are; each namespace is a table of its own.
    """

    def __init__(self, uri: str | Path, namespace: str = DEFAULT) -> None:
        if find_spec("lancedb") is None:
            raise SettingsError(
                "The library needs a package that is not installed: pip install 'multimodal-assistant[library]'"
            )
        self.uri = str(uri)
        self.namespace = namespace
        self._items: Any = None
        self._sources: Any = None
        self._commits: FragmentCommits | None = None

    @property
    def store(self) -> LibraryTable:
        """Itself; see `GrowingTable.store`."""
        return self

    def grow(self) -> LibraryTable:
        """Itself; see `GrowingTable.grow`."""
        return self

    # What is there

    def sources(self) -> dict[str, Source]:
        if not self._open(create=False):
            return {}
        with storage_errors(self.uri):
            rows = self._sources.search().limit(None).to_arrow().to_pylist()
        return {row["path"]: Source(**row) for row in rows}

    def count(self, kind: Kind | None = None) -> int:
        if not self._open(create=False):
            return 0
        with storage_errors(self.uri):
            return int(self._items.count_rows(f"kind = '{kind}'" if kind else None))

    def rows(self) -> Iterator[dict[str, Any]]:
        if self._open(create=False):
            with storage_errors(self.uri):
                table = self._items.search().limit(None).to_arrow()
            yield from table.sort_by([("source", "ascending"), ("part", "ascending")]).to_pylist()

    def passages(self, source: str) -> list[Passage]:
        if not self._open(create=False):
            return []
        with storage_errors(self.uri):
            found = self._items.search().where(among("source", [source])).limit(None)
            rows = found.select(["part", "text", "place", "start"]).to_list()
        return [Passage(row["text"], row["place"], row["start"]) for row in sorted(rows, key=lambda row: row["part"])]

    # Writing

    def replace(self, sources: Sequence[Source], items: Iterable[Item]) -> None:
        """See `VectorStore.replace`. Killed in between, the sources count as not yet added."""
        if not sources:
            return
        self._open(create=True)
        rows = [row_of(item, self.namespace) for item in check_vectors(items)]
        paths = [source.path for source in sources]
        with storage_errors(self.uri):
            if rows:
                merge = self._items.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
                merge.execute(items_table(rows), on_bad_vectors="null")
            # A merge that also deletes would read the whole table into memory.
            theirs = among("source", paths)
            if self._items.count_rows(theirs) > len(rows):
                kept = f" AND NOT {among('id', [row['id'] for row in rows])}" if rows else ""
                self._items.delete(theirs + kept)
        self.note(sources)

    def writer(self) -> FragmentWriter:
        """A writer for workers, whose fragments `commit` takes. Creates the table if needed."""
        self._open(create=True)
        return FragmentWriter(items_uri(self.uri, self.namespace), self.namespace)

    def commit(self, sources: Sequence[Source], fragments: Sequence[str]) -> None:
        """Make fragments that workers have written the only items of these sources; see `VectorStore.replace`.

        Args:
            sources: all whose items are in the fragments; those without items are only recorded.
            fragments: what `FragmentWriter.write` returned.
        """
        if not sources:
            return
        self._open(create=True)
        with storage_errors(self.uri):
            self._commits = self._commits or FragmentCommits(items_uri(self.uri, self.namespace))
            self._commits.replace([source.path for source in sources], fragments)
        self.note(sources)

    def note(self, sources: Sequence[Source]) -> None:
        self._open(create=True)
        with storage_errors(self.uri):
            merge = self._sources.merge_insert("path").when_matched_update_all().when_not_matched_insert_all()
            merge.execute(sources_table(sources))

    def remove(self, paths: Sequence[str]) -> None:
        if paths and self._open(create=False):
            with storage_errors(self.uri):
                self._sources.delete(among("path", paths))
                self._items.delete(among("source", paths))

    def settle(self) -> None:
        """Bring the indices up to date where that pays: after adding. Quick when there is nothing to do."""
        if not self._open(create=False):
            return
        with storage_errors(self.uri):
            indices = {tuple(index.columns): index for index in self._items.list_indices()}
            rows = self._items.count_rows()
            if ("terms",) not in indices:
                from lancedb.index import FTS

                self._items.create_index("terms", config=FTS(language="English", stem=True, remove_stop_words=True))
            else:
                stats = self._items.index_stats(indices[("terms",)].name)
                if stats is not None and stats.num_unindexed_rows > STALE_SHARE * rows:
                    self._items.optimize(cleanup_older_than=KEPT_VERSIONS)
            if rows >= ANN_ROWS:
                self._index_columns(indices)
            for column in ("shared", "meaning"):
                there = indices.get((column,))
                if there is not None and there.index_type == ANN:
                    continue
                if (known := self._items.count_rows(f"{column} IS NOT NULL")) >= ANN_ROWS:
                    self._index_vectors(column, known)

    def compact(self, keep: timedelta = KEPT_VERSIONS) -> None:
        """Join small files, fold new rows into the indices, and drop versions older than `keep`.

        Files that no version lists, such as those of a worker that died, are deleted a week after they were written.
        """
        if self._open(create=False):
            self.settle()
            with storage_errors(self.uri), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that a reader of an older version would fail: `keep` says so
                self._items.optimize(cleanup_older_than=keep)
                self._sources.optimize(cleanup_older_than=keep)

    def _index_columns(self, there: Container[tuple[str, ...]]) -> None:
        from lancedb.index import Bitmap, BTree

        for column, config in (("kind", Bitmap()), ("source", BTree()), ("id", BTree())):
            if (column,) not in there:
                self._items.create_index(column, config=config)

    def _index_vectors(self, column: str, rows: int) -> None:
        from lancedb.index import IvfSq

        partitions = max(16, min(4096, int(np.sqrt(rows))))
        config = IvfSq(distance_type="cosine", num_partitions=partitions, max_iterations=15)
        self._items.create_index(column, config=config)

    # Searching

    def search(
        self, query: Query, top: int = 10, kind: Kind | None = None, *, first: Kind = "text", where: str = ""
    ) -> list[Hit]:
        if not self._open(create=False):
            return []

        def rank(one: Kind, depth: int) -> dict[str, list[Ranked]]:
            condition = f"kind = '{one}'" + (f" AND ({where})" if where else "")
            return dict(self._rankings(query, depth, condition))

        with storage_errors(self.uri):
            return join_kinds(rank, query, top, kind, first)

    def _rankings(self, query: Query, depth: int, where: str) -> Iterator[tuple[str, list[Ranked]]]:
        if query.words and (words := terms_of(query.words)):
            search = self._items.search(words, query_type="fts", fts_columns="terms")
            rows = search.where(where).limit(depth).select([*FIELDS, "_score"]).to_list()
            yield "words", [_ranked(row, row["_score"]) for row in rows]
        for name, vector in (("meaning", query.meaning), ("shared", query.shared)):
            if vector is not None:
                search = self._items.search(vector, vector_column_name=name).distance_type("cosine")
                search = search.where(where, prefilter=True).nprobes(PROBES).refine_factor(REFINE).limit(depth)
                rows = search.select([*FIELDS, "_distance"]).to_list()
                yield name, [_ranked(row, 1 - row["_distance"]) for row in rows]

    # The files underneath

    def _open(self, *, create: bool) -> bool:
        """Open both tables; False when they are not there and are not to be made."""
        if self._items is not None:
            with storage_errors(self.uri):  # sees the writes of other processes from now on
                self._items.checkout_latest()
                self._sources.checkout_latest()
            return True
        if not create and "://" not in self.uri and not Path(self.uri).is_dir():
            return False
        with storage_errors(self.uri):
            tables = open_tables(self.uri, self.namespace, create=create)
        if tables is None:
            return False
        self._items, self._sources = tables
        return True


def _ranked(row: dict[str, Any], likeness: float) -> Ranked:
    fields = {name: row[name] for name in SHOWN} | {"metadata": json.loads(row["metadata"] or "{}")}
    return Ranked(row["id"], float(likeness), fields)
