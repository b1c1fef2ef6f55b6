"""How fast a library finds among very many items, and how much the approximate index misses, beside others.

Vectors are synthetic: clusters on the sphere, as real embeddings have. Peers that are installed (FAISS, Chroma,
Qdrant's local mode) search the same vectors in the same run, each in a process of its own; each gives the nearest ten.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import SettingsError
from assistant.evaluation.searcher import OURS, TOP, installed
from assistant.types import FloatArray

__all__ = ["SearchFigures", "bench_search"]

DIMENSION = 384
SPREAD = 0.7
"""of a cluster, relative to the distance between clusters"""
BATCH = 20_000
QUERIES = 100


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
    megabytes: float
    """most memory at once, while building or searching; the vectors themselves included"""

    def to_json(self) -> dict[str, Any]:
        """Rounded."""
        return {key: round(v, 4) if isinstance(v, float) else v for key, v in asdict(self).items()}


def bench_search(
    items: int, peers: bool, progress: Callable[[str], None], seed: int = 0
) -> tuple[list[SearchFigures], list[str]]:
    """Build and search with ours, and with the peers that are installed.

    Args:
        items: number of vectors.
        peers: whether others are measured too.
        progress: told what is being done.
        seed: of the vectors.

    Returns:
        The figures, and a line about each contender that failed.

    Raises:
        SettingsError: the extra packages are not installed.
    """
    names = installed()
    if OURS not in names:
        raise SettingsError(
            "The library needs a package that is not installed: pip install 'multimodal-assistant[library]'"
        )
    figures, failures = [], []
    with tempfile.TemporaryDirectory() as folder:
        progress(f"making {items:,} vectors")
        nearest = _prepare(Path(folder), items, seed)
        for name in names if peers else [OURS]:
            progress(f"building {name}")
            command = [sys.executable, "-W", "ignore", "-m", "assistant.evaluation.searcher", name, folder]
            environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "ANONYMIZED_TELEMETRY": "False"}
            done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
            if done.returncode:
                failures.append(f"{name} failed: {' '.join(done.stderr.split())[-200:]}")
            else:
                figures.append(_figures(name, items, json.loads(done.stdout.splitlines()[-1]), nearest))
    return figures, failures


def _prepare(folder: Path, items: int, seed: int) -> list[set[int]]:
    """Write vectors and queries; the true nearest of each query."""
    rng = np.random.default_rng(seed)
    vectors = _clusters(items, rng)
    queries = _unit(vectors[rng.integers(items, size=QUERIES)] + 0.02 * rng.standard_normal((QUERIES, DIMENSION)))
    np.save(folder / "vectors.npy", vectors)
    np.save(folder / "queries.npy", queries)
    return [set(np.argpartition(-(vectors @ query), TOP)[:TOP].tolist()) for query in queries]


def _figures(name: str, items: int, done: dict[str, Any], nearest: Sequence[set[int]]) -> SearchFigures:
    found = sum(len(true.intersection(rows)) for true, rows in zip(nearest, done["found"], strict=True))
    times = done["times_ms"]
    recall = found / (TOP * len(nearest))
    return SearchFigures(
        name, items, done["build_seconds"], statistics.median(times), max(times), recall, done["megabytes"]
    )


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
