"""Measures how fast a library finds among very many items, and how many of the nearest it misses.

The vectors are synthetic: clusters on the sphere, as real embeddings have. FAISS searches the same vectors where it
is installed; it keeps them in memory, ours reads them from the disk.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from assistant.errors import SettingsError
from assistant.evaluation.indexing import bench_indexing
from assistant.settings import Settings
from assistant.terminal.report import Peer, Report, Row, percent
from assistant.terminal.steps import StepProgress
from assistant.types import FloatArray

__all__ = ["bench_library"]

DIMENSION = 384
SPREAD = 0.7
"""of a cluster, relative to the distance between clusters"""
BATCH = 20_000
QUERIES, TOP = 100, 10
SLOWEST, LEAST_RECALL = 60.0, 95.0
"""goals among a million items: milliseconds, and percent of the nearest ten"""

Search = Callable[[FloatArray], Sequence[int]]


def bench_library(settings: Settings, progress: StepProgress, items: int, no_indexing: bool, no_search: bool) -> Report:
    """Measures filling a library with files, and searching among so many vectors."""
    if find_spec("lancedb") is None:
        raise SettingsError("The library needs more packages: pip install 'multimodal-assistant[library]'")
    rows = [] if no_indexing else bench_indexing(progress)
    rows += [] if no_search else _search_rows(items, progress)
    return Report("bench library", f"files made here; {items:,} synthetic vectors", rows)


def _search_rows(items: int, progress: StepProgress) -> list[Row]:
    vectors = _clusters(items, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    queries = _unit(vectors[rng.integers(items, size=QUERIES)] + 0.02 * rng.standard_normal((QUERIES, DIMENSION)))
    nearest = [set(np.argpartition(-(vectors @ query), TOP)[:TOP].tolist()) for query in queries]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        ours = _ours(vectors, Path(folder), progress)
        built = time.perf_counter() - began
        milliseconds, recall = _timed(ours, queries, nearest)
    peer = None
    if find_spec("faiss") is not None:
        progress("building FAISS", 0, 1)
        peer = Peer("FAISS (HNSW)", statistics.median(_timed(_faiss(vectors), queries, nearest)[0]))
    return [
        Row("writing and indexing the vectors", built, "s"),
        Row("one search, median", statistics.median(milliseconds), "ms", at_most=SLOWEST, peer=peer),
        Row("one search, slowest", max(milliseconds), "ms"),
        percent("of the nearest ten found", recall, at_least=LEAST_RECALL),
    ]


def _ours(vectors: FloatArray, folder: Path, progress: StepProgress) -> Search:
    from assistant.retrieval.items import Item, Query, Source
    from assistant.retrieval.lance_table import LibraryTable

    table = LibraryTable(folder)
    for start in range(0, len(vectors), BATCH):
        rows = range(start, min(start + BATCH, len(vectors)))
        # As a library writes: one source per batch, so that the commit replaces what that source had.
        source = Source(f"batch {start}", "", 0, 0.0, len(rows))
        table.replace([source], (Item(source.path, row, "image", "", vectors[row], place=str(row)) for row in rows))
        progress("writing vectors", rows.stop, len(vectors))
    table.compact()
    return lambda query: [int(hit.place) for hit in table.search(Query("", query), TOP, "image")]


def _faiss(vectors: FloatArray) -> Search:
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 80, 128
    index.add(vectors)
    return lambda query: [int(row) for row in index.search(query[None], TOP)[1][0]]


def _timed(search: Search, queries: FloatArray, nearest: Sequence[set[int]]) -> tuple[list[float], float]:
    """Milliseconds of each search, and the share of the true nearest that were found."""
    for query in queries[:5]:
        search(query)
    times, found = [], 0
    for query, true in zip(queries, nearest, strict=True):
        began = time.perf_counter()
        rows = search(query)
        times.append(1000 * (time.perf_counter() - began))
        found += len(true.intersection(rows))
    return times, found / (TOP * len(nearest))


def _clusters(count: int, rng: np.random.Generator) -> FloatArray:
    centres = rng.standard_normal((max(20, count // 50), DIMENSION)).astype(np.float32)
    parts = []
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        noise = SPREAD * rng.standard_normal((size, DIMENSION)).astype(np.float32)
        parts.append(_unit(centres[rng.integers(len(centres), size=size)] + noise))
    return np.concatenate(parts)


def _unit(rows: np.ndarray) -> FloatArray:
    unit: FloatArray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit
