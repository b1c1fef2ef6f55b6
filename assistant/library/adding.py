"""Adding files to a library: what is new or changed is read, what is gone leaves, and every batch is one commit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.errors import InputError
from assistant.library.perceiving import Draft, Perception
from assistant.library.scanning import File, Scan, name_of, scan
from assistant.retrieval import Item, LibraryTable, Source

__all__ = ["Adding", "Progress", "Report"]

BATCH_ITEMS = 512
"""items that are encoded and committed at once"""
BATCH_SECONDS = 20.0
"""seconds of work that a killed run loses at the most"""


@dataclass
class Progress:
    """How far it is; the same object is passed each time."""

    files: int
    """to be looked at"""
    done: int = 0
    items: int = 0
    """added so far"""
    current: str = ""
    """the file being read"""


@dataclass
class Report:
    """What came of it."""

    added: int = 0
    """files read, new or changed"""
    items: int = 0
    unchanged: int = 0
    removed: int = 0
    """files that were in the library and are gone from the disk"""
    others: int = 0
    """files of kinds that are not taken in"""
    failed: dict[str, str] = field(default_factory=dict)
    """file or folder → why nothing could be taken from it"""
    seconds: float = 0.0
    texts: int = 0
    pictures: int = 0
    sound: float = 0.0
    """seconds of speech added"""


@dataclass
class _Batch:
    sources: list[Source] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def full(self) -> bool:
        return len(self.drafts) >= BATCH_ITEMS or time.monotonic() - self.began > BATCH_SECONDS


class Adding:
    """One run over some files and folders.

    Args:
        table: where items go.
        perception: how files are read.
        ocr: whether what is written in pictures is read: it takes longer than looking at them.
        progress: told after every file.
    """

    def __init__(
        self,
        table: LibraryTable,
        perception: Perception,
        *,
        ocr: bool = True,
        progress: Callable[[Progress], None] = lambda progress: None,
    ) -> None:
        self._table = table
        self._perception = perception
        self._ocr = ocr
        self._progress = progress

    def run(self, roots: Sequence[Path]) -> Report:
        """Add everything below the roots. Killed and run again, it goes on where it was.

        Raises:
            InputError: a root is not there and was never added.
            StorageError: the library cannot be written; what was committed before stays.
        """
        began = time.monotonic()
        known = self._table.sources()
        found = scan(roots)
        _check_roots(roots, found, known)
        report = Report(others=found.others, failed=dict(found.refused))
        report.removed = self._forget(roots, found, known, report)
        progress = Progress(len(found.files))
        batch = _Batch()
        for file in found.files:
            progress.current = file.name
            self._progress(progress)
            self._take(file, known.get(file.name), batch, report)
            if batch.full:
                progress.items += self._commit(batch, report)
                batch = _Batch()
            progress.done += 1
        progress.items += self._commit(batch, report)
        self._progress(progress)
        self._table.settle()
        report.seconds = time.monotonic() - began
        return report

    def _forget(self, roots: Sequence[Path], found: Scan, known: Mapping[str, Source], report: Report) -> int:
        """Remove what is gone; what merely cannot be looked at now stays."""
        present = {file.name for file in found.files}
        gone = [
            name
            for name in known
            if name not in present and _is_below(name, map(name_of, roots)) and not _is_below(name, found.refused)
        ]
        self._table.remove(gone)
        return len(gone)

    def _take(self, file: File, before: Source | None, batch: _Batch, report: Report) -> None:
        if before is not None and (before.size, before.modified) == (file.size, file.modified):
            self._keep(before, report)
            return
        try:
            digest = _digest(file.path)
            if before is not None and before.digest == digest:  # touched, moved back, copied: the same content
                self._keep(before, report)
                self._table.note([replace(before, modified=file.modified)])
                return
            drafts = list(self._perception.read(file, ocr=self._ocr))
        except InputError as error:
            report.failed[file.name] = str(error)
            batch.sources.append(Source(file.name, "", file.size, file.modified, 0, str(error)))
            return
        batch.sources.append(Source(file.name, digest, file.size, file.modified, len(drafts)))
        batch.drafts += drafts
        report.added += 1

    @staticmethod
    def _keep(before: Source, report: Report) -> None:
        if before.reason:
            report.failed[before.path] = before.reason
        else:
            report.unchanged += 1

    def _commit(self, batch: _Batch, report: Report) -> int:
        items = self._perception.complete(batch.drafts)
        self._table.replace(batch.sources, items)
        report.items += len(items)
        _tally(items, report)
        return len(items)


def _check_roots(roots: Sequence[Path], found: Scan, known: Mapping[str, Source]) -> None:
    for root in roots:
        name = name_of(root)
        if not root.exists() and not any(_is_below(path, [name]) for path in known):
            raise InputError(f"There is no file or folder {root}")
        if not root.exists():  # it was added and is gone: its items leave
            found.refused.pop(name, None)


def _is_below(name: str, folders: Iterable[str]) -> bool:
    return any(name == folder or name.startswith(folder.rstrip("/") + "/") for folder in folders)


def _tally(items: Iterable[Item], report: Report) -> None:
    for item in items:
        report.texts += item.kind == "text"
        report.pictures += item.kind == "image"
        report.sound += (item.end or 0.0) - (item.start or 0.0)


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}") from error
