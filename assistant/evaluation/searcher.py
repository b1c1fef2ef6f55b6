"""One contender of `assistant.evaluation.library`, in a process of its own: builds, searches, prints what came of it.

    python -m assistant.evaluation.searcher NAME FOLDER

The folder holds vectors.npy and queries.npy, float32, unit length.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from assistant.retrieval.items import Item, Query, Source
from assistant.retrieval.lance_table import LibraryTable
from assistant.types import FloatArray

__all__ = ["CONTENDERS", "OURS", "installed"]

TOP = 10
BATCH = 20_000
MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10

Search = Callable[[FloatArray], Sequence[int]]
OURS = "assistant (Lance)"


def _ours(vectors: FloatArray, folder: Path) -> Search:
    table = LibraryTable(folder)
    for start in range(0, len(vectors), BATCH):
        rows = range(start, min(start + BATCH, len(vectors)))
        # As a library writes: one source per batch, so that the commit replaces what that source had.
        source = Source(f"batch {start}", "", 0, 0.0, len(rows))
        table.replace([source], (Item(source.path, row, "image", "", vectors[row], place=str(row)) for row in rows))
    table.compact()
    return lambda query: [int(hit.place) for hit in table.search(Query("", query), TOP, "image")]


def _faiss(vectors: FloatArray, folder: Path) -> Search:
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
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
    client.create_collection("bench", vectors_config=VectorParams(size=vectors.shape[1], distance=Distance.COSINE))
    client.upload_collection("bench", vectors, ids=range(len(vectors)))
    return lambda query: [int(point.id) for point in client.query_points("bench", query.tolist(), limit=TOP).points]


CONTENDERS: dict[str, tuple[str, Callable[[FloatArray, Path], Search]]] = {
    OURS: ("lancedb", _ours),
    "FAISS (HNSW)": ("faiss", _faiss),
    "Chroma": ("chromadb", _chroma),
    "Qdrant (local)": ("qdrant_client", _qdrant),
}
"""name → its package, and how it builds"""


def installed() -> list[str]:
    """The contenders whose packages are here."""
    return [name for name, (package, _) in CONTENDERS.items() if find_spec(package)]


def _contest(name: str, folder: Path) -> dict[str, Any]:
    """Build and search.

    Returns:
        build_seconds, times_ms (one per query), found (rows per query) and megabytes (most memory at once).
    """
    vectors, queries = np.load(folder / "vectors.npy"), np.load(folder / "queries.npy")
    with tempfile.TemporaryDirectory(dir=folder) as own:
        began = time.perf_counter()
        search = CONTENDERS[name][1](vectors, Path(own))
        built = time.perf_counter() - began
        del vectors
        for query in queries[:5]:
            search(query)
        times, found = [], []
        for query in queries:
            began = time.perf_counter()
            rows = search(query)
            times.append(1000 * (time.perf_counter() - began))
            found.append(list(rows))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return {"build_seconds": built, "times_ms": times, "found": found, "megabytes": peak}


if __name__ == "__main__":
    print(json.dumps(_contest(sys.argv[1], Path(sys.argv[2]))))
