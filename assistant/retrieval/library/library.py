"""A person's library: folders pointed at, found again by a sentence, a picture or a voice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from assistant.encoders.models import Models
from assistant.errors import TextError
from assistant.folders import private_folder
from assistant.retrieval.asking import make_query
from assistant.retrieval.growing_table import GrowingTable
from assistant.retrieval.items import KINDS, Hit, Kind, Query, Source
from assistant.retrieval.lance_files import items_uri
from assistant.retrieval.lance_table import DEFAULT, LibraryTable
from assistant.retrieval.library.answering import MOST_HITS, Answer, answers_among, least_relevance, with_neighbours
from assistant.retrieval.library.questions import LibraryQuestion, read_question
from assistant.retrieval.store import VectorStore
from assistant.settings import Settings, data_dir
from assistant.types import AudioClip, Picture

if TYPE_CHECKING:  # file readers are imported when files are added; a search needs none of them
    from assistant.retrieval.library.adding import Progress, Reading, Report

__all__ = ["Library", "Status"]

logger = logging.getLogger(__name__)

FITS, ALIKE = 0.1, 0.18
"""relevance from which something is worth showing in a search, and mean of both cosines from which words are"""
DEEPER = 8
"""times more is looked through when dates or amounts choose among it"""


@dataclass(frozen=True)
class Status:
    """Contents of a library."""

    uri: str
    sources: int
    items: dict[Kind, int]
    failed: tuple[Source, ...]
    """files nothing could be taken from, with the reason"""


class Library:
    """Adds, finds, removes. Its methods block and are not for two threads at once."""

    def __init__(self, settings: Settings, models: Models) -> None:
        self.settings = settings
        self.uri = settings.library.folder or str(data_dir() / "library")
        self._models = models
        # SQLite opens fastest and holds 100,000 passages; object stores and older libraries use Lance.
        lance = "://" in self.uri or Path(items_uri(self.uri, DEFAULT)).is_dir()
        self._tables: LibraryTable | GrowingTable = (
            LibraryTable(self.uri) if lance else GrowingTable(Path(self.uri), DEFAULT)
        )

    @property
    def table(self) -> VectorStore:
        """The store that holds the items now."""
        return self._tables.store

    def large_table(self) -> LibraryTable:
        """The items in Lance, in which workers write; they move there if they are elsewhere."""
        return self._tables.grow()

    def add(
        self,
        paths: Sequence[Path | str],
        *,
        ocr: bool | None = None,
        progress: Callable[[Progress], None] = lambda progress: None,
        waiting: Callable[[], None] = lambda: None,
        reading: Callable[[bool], Reading] | None = None,
    ) -> Report:
        """Add files and folders; see `adding.add_files`.

        Args:
            waiting: called once if another process is writing.
            reading: makes what reads the files, given whether text in pictures is read; by default this process reads.
        """
        from assistant.retrieval.library.adding import add_files
        from assistant.retrieval.library.reading import Extractor, LocalReading

        ocr = self.settings.library.read_pictures if ocr is None else ocr
        with self._alone(waiting):
            reader = reading(ocr) if reading else LocalReading(Extractor(self._models, self.settings), ocr)
            return add_files(self._tables, reader, paths, progress)

    def watch(self, paths: Sequence[Path | str], stop: threading.Event, told: Callable[[Report], None]) -> None:
        """Add changed files repeatedly, until stopped."""
        while not stop.wait(self.settings.library.watch_seconds):
            report = self.add(paths)
            if report.added or report.removed:
                told(report)

    def search(
        self,
        text: str = "",
        *,
        picture: Picture | None = None,
        clip: AudioClip | None = None,
        kind: Kind | None = None,
        top: int = 10,
        loosely: bool = False,
    ) -> list[Hit]:
        """Find by words, by a picture, by what is said in a recording, or by several at once; `TextError` for nothing.

        What is found by words comes most relevant first, whatever its kind, with its `Hit.relevance`; what hardly fits
        is left out unless `loosely`.
        """
        query = make_query(self._models, text, picture, clip)
        if picture is not None or not query.words:
            return self.table.search(query, top, kind, first="image")
        question = replace(read_question(query.words, self.endings), kind=kind, endings=frozenset())
        found = answers_among(self._models, question, self.near(question, query, max(top, MOST_HITS)))
        return [replace(each.hit, relevance=each.relevance) for each in found if loosely or _fits(each)][:top]

    def answers(self, text: str, top: int = 3, *, least: float | None = None) -> list[Answer]:
        """The sentences, moments and pictures that answer a question, most relevant first; [] when nothing does.

        Args:
            text: in the user's words, in any language.
            least: relevance, 0 to 1, below which nothing is an answer; None for the one that was measured to be right.
        """
        if not text.strip():
            raise TextError("There is nothing to search for: ask with some words")
        question = read_question(text, self.endings)
        near = self.near(question, make_query(self._models, question.topic), MOST_HITS)
        found = answers_among(self._models, question, near)
        enough = least_relevance() if least is None else least
        return [answer for answer in found if answer.relevance >= enough][:top]

    def near(self, question: LibraryQuestion, query: Query, most: int) -> list[Hit]:
        """Returns hits near a question that satisfy it: up to `most` of each kind, best first."""
        depth = 3 * most * (DEEPER if question.wanted else 1)
        hits = self.table.search(query, depth, question.kind, where=question.wanted.where)
        suited = [hit for hit in hits if question.suits(hit)]
        near = [hit for kind in KINDS for hit in [each for each in suited if each.kind == kind][:most]]
        return with_neighbours(near, self.table.passages)

    def texts(self, source: str) -> list[str]:
        """All words that were taken from a file, passage by passage; [] where there are none."""
        return [passage.text for passage in self.table.passages(source) if passage.text.strip()]

    def endings(self) -> set[str]:
        """The endings of the files that something was taken from, in lower case."""
        return {PurePath(name).suffix.lower() for name, source in self.table.sources().items() if source.items}

    def remove(self, paths: Sequence[Path | str]) -> int:
        """Forget files, and all files below folders; returns how many. The files themselves stay."""
        from assistant.retrieval.library.scanning import is_below, name_of

        names = [name_of(path) for path in paths]
        with self._alone():
            gone = [known for known in self.table.sources() if is_below(known, names)]
            self._tables.remove(gone)
        return len(gone)

    def compact(self, keep: timedelta) -> None:
        """Tidy the files underneath; see `LibraryTable.compact`."""
        with self._alone():
            if isinstance(table := self.table, LibraryTable):
                table.compact(keep)

    def status(self) -> Status:
        """Contents of the library."""
        sources = self.table.sources()
        failed = tuple(source for source in sources.values() if source.reason)
        return Status(self.uri, len(sources), {kind: self.table.count(kind) for kind in KINDS}, failed)

    @contextmanager
    def _alone(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the library's lock: of two processes that write, the second waits for the first."""
        lock: Any = nullcontext() if "://" in self.uri else _lock_of(Path(self.uri), waiting)
        with lock:
            yield


def _fits(found: Answer) -> bool:
    likeness = found.hit.likeness
    alike = (likeness.get("shared", 0.0) + likeness.get("meaning", 0.0)) / 2
    return found.relevance >= FITS or (bool(found.hit.text.strip()) and alike >= ALIKE)


@contextmanager
def _lock_of(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(private_folder(folder) / ".writing")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
