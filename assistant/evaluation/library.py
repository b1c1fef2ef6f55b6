"""How fast a library finds among very many items, and how much the approximate index misses, beside others.

Vectors are synthetic: clusters on the sphere, as real embeddings have. Peers that are installed (FAISS, Chroma,
Qdrant's local mode) search the same vectors in the same run; each gives the nearest ten.
"""

from __future__ import annotations

import importlib.util
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.messages import FloatArray
from assistant.retrieval import Item, LibraryTable, Query, Source

__all__ = ["SearchFigures", "bench_search"]

TOP = 10
DIMENSION = 384
SPREAD = 0.7
"""of a cluster, relative to the distance between clusters"""
BATCH = 20_000
QUERIES = 100

Search = Callable[[FloatArray], Sequence[int]]


@dataclass(frozen=True)
class SearchFigures:
    """What one contender did."""

    name: str
    items: int
    build_seconds: float
    """writing and indexing"""
    median_ms: float
    """of one search"""
    slowest_ms: float
    recall_10: float
    """share of the true nearest ten that were found, 0 to 1"""

    def to_json(self) -> dict[str, Any]:
        """Rounded."""
        return {key: round(v, 4) if isinstance(v, float) else v for key, v in asdict(self).items()}


def bench_search(items: int, peers: bool, progress: Callable[[str], None], seed: int = 0) -> list[SearchFigures]:
    """Build and search with ours, and with the peers that are installed.

    Args:
        items: number of vectors.
        peers: whether others are measured too.
        progress: told what is being done.
        seed: of the vectors.

    Raises:
        SettingsError: the extra packages are not installed.
    """
    rng = np.random.default_rng(seed)
    vectors = _clusters(items, rng)
    queries = _unit(vectors[rng.integers(items, size=QUERIES)] + 0.02 * rng.standard_normal((QUERIES, DIMENSION)))
    nearest = [set(np.argpartition(-(vectors @ query), TOP)[:TOP].tolist()) for query in queries]
    contenders = {"assistant (Lance)": _ours, **(_installed_peers() if peers else {})}
    figures = []
    for name, build in contenders.items():
        progress(name)
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            search = build(vectors, Path(folder))
            built = time.perf_counter() - began
            figures.append(_measure(name, search, queries, nearest, items, built))
    return figures


def _measure(
    name: str, search: Search, queries: FloatArray, nearest: list[set[int]], items: int, built: float
) -> SearchFigures:
    search(queries[0])
    times, found = [], 0
    for query, true in zip(queries, nearest, strict=True):
        began = time.perf_counter()
        rows = search(query)
        times.append(1000 * (time.perf_counter() - began))
        found += len(true.intersection(rows))
    recall = found / (TOP * len(queries))
    return SearchFigures(name, items, built, statistics.median(times), max(times), recall)


def _ours(vectors: FloatArray, folder: Path) -> Search:
    table = LibraryTable(folder)
    for start in range(0, len(vectors), BATCH):
        rows = range(start, min(start + BATCH, len(vectors)))
        # As a library writes: one source per batch, so that the commit replaces what that source had.
        source = Source(f"batch {start}", "", 0, 0.0, len(rows))
        table.replace([source], (Item(source.path, row, "image", "", vectors[row], place=str(row)) for row in rows))
    table.compact()

    def search(query: FloatArray) -> list[int]:
        return [int(hit.place) for hit in table.search(Query("", query), TOP, "image")]

    return search


def _installed_peers() -> dict[str, Callable[[FloatArray, Path], Search]]:
    known = {"faiss": ("FAISS (HNSW)", _faiss), "chromadb": ("Chroma", _chroma), "qdrant_client": ("Qdrant", _qdrant)}
    return {name: build for package, (name, build) in known.items() if importlib.util.find_spec(package)}


def _faiss(vectors: FloatArray, folder: Path) -> Search:
    import faiss

    index = faiss.IndexHNSWFlat(DIMENSION, 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 80, 128
    index.add(vectors)
    return lambda query: [int(row) for row in index.search(query[None], TOP)[1][0]]


def _chroma(vectors: FloatArray, folder: Path) -> Search:
    import chromadb

    collection = chromadb.PersistentClient(str(folder)).create_collection("bench", metadata={"hnsw:space": "cosine"})
    for start in range(0, len(vectors), 5000):
        part = vectors[start : start + 5000]
        collection.add([str(start + n) for n in range(len(part))], embeddings=part)
    return lambda query: [int(i) for i in collection.query(query_embeddings=query[None], n_results=TOP)["ids"][0]]


def _qdrant(vectors: FloatArray, folder: Path) -> Search:
    from qdrant_client import QdrantClient
    from qdrant_client.models import Distance, VectorParams

    client = QdrantClient(path=str(folder))
    client.create_collection("bench", vectors_config=VectorParams(size=DIMENSION, distance=Distance.COSINE))
    client.upload_collection("bench", vectors, ids=range(len(vectors)))
    return lambda query: [int(point.id) for point in client.query_points("bench", query.tolist(), limit=TOP).points]


def _clusters(count: int, rng: np.random.Generator) -> FloatArray:
    centres = rng.standard_normal((max(20, count // 50), DIMENSION)).astype(np.float32)
    return np.concatenate(list(_batches(centres, count, rng)))


def _batches(centres: FloatArray, count: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        noise = SPREAD * rng.standard_normal((size, DIMENSION)).astype(np.float32)
        yield _unit(centres[rng.integers(len(centres), size=size)] + noise)


def _unit(rows: Any) -> FloatArray:
    unit: FloatArray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
