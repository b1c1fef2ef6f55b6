"""The encodings of texts in a file, so that what is shipped with its encodings need not be encoded again."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from assistant.folders import write_private
from assistant.types import FloatArray, content_hash

__all__ = ["key_of", "read_encodings", "write_encodings"]

logger = logging.getLogger(__name__)

Encodings = Mapping[str, tuple[FloatArray, FloatArray]]


def key_of(version: str, text: str) -> str:
    """What a text's encodings are kept under: another for other encoders. 32 hexadecimal characters."""
    return content_hash(version, text)[:32]


def read_encodings(path: Path) -> Encodings:
    """Key → vectors in the shared space (384,) and the multilingual one (512,); {} when the file cannot be read."""
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(path.read_bytes())
        shared, meaning = (arrays[name].astype(np.float32) for name in ("shared", "meaning"))
        keys = [row.tobytes().hex() for row in arrays["keys"]]
        return {key: (one, other) for key, one, other in zip(keys, shared, meaning, strict=True)}
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        logger.info("%s is not used: %s", path, error)
        return {}


def write_encodings(path: Path, encodings: Iterable[tuple[str, FloatArray, FloatArray]]) -> int:
    """Write keys and vectors, halves of 16 bits; returns how many.

    Raises:
        StorageError: the file cannot be written.
    """
    from safetensors.numpy import save

    rows = sorted(encodings, key=lambda row: row[0])
    keys = np.asarray([list(bytes.fromhex(key)) for key, _, _ in rows], np.uint8).reshape(-1, 16)
    shared = np.asarray([one for _, one, _ in rows], np.float16)
    meaning = np.asarray([other for _, _, other in rows], np.float16)
    write_private(path, lambda file: file.write(save({"keys": keys, "shared": shared, "meaning": meaning})))
    return len(rows)
