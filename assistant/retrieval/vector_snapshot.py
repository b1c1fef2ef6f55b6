"""A copy of a table's vectors that is mapped into memory, so that a fresh process need not read all rows first.

Beside ``library.sqlite3`` lie ``library.KEY.vectors.npy`` and ``library.KEY.rows.npz``. The key names the content: a
table that was written since has another one. A copy that is missing or damaged costs time only, and is made again.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.retrieval.items import MEANING, SHARED
from assistant.types import FloatArray

__all__ = ["WORTHWHILE", "Vectors", "load_vectors", "save_vectors"]

WORTHWHILE = 5_000
"""rows from which a copy pays: reading so many takes a twentieth of a second"""


class Vectors(NamedTuple):
    """n rows, in order."""

    rows: NDArray[np.int64]
    kinds: NDArray[np.str_]
    worded: NDArray[np.bool_]
    """whether a row has a place among sentences"""
    shared: FloatArray
    """(n, 384)"""
    meaning: FloatArray
    """(n, 512)"""


def load_vectors(table: Path, generation: int) -> Vectors | None:
    """The copy of the table's current version; None if there is none."""
    vectors, rows = _files(table, generation)
    try:
        numbers = np.load(vectors, mmap_mode="r")
        with np.load(rows) as kept:
            count = len(kept["rows"])
            if numbers.dtype != np.float32 or numbers.shape != (count * (SHARED + MEANING),):
                return None
            shared, meaning = np.split(numbers, [count * SHARED])
            both = shared.reshape(count, SHARED), meaning.reshape(count, MEANING)
            return Vectors(kept["rows"], kept["kinds"], kept["worded"], *both)
    except (OSError, ValueError, KeyError, EOFError):
        return None


def save_vectors(table: Path, generation: int, found: Vectors) -> None:
    """Write a copy, and delete older ones; on a full disk there is none."""
    vectors, rows = _files(table, generation)
    with contextlib.suppress(OSError):
        for old in (*table.parent.glob(f"{table.stem}.*.vectors.npy"), *table.parent.glob(f"{table.stem}.*.rows.npz")):
            old.unlink(missing_ok=True)
    made = [(path, path.with_name(f".{os.getpid()}.{path.name}")) for path in (vectors, rows)]
    try:
        with open(made[0][1], "wb", opener=_private) as file:
            np.save(file, np.concatenate([found.shared.ravel(), found.meaning.ravel()]))
        with open(made[1][1], "wb", opener=_private) as file:
            np.savez(file, rows=found.rows, kinds=found.kinds, worded=found.worded)
        for path, written in made:
            written.replace(path)
    except OSError:
        for _, written in made:
            with contextlib.suppress(OSError):
                written.unlink(missing_ok=True)


def _files(table: Path, generation: int) -> tuple[Path, Path]:
    # A table that was deleted and made again has another number on the disk.
    key = f"{table.stat().st_ino:x}-{generation}"
    return table.with_name(f"{table.stem}.{key}.vectors.npy"), table.with_name(f"{table.stem}.{key}.rows.npz")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
