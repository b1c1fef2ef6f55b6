"""Adds files to a library: reads new and changed files, removes missing ones, and commits in batches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from assistant.errors import InputError
from assistant.retrieval.growing_table import GrowingTable
from assistant.retrieval.items import Source
from assistant.retrieval.lance_table import LibraryTable
from assistant.retrieval.library.reading import Batch, Outcome, Task
from assistant.retrieval.library.remote import is_remote, scan_remote
from assistant.retrieval.library.scanning import File, Scan, is_below, name_of, scan

__all__ = ["Progress", "Reading", "Report", "add_files"]


class Reading(Protocol):
    """Reads files, here or on a cluster."""

    def read(self, tasks: Sequence[Task], begun: Callable[[File], None]) -> Iterator[Batch]:
        """Batches, each of which is committed at once; in any order, an outcome for every task."""


@dataclass
class Progress:
    """Progress of an addition; the same object is passed each time."""

    files: int
    """to be looked at"""
    done: int = 0
    items: int = 0
    """added so far"""
    current: str = ""
    """the file being read"""


@dataclass
class Report:
    """Result of an addition."""

    added: int = 0
    """files read, new or changed"""
    items: int = 0
    unchanged: int = 0
    removed: int = 0
    """files that were in the library and are gone from the disk"""
    read: dict[str, int] = field(default_factory=dict)
    """file that was read now → its items"""
    partly: dict[str, str] = field(default_factory=dict)
    """file with items → its parts that could not be read"""
    passed: dict[str, str] = field(default_factory=dict)
    """file of a kind that is not taken in → why"""
    failed: dict[str, str] = field(default_factory=dict)
    """file or folder → why nothing could be taken from it"""
    seconds: float = 0.0
    texts: int = 0
    pictures: int = 0
    sound: float = 0.0
    """seconds of speech added"""


def add_files(
    table: LibraryTable | GrowingTable,
    reading: Reading,
    roots: Sequence[Path | str],
    tell: Callable[[Progress], None],
) -> Report:
    """Add everything below the roots: files, folders, or addresses (``s3://bucket/folder``).

    Killed and run again, it goes on where it was; what was committed stays. Raises `InputError` for a root that is not
    there and was never added.

    Args:
        tell: called for every file, and after every commit.
    """
    began = time.monotonic()
    known = table.store.sources()
    found = scan([root for root in roots if isinstance(root, Path)])
    for root in roots:
        if is_remote(root):
            scan_remote(name_of(root), found)
    _check_roots(roots, found, known)
    gone = _gone(roots, found, known)
    table.remove(gone)
    report = Report(passed=found.passed, failed=dict(found.refused), removed=len(gone))
    tasks = _tasks(found.files, known, report)
    progress = Progress(len(found.files), len(found.files) - len(tasks))

    def begun(file: File) -> None:
        progress.current = file.name
        tell(progress)
        progress.done += 1

    for batch in reading.read(tasks, begun):
        if batch.fragments is None:
            table.replace(batch.changed, batch.items)
        else:
            table.commit(batch.changed, batch.fragments)
        if touched := [outcome.source for outcome in batch.outcomes if outcome.unchanged]:
            table.store.note(touched)
        for outcome in batch.outcomes:
            _count(outcome, report)
        progress.items += sum(source.items for source in batch.changed)
        tell(progress)
    table.store.settle()
    report.seconds = time.monotonic() - began
    return report


def _gone(roots: Sequence[Path | str], found: Scan, known: Iterable[str]) -> list[str]:
    """Added files that no longer exist; files that merely cannot be read now are not among them."""
    present, names = {file.name for file in found.files}, [name_of(root) for root in roots]
    return [
        name for name in known if name not in present and is_below(name, names) and not is_below(name, found.refused)
    ]


def _tasks(files: Sequence[File], known: Mapping[str, Source], report: Report) -> list[Task]:
    """Files to read: new ones, and those with another size or time."""
    tasks = []
    for file in files:
        before = known.get(file.name)
        if before is None or (before.size, before.modified) != (file.size, file.modified):
            tasks.append(Task(file, before))
        elif before.reason and not before.partly:
            report.failed[before.path] = before.reason
        else:
            report.unchanged += 1
            if before.partly:
                report.partly[before.path] = before.reason
    return tasks


def _count(outcome: Outcome, report: Report) -> None:
    source = outcome.source
    if source.partly:
        report.partly[source.path] = source.reason
    if source.reason and not source.partly:
        report.failed[source.path] = source.reason
    elif outcome.unchanged:
        report.unchanged += 1
    else:
        report.added += 1
        report.read[source.path] = source.items
        report.items += source.items
        report.texts += outcome.texts
        report.pictures += outcome.pictures
        report.sound += outcome.sound


def _check_roots(roots: Sequence[Path | str], found: Scan, known: Mapping[str, Source]) -> None:
    for root in roots:
        name = name_of(root)
        there = root.exists() if isinstance(root, Path) else name not in found.refused
        if not there and not any(is_below(path, [name]) for path in known):
            raise InputError(f"There is no file or folder {root}")
        if not there:  # it was added and is gone: its items leave
            found.refused.pop(name, None)
