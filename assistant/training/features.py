"""Encodes the training material with the frozen encoders and keeps it on disk, so that an interrupted run continues."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assistant.encoders.encoder import Encoder, unit
from assistant.fusion.picture_kinds import ENCODER, STATISTICS
from assistant.terminal.steps import StepProgress
from assistant.types import FloatArray, Picture

__all__ = ["WORDS", "FeatureStore", "PictureFeatures", "open_pictures"]

BATCH = 8
WORDS = 12
"""words of a sentence kept for training"""


def open_pictures(paths: Iterable[Path]) -> Iterator[Picture]:
    """The pictures of these files."""
    for path in paths:
        with Image.open(path) as image:
            yield Picture(image.convert("RGB"), str(path))


@dataclass(frozen=True, eq=False)
class PictureFeatures:
    """Encoded pictures."""

    pooled: FloatArray
    """(n, 1280)"""
    tokens: FloatArray
    """(n, 16, 1280), float16"""
    statistics: FloatArray
    """(n, 30), see `assistant.encoders.STATISTICS`"""


class FeatureStore:
    """Encodes once with encoders, by name, and remembers in the folder."""

    def __init__(self, folder: Path, encoders: Mapping[str, Encoder], progress: StepProgress) -> None:
        self._folder, self._encoders, self._progress = folder, encoders, progress
        folder.mkdir(parents=True, exist_ok=True)

    def pictures(self, name: str, total: int, pictures: Callable[[], Iterable[Picture]]) -> PictureFeatures:
        """Encodes pictures; `name` says which they are, and is the key under which they are remembered."""

        def encode() -> dict[str, Any]:
            pooled: list[FloatArray] = []
            tokens: list[NDArray[np.float16]] = []
            statistics: list[FloatArray] = []
            batches = iter(pictures())
            while batch := list(itertools.islice(batches, BATCH)):
                seen = self._encoders[ENCODER].encode(batch)
                pooled += [encoding.pooled for encoding in seen]
                tokens += [_quarter(encoding.tokens) for encoding in seen]
                statistics += [encoding.pooled for encoding in self._encoders[STATISTICS].encode(batch)]
                self._progress(name, len(pooled), total)
            return {"pooled": np.stack(pooled), "tokens": np.stack(tokens), "statistics": np.stack(statistics)}

        return PictureFeatures(**self._kept(name, encode))

    def sentences(self, encoder: str, name: str, texts: Sequence[str]) -> FloatArray:
        """Pooled vectors (n, d), unit length, remembered under `name`."""

        def encode() -> dict[str, Any]:
            rows: list[FloatArray] = []
            for start in range(0, len(texts), 64):
                rows += [encoding.pooled for encoding in self._encoders[encoder].encode(texts[start : start + 64])]
                self._progress(f"{name} ({encoder})", len(rows), len(texts))
            return {"vectors": unit(np.stack(rows).astype(np.float32))}

        vectors: FloatArray = self._kept(f"{name}-{encoder}", encode)["vectors"]
        return vectors

    def lines(self, name: str, total: int, lines: Callable[[], Iterable[str]]) -> list[str]:
        """Texts that take long to find, such as the print in pictures, remembered under `name`."""

        def find() -> dict[str, Any]:
            found: list[str] = []
            for line in lines():
                found.append(line)
                self._progress(name, len(found), total)
            return {"lines": np.array(found, np.str_)}

        return [str(line) for line in self._kept(name, find)["lines"]]

    def words(self, encoder: str, name: str, texts: Sequence[str]) -> tuple[FloatArray, FloatArray]:
        """Token vectors (n, `WORDS`, d), float16, zero where there is none, and pooled vectors (n, d)."""

        def encode() -> dict[str, Any]:
            encodings = self._encoders[encoder].encode(texts)
            tokens = np.zeros((len(texts), WORDS, encodings[0].tokens.shape[1]), np.float16)
            for row, encoding in zip(tokens, encodings, strict=True):
                kept = encoding.tokens[encoding.mask][:WORDS]
                row[: len(kept)] = kept
            self._progress(f"{name} ({encoder})", len(texts), len(texts))
            return {"tokens": tokens, "pooled": np.stack([encoding.pooled for encoding in encodings])}

        kept = self._kept(f"{name}-{encoder}-words", encode)
        return kept["tokens"], kept["pooled"]

    def _kept(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The arrays under this name, made where they are not there yet; an interrupted run leaves none."""
        path = self._folder / f"{name}.npz"
        if not path.exists():
            partial = path.with_suffix(".part.npz")
            np.savez(partial, **make())
            partial.replace(path)
        with np.load(path) as arrays:
            return dict(arrays)


def _quarter(tokens: FloatArray) -> NDArray[np.float16]:
    grid = tokens.reshape(7, 7, -1)
    edges = (0, 2, 4, 6, 7)
    cells = [
        grid[a:b, c:d].mean(axis=(0, 1)) for a, b in itertools.pairwise(edges) for c, d in itertools.pairwise(edges)
    ]
    return np.stack(cells).astype(np.float16)
