"""Items and sources as columns of Arrow, as they lie on the disk."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from assistant.retrieval.items import MEANING, SHARED, Item, Source, metadata_json
from assistant.retrieval.terms import terms_of

__all__ = ["item_schema", "items_table", "row_of", "source_schema", "sources_table"]


def item_schema() -> Any:
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


def source_schema() -> Any:
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
    schema = item_schema()
    columns = [
        _vectors(rows, field) if field.name in ("shared", "meaning") else _column(rows, field) for field in schema
    ]
    return _arrow().Table.from_arrays(columns, schema=schema)


def sources_table(sources: Sequence[Source]) -> Any:
    """Sources as an Arrow table."""
    return _arrow().Table.from_pylist([vars(source) for source in sources], schema=source_schema())


def _column(rows: Sequence[dict[str, Any]], field: Any) -> Any:
    return _arrow().array([row[field.name] for row in rows], field.type)


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
