"""Indexes all course folders: reads each file once, caches its passages by content hash, and stores their places."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from assistant import Collection, Entry, Services

from .course_folders import folders as shelf
from .passages import Passage
from .readers import KINDS, Unreadable, read_file

__all__ = ["CourseFile", "Index", "build_index", "course", "files_of"]

VERSION = "1"
"""changes when passages are cut differently, so that everything is read again"""
SEED = Path(__file__).parent / "example_index"
"""what reading the example course came to, so that its first question need not wait for Whisper"""
MOST_FILES = 2000
ENCODING = 0.02
"""rough seconds to encode a passage"""


@dataclass(frozen=True)
class CourseFile:
    """A file of a course."""

    folder: Path
    path: Path

    @property
    def name(self) -> str:
        """Its path inside the course folder."""
        return self.path.relative_to(self.folder).as_posix()


@dataclass
class Index:
    """Everything in the course folders that could be read."""

    passages: list[Passage] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """file, and why it could not be read"""
    waiting: list[str] = field(default_factory=list)
    """files that take longer to read than there was time for"""


def course(services: Services) -> Collection:
    """Returns the collection that holds the passages."""
    return services.collection("course", encoded=SEED / "encodings.safetensors")


def files_of(folders: Sequence[Path]) -> list[CourseFile]:
    """The files that readers know, quick kinds first; hidden ones and those beyond `MOST_FILES` left out."""
    order = list(KINDS)
    found = [
        CourseFile(folder, path)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in KINDS
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    ]
    return sorted(found[:MOST_FILES], key=lambda each: (order.index(each.path.suffix.lower()), each.name))


async def build_index(
    folders: Sequence[Path],
    services: Services,
    patience: float = float("inf"),
    told: Callable[[str], None] = lambda line: None,
) -> Index:
    """Read what is new, and take the rest from the cache. A file that fails is listed, and loses nothing else.

    Args:
        folders: the courses.
        patience: seconds for what is new; what does not fit is listed as waiting.
        told: called with one line per file that is being read.
    """
    index, until = Index(), time.monotonic() + patience
    collection = course(services)
    known = set(await collection.sources())
    entries: list[Entry] = []
    for each in files_of(folders):
        try:
            passages = await _passages(each, services, until - time.monotonic(), told)
            source = f"{each.path} {_digest(each.path)[:16]}"
        except Unreadable as error:
            index.problems.append((each.name, str(error)))
            continue
        if not passages or (source not in known and len(passages) * ENCODING > until - time.monotonic()):
            index.waiting.append(each.name)
            continue
        index.passages += passages
        entries += [Entry(passage.text, source=source, metadata=passage.place()) for passage in passages]
    await collection.add(entries, only=set(folders) >= set(shelf(services)))
    return index


async def _passages(
    each: CourseFile, services: Services, patience: float, told: Callable[[str], None]
) -> list[Passage] | None:
    kept = _cache(services) / f"{_digest(each.path)}.json"
    for place in (kept, SEED / kept.name):
        if (stored := _stored(place, each.name)) is not None:
            return stored
    told(f"Reading {each.name}")
    passages = await read_file(each.path, each.name, services, patience)
    if passages is not None:
        _write(kept, json.dumps([passage.stored() for passage in passages], ensure_ascii=False).encode())
    return passages


def _cache(services: Services) -> Path:
    return services.data_dir / "index"


def _stored(place: Path, name: str) -> list[Passage] | None:
    try:
        return [Passage.restored(values, name) for values in json.loads(place.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return None


def _write(place: Path, data: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_suffix(".part")
    temporary.write_bytes(data)
    temporary.replace(place)


def _digest(path: Path) -> str:
    try:
        state = path.stat()
        return _hashed(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error


@cache
def _hashed(path: Path, size: int, changed: int) -> str:
    digest = hashlib.sha256(f"{VERSION}{path.suffix.lower()}\0".encode())
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
