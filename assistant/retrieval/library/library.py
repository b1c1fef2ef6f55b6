"""A person's library: folders pointed at, found again by a sentence, a picture or a voice."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from assistant.encoders.models import Models
from assistant.folders import private_folder
from assistant.retrieval.asking import make_query
from assistant.retrieval.items import KINDS, Hit, Kind, Source
from assistant.retrieval.lance_table import LibraryTable
from assistant.retrieval.library.adding import Adding, Progress, Reading, Report
from assistant.retrieval.library.extracting import Extractor
from assistant.retrieval.library.reading import LocalReading
from assistant.retrieval.library.scanning import name_of
from assistant.settings import Settings, data_dir
from assistant.types import AudioClip, Picture

__all__ = ["Library", "Status"]

logger = logging.getLogger(__name__)

WAIT = 0.5
"""seconds between two looks whether another process has finished writing"""


@dataclass(frozen=True)
class Status:
    """What a library holds."""

    uri: str
    sources: int
    items: dict[Kind, int]
    failed: tuple[Source, ...]
    """files nothing could be taken from, with the reason"""


class Library:
    """Adds, finds, removes. Its methods block and are not for two threads at once.

    Raises:
        SettingsError: the extra packages are not installed.
    """

    def __init__(self, settings: Settings, models: Models) -> None:
        self.settings = settings
        self.uri = settings.library.folder or str(data_dir() / "library")
        self.table = LibraryTable(self.uri)
        self._models = models

    def add(
        self,
        paths: Sequence[Path | str],
        *,
        ocr: bool | None = None,
        progress: Callable[[Progress], None] = lambda progress: None,
        waiting: Callable[[], None] = lambda: None,
        reading: Callable[[bool], Reading] | None = None,
    ) -> Report:
        """Add files and folders; see `Adding.run`.

        Args:
            waiting: told once when another process is writing and must be waited for.
            reading: makes what reads the files, given whether text in pictures is read; by default this process reads.
        """
        ocr = self.settings.library.read_pictures if ocr is None else ocr
        with self._alone(waiting):
            return Adding(self.table, (reading or self._read_here)(ocr), progress).run(paths)

    def _read_here(self, ocr: bool) -> Reading:
        return LocalReading(Extractor(self._models, self.settings), ocr)

    def watch(self, paths: Sequence[Path | str], stop: threading.Event, told: Callable[[Report], None]) -> None:
        """Add again and again what has changed, until told to stop."""
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
    ) -> list[Hit]:
        """Find by words, by a picture, by what is said in a recording, or by several at once.

        Raises:
            TextError: there is nothing to look for.
        """
        first: Kind = "image" if picture is not None else "text"
        return self.table.search(make_query(self._models, text, picture, clip), top, kind, first=first)

    def remove(self, paths: Sequence[Path | str]) -> int:
        """Forget files, and all files below folders; returns how many. The files themselves stay."""
        names = [name_of(path) for path in paths]
        with self._alone():
            gone = [
                known
                for known in self.table.sources()
                if any(known == name or known.startswith(name.rstrip("/") + "/") for name in names)
            ]
            self.table.remove(gone)
        return len(gone)

    def compact(self, keep: timedelta) -> None:
        """Tidy the files underneath; see `LibraryTable.compact`."""
        with self._alone():
            self.table.compact(keep)

    def status(self) -> Status:
        """What is there."""
        sources = self.table.sources()
        failed = tuple(source for source in sources.values() if source.reason)
        return Status(self.uri, len(sources), {kind: self.table.count(kind) for kind in KINDS}, failed)

    @contextmanager
    def _alone(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the library's lock: of two processes that write, the second waits for the first."""
        lock: Any = nullcontext() if "://" in self.uri else _lock_of(Path(self.uri), waiting)
        with lock:
            yield


@contextmanager
def _lock_of(folder: Path, waiting: Callable[[], None]) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(private_folder(folder) / ".writing")
    told = False
    while True:
        try:
            lock.acquire(timeout=0)
            break
        except Timeout:
            if not told:
                waiting()
                told = True
            time.sleep(WAIT)
    try:
        yield
    finally:
        lock.release()
