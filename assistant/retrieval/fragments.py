"""Items written by many and committed by one: each worker writes data files of its own, and one commit lists them.

A data file that no version lists is not part of the table. What a worker wrote before it died is therefore never
there twice; the clean-up deletes such files when they are older than a week (see `LibraryTable.compact`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import StorageError
from assistant.retrieval.items import Item, check_vectors
from assistant.retrieval.lance_files import among, items_table, open_items, row_of, storage_errors

__all__ = ["FragmentCommits", "FragmentWriter"]

ATTEMPTS = 8
"""commits that are tried while others write too"""


@dataclass(frozen=True)
class FragmentWriter:
    """Writes items into the files of a table without committing them. Small: it is sent to the workers."""

    uri: str
    """of the items, see `items_uri`; from every worker the same place"""
    namespace: str

    def write(self, items: Iterable[Item]) -> list[str]:
        """Write one fragment, or none when there are no items; returns its metadata as JSON, for `FragmentCommits`."""
        rows = [row_of(item, self.namespace) for item in check_vectors(items)]
        if not rows:
            return []
        with storage_errors(self.uri):
            from lance.fragment import write_fragments

            written = write_fragments(items_table(rows), open_items(self.uri), mode="append")
        return [json.dumps(fragment.to_json()) for fragment in written]


class FragmentCommits:
    """Makes fragments part of a table; knows whose rows are there, so that only those are looked for."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._present: set[str] = set()
        """sources that may have rows, as of `_version`"""
        self._version = -1

    def replace(self, sources: Sequence[str], fragments: Sequence[str]) -> None:
        """Make these fragments the only rows of these sources, in one commit, or change nothing.

        Another writer's commit in between is built upon; where it touched the same files, the old rows are looked up
        again.
        """
        from lance.commit import CommitConflictError

        new = [_fragment(self._uri, text) for text in fragments]
        for attempt in range(ATTEMPTS):
            try:
                return self._commit(sources, new)
            except CommitConflictError as error:
                if not error.retryable or attempt == ATTEMPTS - 1:
                    raise
        return None

    def _commit(self, sources: Sequence[str], new: Sequence[Any]) -> None:
        from lance import LanceDataset, LanceOperation

        items = open_items(self._uri)
        if items.version != self._version:
            self._present = _sources_of(items)
        old = [source for source in sources if source in self._present]
        removed, updated = _without(items, old) if old else ([], [])
        self._version = items.version
        if removed or updated or new:
            change = LanceOperation.Update(removed_fragment_ids=removed, updated_fragments=updated, new_fragments=new)
            after = LanceDataset.commit(items, change, read_version=items.version)
            self._version = after.version if after.version == items.version + 1 else -1  # else others wrote meanwhile
        self._present.update(sources)


def _fragment(uri: str, metadata: str) -> Any:
    """A fragment out of its JSON, once its files are known to be there: a worker's folder may be another machine's."""
    from lance.fragment import FragmentMetadata

    fragment = FragmentMetadata.from_json(metadata)
    if "://" not in uri and not all((Path(uri) / "data" / file.path).exists() for file in fragment.files):
        raise StorageError(
            f"The workers do not write into the same {uri} as is seen here: keep the library in a folder that all "
            "machines share, or on an object store"
        )
    return fragment


def _sources_of(items: Any) -> set[str]:
    found: set[str] = set()
    for batch in items.scanner(columns=["source"]).to_batches():
        found.update(batch.column(0).unique().to_pylist())
    return found


def _without(items: Any, sources: Sequence[str]) -> tuple[list[int], list[Any]]:
    """Take rows away from the fragments that have them: those that are then empty, and those that have others left."""
    found = items.scanner(columns=[], filter=among("source", sources), with_row_address=True).to_table()
    rows: dict[int, list[int]] = {}
    for address in found.column("_rowaddr").to_pylist():
        rows.setdefault(address >> 32, []).append(address & 0xFFFFFFFF)
    left = {number: items.get_fragment(number).delete_rows(offsets) for number, offsets in rows.items()}
    kept = [fragment for fragment in left.values() if fragment is not None]
    return [number for number, fragment in left.items() if fragment is None], kept
