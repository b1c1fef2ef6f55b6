"""A library's tables as Lance keeps them: their columns, how they are opened, and their errors in one line each."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import StorageError
from assistant.retrieval.items import MEANING, SHARED, Item, Source, check_vectors, metadata_json
from assistant.retrieval.terms import terms_of

__all__ = [
    "FragmentCommits",
    "FragmentWriter",
    "among",
    "items_table",
    "items_uri",
    "open_items",
    "open_tables",
    "row_of",
    "sources_table",
    "storage_errors",
]

logger = logging.getLogger(__name__)


def open_tables(uri: str, namespace: str, *, create: bool) -> tuple[Any, Any] | None:
    """The items and the sources of a namespace; None when they are not there and are not to be made."""
    _hush()
    import lancedb

    database = lancedb.connect(uri)
    tables = []
    for name, schema in (("items", _item_schema()), ("sources", _source_schema())):
        try:
            table = database.open_table(f"{namespace}-{name}")
        except (FileNotFoundError, ValueError):
            if not create:
                return None
            table = database.create_table(f"{namespace}-{name}", schema=schema, exist_ok=True)
        tables.append(table)
    items, sources = tables
    if "metadata" not in items.schema.names:  # made before items had any
        items.add_columns({"metadata": "'{}'"})
    return items, sources


def items_uri(uri: str, namespace: str) -> str:
    """The URI of a namespace's items, the same on every machine."""
    base = uri.rstrip("/") if "://" in uri else str(Path(uri).absolute())
    return f"{base}/{namespace}-items.lance"


def open_items(uri: str) -> Any:
    """The items as Lance's own data set, whose files can be written one by one; needs the extra ``[cluster]``."""
    _hush()
    import lance

    return lance.dataset(uri)


def among(column: str, values: Sequence[str]) -> str:
    """The condition, in SQL, that a column holds one of these."""
    quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column} IN ({quoted})"


@contextmanager
def storage_errors(uri: str) -> Iterator[None]:
    """Turn what Lance raises into a `StorageError` that names the library."""
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        logger.warning("library %s", uri, exc_info=error)
        reason = " ".join(str(error).split())
        if "No space left" in reason or "ENOSPC" in reason:
            raise StorageError(
                f"The disk is full: the library {uri} is unchanged. Free some space and try again."
            ) from error
        raise StorageError(f"The library {uri} cannot be used: {reason[:300]}") from error


def _hush() -> None:
    os.environ.setdefault("LANCE_LOG", "error")  # it would print to the user's screen


def _item_schema() -> Any:
    """The columns of an item."""
    pa = _arrow()
    return pa.schema(
        [
            pa.field("id", pa.string(), nullable=False),
            pa.field("source", pa.string(), nullable=False),
            pa.field("part", pa.int32(), nullable=False),
            pa.field("kind", pa.string(), nullable=False),
            ("text", pa.string()),
            ("terms", pa.string()),
            ("place", pa.string()),
            ("start", pa.float32()),
            ("end", pa.float32()),
            ("metadata", pa.string()),
            ("shared", pa.list_(pa.float32(), SHARED)),
            ("meaning", pa.list_(pa.float32(), MEANING)),
            ("added", pa.float64()),
        ]
    )


def _source_schema() -> Any:
    """The columns of a source."""
    pa = _arrow()
    return pa.schema(
        [
            pa.field("path", pa.string(), nullable=False),
            ("digest", pa.string()),
            ("size", pa.int64()),
            ("modified", pa.float64()),
            ("items", pa.int64()),
            ("reason", pa.string()),
        ]
    )


def row_of(item: Item, namespace: str) -> dict[str, Any]:
    """An item as a row of a namespace, added now."""
    return {
        "id": item.identity(namespace),
        "source": item.source,
        "part": item.part,
        "kind": item.kind,
        "text": item.text,
        "terms": terms_of(item.wording),
        "place": item.place,
        "start": item.start,
        "end": item.end,
        "metadata": metadata_json(item.metadata),
        "shared": item.shared.astype(np.float32),
        "meaning": None if item.meaning is None else item.meaning.astype(np.float32),
        "added": time.time(),
    }


def items_table(rows: Sequence[dict[str, Any]]) -> Any:
    """Rows of `row_of` as an Arrow table."""
    schema = _item_schema()
    columns = [
        _vectors(rows, field)
        if field.name in ("shared", "meaning")
        else _arrow().array([row[field.name] for row in rows], field.type)
        for field in schema
    ]
    return _arrow().Table.from_arrays(columns, schema=schema)


def sources_table(sources: Sequence[Source]) -> Any:
    """Sources as an Arrow table."""
    return _arrow().Table.from_pylist([vars(source) for source in sources], schema=_source_schema())


def _vectors(rows: Sequence[dict[str, Any]], field: Any) -> Any:
    """A column of vectors at once: number by number it takes longer than writing it."""
    blank = np.zeros(field.type.list_size, np.float32)
    known = [row[field.name] for row in rows]
    values = np.concatenate([blank if vector is None else vector for vector in known]) if rows else blank[:0]
    missing = _arrow().array([vector is None for vector in known], _arrow().bool_())
    return _arrow().FixedSizeListArray.from_arrays(_arrow().array(values), type=field.type, mask=missing)


def _arrow() -> Any:
    import pyarrow

    return pyarrow


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
            batches = items.scanner(columns=["source"]).to_batches()
            self._present = {source for batch in batches for source in batch.column(0).unique().to_pylist()}
        old = [source for source in sources if source in self._present]
        removed, updated = _without(items, old) if old else ([], [])
        self._version = items.version
        if removed or updated or new:
            change = LanceOperation.Update(removed_fragment_ids=removed, updated_fragments=updated, new_fragments=new)
            after = LanceDataset.commit(items, change, read_version=items.version)
            self._version = (
                after.version if after.version == items.version + 1 else -1
            )  # otherwise another process wrote meanwhile
        self._present.update(sources)


def _fragment(uri: str, metadata: str) -> Any:
    """A fragment out of its JSON, once its files are known to be there: a worker's folder may be another machine's."""
    from lance.fragment import FragmentMetadata

    fragment = FragmentMetadata.from_json(metadata)
    if "://" not in uri and not all((Path(uri) / "data" / file.path).exists() for file in fragment.files):
        raise StorageError(
            f"The workers write to another {uri} than this machine reads: keep the library in a folder that all "
            "machines share, or on an object store"
        )
    return fragment


def _without(items: Any, sources: Sequence[str]) -> tuple[list[int], list[Any]]:
    """Take rows away from the fragments that have them: those that are then empty, and those that have others left."""
    found = items.scanner(columns=[], filter=among("source", sources), with_row_address=True).to_table()
    rows: dict[int, list[int]] = {}
    for address in found.column("_rowaddr").to_pylist():
        rows.setdefault(address >> 32, []).append(address & 0xFFFFFFFF)
    left = {number: items.get_fragment(number).delete_rows(offsets) for number, offsets in rows.items()}
    kept = [fragment for fragment in left.values() if fragment is not None]
    return [number for number, fragment in left.items() if fragment is None], kept
