"""Measures how fast files go into a library and how fast it finds among very many items, and what both take.

The files are made here: short notes, drawn photographs of 500 by 375 pixels, and recordings of our English voice. The
vectors are synthetic: clusters on the sphere, as real embeddings have. FAISS searches the same vectors where it is
installed; it keeps them in memory, ours reads them from the disk.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from assistant.encoders.encoder import unit
from assistant.errors import AssistantError, SettingsError
from assistant.evaluation.metrics import milliseconds
from assistant.settings import Settings, load_settings
from assistant.terminal.report import Peer, Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.types import FloatArray

__all__ = ["bench_library"]

DIMENSION = 384
SPREAD = 0.7
"""of a cluster, relative to the distance between clusters"""
BATCH = 20_000
QUERIES, TOP = 100, 10
SLOWEST, LEAST_RECALL = 60.0, 95.0
"""goals among a million items: milliseconds, and percent of the nearest ten"""

GOALS = {"short texts": 60.0, "pictures, not read": 12.0, "speech": 8.0}
RUNS = (("short texts", 1000), ("short texts", 8000), ("pictures, not read", 200), ("speech", 6))
"""what, and how many files; the fewest short texts fill a batch, so that more of them should need no more memory"""
UNITS = {"short texts": "texts/s", "pictures, not read": "pictures/s", "speech": "× real time"}
MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10
"""of what the system counts memory in: bytes on macOS, KiB elsewhere"""
WORDS = ["train", "town", "leaves", "late", "because", "snow", "fell", "both", "tracks", "while", "swept", "lunch"]
SPEECH = (
    "Good morning and welcome to the lesson. Today we look at how plants make sugar out of light.",
    "The leaves take in carbon dioxide through small openings, and water comes up from the roots.",
    "In the second half we speak about rivers, and about the stones that they carry to the sea.",
)

Search = Callable[[FloatArray], Sequence[int]]


def bench_library(settings: Settings, progress: StepProgress, items: int) -> Report:
    """Measures filling a library with files, and searching among so many vectors."""
    if find_spec("lancedb") is None:
        raise SettingsError("The library needs more packages: pip install 'multimodal-assistant[library]'")
    rows = [*_indexing(progress), *_search_rows(items, progress)]
    return Report("bench library", f"files made here; {items:,} synthetic vectors", rows)


def _indexing(progress: StepProgress) -> list[Row]:
    """Short texts (few and many files, for the memory), pictures and speech, each in a process of its own."""
    rows: list[Row] = []
    for what, files in tracked(progress, "taking in files", RUNS):
        command = [sys.executable, "-W", "ignore", "-m", "assistant.evaluation.library", what, str(files)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if run.returncode:
            raise AssistantError(f"{what}: {' '.join(run.stderr.split())[-300:]}")
        rate, megabytes = json.loads(run.stdout.splitlines()[-1])
        rows.append(Row(f"taking in {files:,} files: {what}", rate, UNITS[what], at_least=GOALS[what]))
        rows.append(Row(f"taking in {files:,} files: {what}, most memory", megabytes, "MB"))
    return rows


def _measure(what: str, files: int) -> tuple[float, float]:
    """Makes the files, loads the models and adds the files in this process; returns the rate and the most memory."""
    from assistant.loading import create_models
    from assistant.retrieval.library.library import Library

    with tempfile.TemporaryDirectory() as folder:
        source, first = Path(folder) / "files", Path(folder) / "first"
        make = {"short texts": _notes, "pictures, not read": _pictures, "speech": _recordings}[what]
        for target, count, seed in ((source, files, 1), (first, 1, 0)):
            target.mkdir()
            make(target, count, seed)
        settings = load_settings({"library": {"folder": str(Path(folder) / "library")}})
        library = Library(settings, create_models(settings, keep_encodings=False))
        library.add([first], ocr=False)
        report = library.add([source], ocr=False)
    done = report.sound if what == "speech" else float(report.added)
    return done / report.seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE


def _notes(folder: Path, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for number in range(count):
        (folder / f"note{number:06}.txt").write_text(" ".join(rng.choice(WORDS, 12)) + f" {number}.", "utf-8")


def _pictures(folder: Path, count: int, seed: int) -> None:
    from PIL import Image

    rng = np.random.default_rng(seed)
    for number in range(count):
        small = Image.fromarray(rng.integers(0, 256, (48, 64, 3), dtype=np.uint8))
        small.resize((500, 375), Image.Resampling.BICUBIC).save(folder / f"picture{number:06}.jpg", quality=90)


def _recordings(folder: Path, count: int, seed: int) -> None:
    from assistant.speech import Synthesizer, write_audio

    voice = Synthesizer("hibari")
    for number in range(count):
        lesson = " ".join(SPEECH[(number + seed + offset) % 3] for offset in range(3))
        write_audio(folder / f"lesson{number:03}.wav", voice.recording(lesson))


def _search_rows(items: int, progress: StepProgress) -> list[Row]:
    vectors = _clusters(items, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    noise = 0.02 * rng.standard_normal((QUERIES, DIMENSION)).astype(np.float32)
    queries = unit(vectors[rng.integers(items, size=QUERIES)] + noise)
    nearest = [set(np.argpartition(-(vectors @ query), TOP)[:TOP].tolist()) for query in queries]
    with tempfile.TemporaryDirectory() as folder:
        searches: list[Search] = []
        built = milliseconds(lambda: searches.append(_ours(vectors, Path(folder), progress)))
        times = _timed(searches[0], queries)
        found = [len(true.intersection(searches[0](query))) for query, true in zip(queries, nearest, strict=True)]
    peer = None
    if find_spec("faiss") is not None:
        progress("building FAISS", 0, 1)
        peer = Peer("FAISS (HNSW)", statistics.median(_timed(_faiss(vectors), queries)))
    return [
        Row("writing and indexing the vectors", built / 1000, "s"),
        Row("one search, median", statistics.median(times), "ms", at_most=SLOWEST, peer=peer),
        Row("one search, slowest", max(times), "ms"),
        percent("of the nearest ten found", sum(found) / (TOP * QUERIES), at_least=LEAST_RECALL),
    ]


def _ours(vectors: FloatArray, folder: Path, progress: StepProgress) -> Search:
    from assistant.retrieval.items import Item, Query, Source
    from assistant.retrieval.lance_table import LibraryTable

    table = LibraryTable(folder)
    for start in tracked(progress, "writing vectors", range(0, len(vectors), BATCH)):
        rows = range(start, min(start + BATCH, len(vectors)))
        # As a library writes: one source per batch, so that the commit replaces what that source had.
        source = Source(f"batch {start}", "", 0, 0.0, len(rows))
        table.replace([source], (Item(source.path, row, "image", "", vectors[row], place=str(row)) for row in rows))
    table.compact()
    return lambda query: [int(hit.place) for hit in table.search(Query("", query), TOP, "image")]


def _faiss(vectors: FloatArray) -> Search:
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], 32, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction, index.hnsw.efSearch = 80, 128
    index.add(vectors)
    return lambda query: [int(row) for row in index.search(query[None], TOP)[1][0]]


def _timed(search: Search, queries: FloatArray) -> list[float]:
    """Milliseconds of each search, warm."""
    for query in queries[:5]:
        search(query)
    return [milliseconds(partial(search, query)) for query in queries]


def _clusters(count: int, rng: np.random.Generator) -> FloatArray:
    centres = rng.standard_normal((max(20, count // 50), DIMENSION)).astype(np.float32)
    parts = []
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        noise = SPREAD * rng.standard_normal((size, DIMENSION)).astype(np.float32)
        parts.append(unit(centres[rng.integers(len(centres), size=size)] + noise))
    return np.concatenate(parts)


if __name__ == "__main__":
    print(json.dumps(_measure(sys.argv[1], int(sys.argv[2]))))
