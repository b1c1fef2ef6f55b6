"""Caches a fit on disk, so that an unchanged set of plugins costs nothing: safetensors, in the owner's cache folder.

A damaged fit, or one of another version, is fitted again; a full or read-only disk only costs time.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.intents.confidence import Scope
from assistant.intents.density import Density
from assistant.intents.head import TextHead
from assistant.intents.lexical import Lexicon
from assistant.settings import cache_dir
from assistant.types import FloatArray, content_hash

__all__ = ["SentenceVectors", "load_arrays", "load_head", "save_arrays", "save_head"]

logger = logging.getLogger(__name__)

DENSITY = tuple(field.name for field in fields(Density))
KEPT_FILES = 12
"""fitted models kept; the least recently used go first"""
KEPT_SENTENCES = 50_000
"""sentence vectors kept per encoder"""


def save_head(key: str, head: TextHead) -> None:
    """Keep a fitted head under the hash of everything it was fitted to."""
    scope = head.scope
    numbers = (head.lexical, head.temperature, head.floor, head.accuracy, scope.threshold, scope.slope)
    arrays: dict[str, NDArray[Any]] = {
        "weights": head.weights,
        "kinds": head.kinds,
        "unlike": head.weights[:, :0] if head.unlike is None else head.unlike,
        "scope": np.stack([scope.mean, scope.spread, scope.weights]).astype(np.float32),
        "numbers": np.array(numbers, np.float64),
        "languages": np.frombuffer(" ".join(head.languages).encode(), np.uint8),
    }
    arrays |= {f"density.{name}": getattr(head.density, name) for name in DENSITY}
    arrays |= {f"prototypes.{index}": means for index, means in enumerate(head.prototypes)}
    if head.lexicon is not None:
        arrays["vocabulary"], arrays["lexicon"] = head.lexicon.vocabulary, head.lexicon.weights
    save_arrays(f"head-{key}", arrays)


def load_head(key: str) -> TextHead | None:
    """The head kept under a key, or None when there is none or it is damaged."""
    arrays = load_arrays(f"head-{key}")
    if arrays is None:
        return None
    try:
        lexical, temperature, floor, accuracy, threshold, slope = (float(number) for number in arrays["numbers"])
        views = range(sum(name.startswith("prototypes.") for name in arrays))
        mean, spread, weights = arrays["scope"]
        lexicon = Lexicon(arrays["vocabulary"], arrays["lexicon"]) if "lexicon" in arrays else None
        return TextHead(
            weights=arrays["weights"],
            lexicon=lexicon,
            lexical=lexical,
            kinds=arrays["kinds"],
            unlike=arrays["unlike"],
            density=Density(**{name: arrays[f"density.{name}"] for name in DENSITY}),
            prototypes=tuple(arrays[f"prototypes.{index}"] for index in views),
            scope=Scope(mean, spread, weights, threshold, slope),
            temperature=temperature,
            floor=floor,
            accuracy=accuracy,
            languages=tuple(arrays["languages"].tobytes().decode().split()),
        )
    except (KeyError, ValueError) as error:
        logger.warning("a kept intent model is of another version and is made anew: %s", error)
        return None


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
        keep: whether they outlive the process.
    """

    def __init__(self, encoder: str, *, keep: bool = True) -> None:
        self._name = f"vectors-{content_hash(encoder)[:16]}"
        self._keep = keep
        self._rows: dict[bytes, FloatArray] | None = None if keep else {}

    def find(self, texts: Sequence[str]) -> list[FloatArray | None]:
        """The vector (d,) of each text, or None where it is not known."""
        rows = self._load()
        return [rows.get(_key(text)) for text in texts]

    def add(self, texts: Sequence[str], vectors: FloatArray) -> None:
        """Remember the vectors (n, d) of texts, after a restart too where they are kept."""
        rows = self._load()
        rows.update(zip(map(_key, texts), vectors, strict=True))
        if not self._keep:
            return
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
    """As `content_hash` makes it, for thousands of texts at each start."""
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(len(data).to_bytes(8, "little") + data).digest()
