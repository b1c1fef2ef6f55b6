"""Reading files on a Ray cluster: actors with their own models, fed in batches, started again when they die.

The files must lie where every worker can read them under the same path. What the actors make of them comes back
to this process, which alone writes: a commit per batch, so that a file that is read twice, because the worker that
read it was killed, is there once.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.cluster import join_cluster
from assistant.library.perceiving import Perception
from assistant.library.reading import BATCH_ITEMS, Outcome, Task, read_files
from assistant.library.scanning import File
from assistant.retrieval import Source
from assistant.settings import Settings

__all__ = ["ClusterReading"]

FILES = 16
"""files an actor reads at a time"""


class ClusterReading:
    """Reads on a cluster.

    Args:
        address: of the cluster ("auto", "ray://head:10001"); "local" starts one on this machine.
        settings: how the models of the actors run; each uses one processor.
        ocr: whether what is written in pictures is read.
        actors: how many read at once; as many as the cluster has processors by default.

    Raises:
        SettingsError: Ray is not installed, or no cluster answers there.
    """

    def __init__(self, address: str, settings: Settings, ocr: bool, actors: int | None = None) -> None:
        ray = join_cluster(address, "data", "cluster")
        self._actors = actors or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._settings = settings
        self._ocr = ocr

    def read(self, tasks: Sequence[Task], begun: Callable[[File], None]) -> Iterator[list[Outcome]]:
        """Outcomes as they come back; Ray reads ahead no further than they are taken."""
        if not tasks:
            return
        import ray.data

        ray.data.DataContext.get_current().enable_progress_bars = False
        blocks = min(len(tasks), max(self._actors, len(tasks) // FILES))
        files = ray.data.from_items([_packed(task) for task in tasks], override_num_blocks=blocks)
        read = files.map_batches(
            _Actor,
            fn_constructor_args=(self._settings, self._ocr),
            batch_size=FILES,
            batch_format="numpy",
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=self._actors),
            num_cpus=1,
        )
        batch: list[Outcome] = []
        items = 0
        by_name = {task.file.name: task.file for task in tasks}
        for row in read.iter_rows():
            outcome: Outcome = row["outcome"]
            begun(by_name[outcome.source.path])
            batch.append(outcome)
            items += len(outcome.items)
            if items >= BATCH_ITEMS:
                yield batch
                batch, items = [], 0
        if batch:
            yield batch


class _Actor:
    """Reads batches of files; its models are loaded once."""

    def __init__(self, settings: Settings, ocr: bool) -> None:
        one = settings.inference.model_copy(update={"threads": 1})
        self._perception = Perception.from_settings(settings.model_copy(update={"inference": one}))
        self._ocr = ocr

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        import numpy as np

        rows = (dict(zip(batch, values, strict=True)) for values in zip(*batch.values(), strict=True))
        outcomes = read_files([_unpacked(row) for row in rows], self._perception, self._ocr)
        column = np.empty(len(outcomes), object)
        column[:] = outcomes
        return {"outcome": column}


def _packed(task: Task) -> dict[str, Any]:
    """A task in plain values, which a column of a table can hold."""
    file, before = task.file, task.before
    return {
        "path": os.fsencode(file.path),
        "name": file.name,
        "kind": file.kind,
        "size": file.size,
        "modified": file.modified,
        "before": json.dumps(vars(before)) if before else "",
    }


def _unpacked(row: dict[str, Any]) -> Task:
    path = Path(os.fsdecode(bytes(row["path"])))
    file = File(path, str(row["name"]), row["kind"], int(row["size"]), float(row["modified"]))
    return Task(file, Source(**json.loads(row["before"])) if row["before"] else None)
