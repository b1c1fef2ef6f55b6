"""What fitting leaves on disk, so that an unchanged set of plugins costs nothing: safetensors, owner's cache folder.

Whatever is damaged or from another version is fitted anew; a full or read-only disk only costs time.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.messages import FloatArray, content_hash
from assistant.settings import cache_dir

__all__ = ["SentenceVectors", "load_arrays", "save_arrays"]

logger = logging.getLogger(__name__)

KEPT_FILES = 12
"""fitted models kept; the least recently used go first"""
KEPT_SENTENCES = 50_000
"""sentence vectors kept per encoder"""


def save_arrays(name: str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Keep arrays under a name, whole or not at all."""
    from safetensors.numpy import save_file

    path = _path(name)
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({key: np.ascontiguousarray(value) for key, value in arrays.items()}, part)
        os.replace(part, path)
        _prune(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        logger.warning("cannot keep %s: %s", path, error)


def load_arrays(name: str) -> dict[str, NDArray[Any]] | None:
    """The arrays kept under a name, or None."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    path = _path(name)
    try:
        arrays: dict[str, NDArray[Any]] = load_file(path)
        os.utime(path)
    except FileNotFoundError:
        return None
    except (OSError, SafetensorError) as error:
        logger.warning("%s is damaged and is made anew: %s", path, error)
        return None
    return arrays


def _path(name: str) -> Path:
    return cache_dir() / "intents" / f"{name}.safetensors"


def _prune(folder: Path) -> None:
    heads = sorted(folder.glob("head-*.safetensors"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in heads[KEPT_FILES:]:
        path.unlink(missing_ok=True)


class SentenceVectors:
    """Remembers one encoder's vectors of sentences across fits, so that a new plugin costs only its own sentences.

    Args:
        encoder: the encoder's name and version, part of the file's name.
    """

    def __init__(self, encoder: str) -> None:
        self._name = f"vectors-{content_hash(encoder)[:16]}"
        self._rows: dict[bytes, FloatArray] | None = None

    def find(self, texts: Sequence[str]) -> list[FloatArray | None]:
        """The vector (d,) of each text, or None where it is not known."""
        rows = self._load()
        return [rows.get(_key(text)) for text in texts]

    def add(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Remember the vectors (n, d) of texts, now and after a restart."""
        rows = self._load()
        rows.update(zip(map(_key, texts), vectors, strict=True))
        newest = list(rows.items())[-KEPT_SENTENCES:]
        keys = np.frombuffer(b"".join(key for key, _ in newest), np.uint8).reshape(len(newest), 32)
        save_arrays(self._name, {"keys": keys, "vectors": np.stack([row for _, row in newest])})

    def _load(self) -> dict[bytes, FloatArray]:
        if self._rows is None:
            kept = load_arrays(self._name)
            whole = kept is not None and {"keys", "vectors"} <= kept.keys()
            self._rows = (
                {key.tobytes(): row for key, row in zip(kept["keys"], kept["vectors"], strict=True)}
                if whole and kept
                else {}
            )
        return self._rows


def _key(text: str) -> bytes:
    return bytes.fromhex(content_hash(text))
