"""Reading files one after another, and encoding what they hold many at a time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.errors import InputError
from assistant.retrieval.items import Item, Source
from assistant.retrieval.library.extracting import Extractor, Missing
from assistant.retrieval.library.remote import local_copy
from assistant.retrieval.library.scanning import File

__all__ = ["Batch", "LocalReading", "Outcome", "Task"]

BATCH_ITEMS = 512
"""items that are encoded and committed at once"""
BATCH_SECONDS = 20.0
"""seconds of work that a killed run loses at the most"""

MISSING_SHOWN = 8
"""things missing of a file that are named"""


@dataclass(frozen=True)
class Task:
    """A file to be read."""

    file: File
    before: Source | None
    """as it was when it was added; None when it never was"""


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    source: Source
    unchanged: bool = False
    """the content is what it was: its items stay"""
    texts: int = 0
    pictures: int = 0
    sound: float = 0.0
    """seconds of speech"""


@dataclass(frozen=True, eq=False)
class Batch:
    """Files whose items are committed at once."""

    outcomes: Sequence[Outcome]
    items: Sequence[Item] = ()
    fragments: Sequence[str] | None = None
    """where the items have been written already, as `LibraryTable.commit` takes it; `items` is then empty"""

    @property
    def changed(self) -> list[Source]:
        """Sources whose items are replaced."""
        return [outcome.source for outcome in self.outcomes if not outcome.unchanged]


class LocalReading:
    """Reads in this process; with `ocr` also what is written in pictures."""

    def __init__(self, extractor: Extractor, ocr: bool) -> None:
        self._extractor = extractor
        self._ocr = ocr

    def read(self, tasks: Sequence[Task], begun: Callable[[File], None]) -> Iterator[Batch]:
        """Batches of about `BATCH_ITEMS` items, none later than `BATCH_SECONDS` after the one before."""
        batch = _Pending()
        for task in tasks:
            begun(task.file)
            batch.outcomes.append(_open(task, self._extractor, self._ocr, batch.drafts))
            if batch.full:
                yield batch.complete(self._extractor)
                batch = _Pending()
        if batch.outcomes:
            yield batch.complete(self._extractor)


@dataclass
class _Pending:
    outcomes: list[Outcome] = field(default_factory=list)
    drafts: list[Item] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def full(self) -> bool:
        return len(self.drafts) >= BATCH_ITEMS or time.monotonic() - self.began > BATCH_SECONDS

    def complete(self, extractor: Extractor) -> Batch:
        by_source: dict[str, list[Item]] = {}
        items = extractor.complete(self.drafts)
        for item in items:
            by_source.setdefault(item.source, []).append(item)
        return Batch([_counted(outcome, by_source.get(outcome.source.path, ())) for outcome in self.outcomes], items)


def _counted(outcome: Outcome, items: Sequence[Item]) -> Outcome:
    return replace(
        outcome,
        texts=sum(item.kind == "text" for item in items),
        pictures=sum(item.kind == "image" for item in items),
        sound=sum((item.end or 0.0) - (item.start or 0.0) for item in items),
    )


def _open(task: Task, extractor: Extractor, ocr: bool, drafts: list[Item]) -> Outcome:
    """Read one file; what it holds is added to `drafts`."""
    file, before = task.file, task.before
    try:
        with local_copy(file) as here:
            digest = _digest(here.path)
            if before is not None and before.digest == digest:  # touched, or moved away and back
                return Outcome(replace(before, modified=file.modified), unchanged=True)
            found = list(extractor.read(here, ocr=ocr))
    except InputError as error:
        return Outcome(Source(file.name, "", file.size, file.modified, 0, str(error)))
    held = [each for each in found if isinstance(each, Item)]
    drafts += held
    missing = _together([each.what for each in found if isinstance(each, Missing)])
    return Outcome(Source(file.name, digest, file.size, file.modified, len(held), missing))


def _together(missing: Sequence[str]) -> str:
    """What is missing of a file, in one line."""
    more = len(missing) - MISSING_SHOWN
    shown = [*missing[:MISSING_SHOWN], *([f"and {more} more"] if more > 0 else [])]
    return f"not read: {'; '.join(shown)}" if missing else ""


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}") from error
