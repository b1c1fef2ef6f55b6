"""Reads CTranslate2's container, a plain list of named arrays, without CTranslate2.

Layout (little-endian): u32 version, string specification, u32 revision, u32 count, then for each variable:
string name, u8 rank, u32 per dimension, u8 type, u32 bytes, data. A string is u16 length, then its bytes with
a closing NUL. (CTranslate2 ``python/ctranslate2/specs/model_spec.py``, binary version 6.)
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_container"]

_TYPES = (np.dtype("<f4"), np.dtype("i1"), np.dtype("<i2"), np.dtype("<i4"), np.dtype("<f2"))
_VERSION = 6


class _Reader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def take(self, count: int) -> bytes:
        data = self._file.read(count)
        if len(data) != count:
            raise ValueError("the container ends too early")
        return data

    def numbers(self, layout: str) -> tuple[int, ...]:
        layout = "<" + layout
        return struct.unpack(layout, self.take(struct.calcsize(layout)))

    def string(self) -> str:
        (length,) = self.numbers("H")
        return self.take(length).rstrip(b"\0").decode()

    def variable(self) -> tuple[str, NDArray[Any]]:
        name = self.string()
        (rank,) = self.numbers("B")
        shape = self.numbers(f"{rank}I")
        kind, size = self.numbers("BI")
        if kind >= len(_TYPES):
            raise ValueError(f"{name} has the unknown type {kind}")
        return name, np.frombuffer(self.take(size), _TYPES[kind]).reshape(shape)


def read_container(path: Path, specification: str) -> dict[str, NDArray[Any]]:
    """All variables of a container, by name; scalars have the shape (). Raises `ValueError` for any other file."""
    with path.open("rb") as file:
        reader = _Reader(file)
        (version,) = reader.numbers("I")
        if version != _VERSION:
            raise ValueError(f"container version {version} instead of {_VERSION}")
        if (found := reader.string()) != specification:
            raise ValueError(f"the container holds a {found}, not a {specification}")
        _, count = reader.numbers("II")
        return dict(reader.variable() for _ in range(count))
