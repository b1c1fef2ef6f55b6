"""Reading files one after another, and encoding what they hold many at a time."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from assistant.encoders.models import Models
from assistant.errors import AudioError, InputError, TextError
from assistant.inputs.audio_file import cut_pieces
from assistant.inputs.decoder import Decoder
from assistant.inputs.section import Section
from assistant.retrieval.items import SHARED, SHOWS, Item, Source
from assistant.retrieval.library.fields import with_fields
from assistant.retrieval.library.remote import local_copy
from assistant.retrieval.library.scanning import File
from assistant.retrieval.passages import cut_passages
from assistant.settings import Settings
from assistant.types import FloatArray

__all__ = ["Batch", "Extractor", "LocalReading", "Outcome", "Task"]

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
    """Outcome of reading a file."""

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
        outcomes: list[Outcome] = []
        drafts: list[Item] = []
        began = time.monotonic()
        for number, task in enumerate(tasks, 1):
            begun(task.file)
            outcomes.append(_open(task, self._extractor, self._ocr, drafts))
            late = time.monotonic() - began > BATCH_SECONDS
            if late or len(drafts) >= BATCH_ITEMS or number == len(tasks):
                items = self._extractor.complete(drafts)
                yield Batch([_counted(outcome, items) for outcome in outcomes], items)
                outcomes, drafts, began = [], [], time.monotonic()


def _counted(outcome: Outcome, items: Sequence[Item]) -> Outcome:
    items = [item for item in items if item.source == outcome.source.path]
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
    missing = _together([each for each in found if isinstance(each, str)])
    return Outcome(Source(file.name, digest, file.size, file.modified, len(held), missing))


def _together(missing: Sequence[str]) -> str:
    """The unread parts of a file, in one line."""
    more = len(missing) - MISSING_SHOWN
    shown = [*missing[:MISSING_SHOWN], *([f"and {more} more"] if more > 0 else [])]
    return f"not read: {'; '.join(shown)}" if missing else ""


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path.name} cannot be read: {error.strerror}") from error


WRITING = 20
"""characters in a picture from which what is written says more of it than what it shows"""

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s*")


class Extractor:
    """Turns files into items, on the calling thread; not for two threads at once. The settings limit a file."""

    def __init__(self, models: Models, settings: Settings) -> None:
        self._models = models
        self._settings = settings
        self._decoder = Decoder()

    def read(self, file: File, *, ocr: bool = True) -> Iterator[Item | str]:
        """The contents of a file, its words not yet encoded, and a line about unread parts."""
        if file.kind == "text":
            return self._passages(file, ocr)
        return self._picture(file, ocr) if file.kind == "image" else self._moments(file)

    def complete(self, drafts: Sequence[Item]) -> list[Item]:
        """Encode the words of all items at once; a picture has its vectors already."""
        worded = [index for index, draft in enumerate(drafts) if draft.text.strip()]
        shared, meaning = self._models.embed_texts([drafts[index].text for index in worded])
        items = list(drafts)
        for row, index in enumerate(worded):
            item = items[index]
            if item.kind != "image":
                items[index] = replace(item, shared=shared[row], meaning=meaning[row])
            elif item.meaning is None or len(item.text) >= WRITING:
                items[index] = replace(item, meaning=meaning[row])
        return [with_fields(item) for item in items]

    def _passages(self, file: File, ocr: bool) -> Iterator[Item | str]:
        part = 0
        missing = []
        for section in self._decoder.sections(file.path):
            text = section.text
            if section.picture is not None:
                read, unread = self._page(section, ocr)
                text = "\n".join(line for line in read.splitlines() if line.strip() not in section.text)
                missing += [unread] if unread and not (ocr and section.text) else []
            missing += [section.missing] if section.missing else []
            for passage in cut_passages(text):
                yield Item(file.name, part, "text", passage, _nothing(), place=section.place)
                part += 1
        if not part and not missing:
            raise TextError(f"{file.path.name} holds no text")
        yield from missing

    def _page(self, section: Section, ocr: bool) -> tuple[str, str]:
        """The text of a page that is a picture, and what is missing of it."""
        assert section.picture is not None
        if not ocr:
            return "", f"{section.place} (a picture; --ocr reads it)"
        text = "\n".join(line.text for line in self._models.read_lines(section.picture))
        return text, "" if text else f"{section.place} (a picture without words)"

    def _picture(self, file: File, ocr: bool) -> Iterator[Item]:
        picture = self._decoder.picture(file.path, self._settings.vision.max_megapixels)
        lines = [line.text for line in self._models.read_lines(picture)] if ocr else []
        seen = self._models.describe_picture(picture)
        shown = {SHOWS: ", ".join(seen.names)} if seen.names else {}
        yield Item(file.name, 0, "image", "\n".join(lines), seen.shared, seen.meaning, metadata=shown)

    def _moments(self, file: File) -> Iterator[Item | str]:
        part = 0
        for offset, clip in cut_pieces(self._decoder.sound(file.path, self._settings.speech.max_minutes)):
            heard = self._models.recognize(clip, keep=False)[0]
            if heard.doubtful:
                yield f"words from minute {offset / 60:.0f} on that are not sure: “{heard.doubtful}”"
            for segment in heard.segments:
                for start, end, text in _sentences(*segment):
                    yield Item(file.name, part, "audio", text, _nothing(), start=offset + start, end=offset + end)
                    part += 1
        if not part:
            raise AudioError(f"{file.path.name} holds no words that can be made out")


def _nothing() -> FloatArray:
    return np.zeros(SHARED, np.float32)


def _sentences(start: float, end: float, text: str) -> Iterator[tuple[float, float, str]]:
    """A window's sentences with times by their share of its letters: good to a second or two."""
    parts = [part for part in _SENTENCE.split(text) if part.strip()]
    letters = sum(map(len, parts))
    at = start
    for part in parts:
        until = at + (end - start) * len(part) / letters
        yield at, until, part.strip()
        at = until
