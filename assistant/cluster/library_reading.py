"""Reading files on a Ray cluster: actors with their own models, fed in portions, started again when they die.

The files, and the library, must lie where every worker finds them under the same path or address. The actors write
what they read into the library's own files, as Lance fragments, and send back only which sources these hold. This
process commits: what an actor wrote before it died is not part of any commit, and a portion that is read twice is
there once.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from assistant.cluster import join_cluster
from assistant.errors import SettingsError, StorageError, UserError
from assistant.loading import create_models
from assistant.retrieval.items import Item, Source
from assistant.retrieval.lance_files import FragmentWriter
from assistant.retrieval.lance_table import LibraryTable
from assistant.retrieval.library.library import Library
from assistant.retrieval.library.reading import Batch, Extractor, LocalReading, Outcome, Task
from assistant.retrieval.library.remote import credentials
from assistant.retrieval.library.scanning import File
from assistant.settings import Settings

__all__ = ["ClusterReading", "reading_on"]

PORTIONS = 4
"""portions for each actor, if files are few: so that all end at about the same time"""
PORTION_FILES = 1024
"""maximum number of files in a portion, which is read again when its actor dies"""
PORTION_BYTES = 32 * 2**20
"""most bytes in a portion of several files"""
FRAGMENT_ROWS = 8192
"""items that an actor holds at most before it writes them: some 32 MB"""
COMMIT_SECONDS = 5.0
"""between two commits while results come quickly; each adds a version and lists all fragments again"""


def reading_on(address: str, library: Library) -> Callable[[bool], ClusterReading]:
    """Returns what `Library.add` takes as `reading` to let a Ray cluster read; see `ClusterReading`."""
    return lambda ocr: ClusterReading(address, library.settings, ocr, library.large_table())


class ClusterReading:
    """Reads on the cluster at an address; raises as `join_cluster` does, and without Lance."""

    def __init__(
        self, address: str, settings: Settings, ocr: bool, table: LibraryTable, actors: int | None = None
    ) -> None:
        if find_spec("lance") is None:
            raise SettingsError(
                "A cluster's workers write with Lance, which is not installed: "
                "pip install 'multimodal-assistant[cluster]'"
            )
        ray = join_cluster(address, "data", "cluster")
        self._actors = actors or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._settings = settings
        self._ocr = ocr
        self._table = table

    def read(self, tasks: Sequence[Task], begun: Callable[[File], None]) -> Iterator[Batch]:
        """Batches of what the actors have written, none held back longer than `COMMIT_SECONDS` while results come.

        UserError passes on an actor's; StorageError reports other failures.
        """
        if not tasks:
            return
        files = {task.file.name: task.file for task in tasks}
        outcomes: list[Outcome] = []
        fragments: list[str] = []
        committed = time.monotonic()
        for row in self._written(tasks):
            for entry in json.loads(row["outcomes"]):
                outcomes.append(Outcome(**entry | {"source": Source(**entry["source"])}))
                begun(files[outcomes[-1].source.path])
            fragments += json.loads(row["fragments"])
            if time.monotonic() - committed > COMMIT_SECONDS:
                yield Batch(outcomes, fragments=fragments)
                outcomes, fragments, committed = [], [], time.monotonic()
        if outcomes:
            yield Batch(outcomes, fragments=fragments)

    def _written(self, tasks: Sequence[Task]) -> Iterator[dict[str, str]]:
        """Rows of the actors as they come, a few kilobytes for each fragment."""
        import ray
        import ray.data

        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)  # errors of an actor arrive here and are reported once
        portions = [{"tasks": json.dumps([_packed(task) for task in part])} for part in _portions(tasks, self._actors)]
        written = ray.data.from_items(portions, override_num_blocks=len(portions)).map_batches(
            _Actor,
            fn_constructor_args=(self._settings, self._ocr, self._table.writer(), credentials()),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=self._actors),
            num_cpus=1,
        )
        try:
            yield from written.iter_rows()
        except ray.exceptions.RayError as error:
            raise _cause(error) from error


class _Actor:
    """Reads portions of files and writes what they hold; its models are loaded once."""

    def __init__(self, settings: Settings, ocr: bool, writer: FragmentWriter, access: dict[str, str]) -> None:
        os.environ.update(access)
        one = settings.inference.model_copy(update={"threads": 1})
        settings = settings.model_copy(update={"inference": one})
        self._reading = LocalReading(Extractor(create_models(settings, keep_encodings=False), settings), ocr)
        self._writer = writer

    def __call__(self, portions: dict[str, Any]) -> Iterator[dict[str, list[str]]]:
        for portion in portions["tasks"]:
            outcomes: list[Outcome] = []
            items: list[Item] = []
            for batch in self._reading.read([_unpacked(entry) for entry in json.loads(portion)], lambda file: None):
                outcomes += batch.outcomes
                items += batch.items
                if len(items) >= FRAGMENT_ROWS:
                    yield self._write(outcomes, items)
                    outcomes, items = [], []
            if outcomes:
                yield self._write(outcomes, items)

    def _write(self, outcomes: Sequence[Outcome], items: Sequence[Item]) -> dict[str, list[str]]:
        fragments = self._writer.write(items)
        return {
            "outcomes": [json.dumps([asdict(outcome) for outcome in outcomes])],
            "fragments": [json.dumps(fragments)],
        }


def _portions(tasks: Sequence[Task], actors: int) -> Iterator[list[Task]]:
    """Tasks in their order, few at a time: fewer when there are few in all, or when they are large."""
    most = max(1, min(PORTION_FILES, len(tasks) // (actors * PORTIONS)))
    portion: list[Task] = []
    size = 0
    for task in tasks:
        if portion and (len(portion) >= most or size + task.file.size > PORTION_BYTES):
            yield portion
            portion, size = [], 0
        portion.append(task)
        size += task.file.size
    yield portion


def _packed(task: Task) -> dict[str, Any]:
    """A task as JSON, in which also names that are not UTF-8 come through."""
    return {"file": vars(task.file) | {"path": str(task.file.path)}, "before": task.before and vars(task.before)}


def _unpacked(entry: dict[str, Any]) -> Task:
    file = File(**entry["file"] | {"path": Path(entry["file"]["path"])})
    return Task(file, Source(**entry["before"]) if entry["before"] else None)


def _cause(error: BaseException) -> UserError:
    """The error that an actor raised; Ray wraps it several times and adds lines."""
    import ray

    at: BaseException | None = error
    while at is not None:
        if isinstance(at, UserError) and not isinstance(at, ray.exceptions.RayError):
            return type(at)(str(at.args[0]).splitlines()[0])
        at = getattr(at, "cause", None) or at.__cause__
    return StorageError(f"A worker of the cluster failed: {' '.join(str(error).split())[-300:]}")
