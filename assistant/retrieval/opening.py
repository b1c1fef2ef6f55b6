"""Opening the tables of a library with Lance, and its errors in one line each."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.errors import StorageError
from assistant.retrieval.columns import item_schema, source_schema

__all__ = ["among", "items_uri", "open_items", "open_tables", "storage_errors"]

logger = logging.getLogger(__name__)


def open_tables(uri: str, namespace: str, *, create: bool) -> tuple[Any, Any] | None:
    """The items and the sources of a namespace; None when they are not there and are not to be made."""
    _hush()
    import lancedb

    database = lancedb.connect(uri)
    tables = []
    for name, schema in (("items", item_schema()), ("sources", source_schema())):
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
    """Where the items of a namespace lie: the same place from wherever it is looked at."""
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
                f"The disk is full: the library {uri} is as it was. Free some space and try again."
            ) from error
        raise StorageError(f"The library {uri} cannot be used: {reason[:300]}") from error


def _hush() -> None:
    os.environ.setdefault("LANCE_LOG", "error")  # it would talk to the user's screen
