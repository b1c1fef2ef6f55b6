"""Walks through folders: every file once, whatever links, rights and names there are."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assistant.inputs.audio_file import VIDEO_ENDINGS
from assistant.inputs.document_file import DOCUMENT_ENDINGS, DOCUMENT_NAMES
from assistant.retrieval.items import Kind

__all__ = ["AUDIO_ENDINGS", "IMAGE_ENDINGS", "File", "Scan", "is_below", "kind_of", "name_of", "scan", "why_passed"]

IMAGE_ENDINGS = frozenset(
    """.jpg .jpeg .jpe .jfif .png .webp .gif .bmp .tif .tiff .avif .heic .heif .ppm .pgm .pbm .jp2 .tga .ico
    """.split()  # noqa: SIM905
)
AUDIO_ENDINGS = frozenset((".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff", ".aif"))
OTHERS = {
    ending: why
    for endings, why in {
        ".7z .rar .gz .tar .tgz .bz2 .xz .zst": "an archive; unpack it, or make it a .zip",
        ".pages .numbers .key": "an Apple document; export it as PDF",
        ".mobi .azw .azw3 .djvu": "a book of a kind that is not read; save it as EPUB or PDF",
        ".psd .ai .eps .ps .cdr .dwg .xcf .cr2 .nef .arw .dng": "a picture of a kind that is not read; save it as PNG",
        ".exe .dll .so .dylib .bin .apk .jar .pyc .o .class .msi .deb .rpm": "a program",
        ".ttf .otf .woff .woff2": "a font",
        ".db .sqlite .sqlite3 .mdb .parquet .dbf .lance": "a database; export it as CSV",
        ".iso .img .dmg .vmdk .qcow2": "a disk",
        ".mid .midi": "notes, not sound",
        ".pst .ost": "a mailbox; export it as .mbox",
        ".gpg .pgp .asc .kdbx .p12 .pem .pfx": "encrypted, or a key",
    }.items()
    for ending in endings.split()
}
"""endings of what is passed over, and why"""
SKIPPED_FOLDERS = frozenset(("__pycache__", "node_modules"))


@dataclass(frozen=True)
class File:
    """A file that can be taken in."""

    path: Path
    name: str
    """its path as a library knows it, see `name_of`"""
    kind: Kind
    size: int
    """bytes"""
    modified: float
    """seconds since the epoch"""


@dataclass
class Scan:
    """Result of a scan."""

    files: list[File] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """name of a file or folder → why it could not be looked at"""
    passed: dict[str, str] = field(default_factory=dict)
    """name of a file of a kind that is not taken in → why"""

    def take(self, path: Path, name: str, size: int, modified: float) -> None:
        """Add a file, or why it is passed over."""
        if (kind := None if path.name.startswith("~$") else kind_of(path)) is None:
            self.passed[name] = why_passed(path)
        else:
            self.files.append(File(path, name, kind, size, modified))


def name_of(path: Path | str) -> str:
    """An absolute path as text; bytes of other encodings, which no text holds, as ``\\xNN``. Addresses as they are."""
    if isinstance(path, str) and "://" in path:
        return path.rstrip("/")
    return os.fsencode(os.path.abspath(path)).decode("utf-8", "backslashreplace")


def is_below(name: str, folders: Iterable[str]) -> bool:
    """Returns whether a file is one of these, or in a folder among them."""
    return any(name == folder or name.startswith(folder.rstrip("/") + "/") for folder in folders)


def kind_of(path: Path) -> Kind | None:
    """Kind of a file by its name's ending; None for kinds that are not read."""
    ending = path.suffix.lower()
    if ending in DOCUMENT_ENDINGS or (not ending and path.name.lower() in DOCUMENT_NAMES):
        return "text"
    if ending in IMAGE_ENDINGS:
        return "image"
    return "audio" if ending in AUDIO_ENDINGS | VIDEO_ENDINGS else None


def why_passed(path: Path) -> str:
    """Why a file of a kind that is not taken in is passed over."""
    ending = path.suffix.lower()
    if path.name.startswith("~$"):
        return "left by an office program that has a document open"
    return OTHERS.get(ending) or (f"{ending} is not a kind of file that can be read" if ending else "it has no ending")


def scan(roots: Iterable[Path]) -> Scan:
    """Find all files below some files and folders, in order of their names; hidden ones are left out.

    Links are followed last, to what was not there under its own path: each folder and file once, so that no loop is
    endless.
    """
    found = Scan()
    seen: set[tuple[int, int]] = set()
    waiting: list[Path] = list(roots)
    while waiting:
        links: list[Path] = []
        for root in waiting:
            for path in _walk(root, found, seen, links):
                _take(path, found)
        waiting = links
    found.files = list({file.name: file for file in found.files}.values())
    return found


def _walk(path: Path, found: Scan, seen: set[tuple[int, int]], links: list[Path]) -> Iterator[Path]:
    """The files below a path that were not seen yet; links that are met on the way are left for later."""
    waiting = [path]
    while waiting:
        here = waiting.pop()
        try:
            status = here.stat()
            known = (status.st_dev, status.st_ino) in seen
            seen.add((status.st_dev, status.st_ino))
            if not stat.S_ISDIR(status.st_mode):
                if not known or not here.is_symlink():
                    yield here
                continue
            if known:
                continue
            with os.scandir(here) as entries:
                names = sorted(entry.name for entry in entries)
        except OSError as error:
            found.refused[name_of(here)] = error.strerror or type(error).__name__
            continue
        inside = (here / name for name in reversed(names) if not name.startswith(".") and name not in SKIPPED_FOLDERS)
        for each in inside:
            (links if each.is_symlink() else waiting).append(each)


def _take(path: Path, found: Scan) -> None:
    name = name_of(path)
    try:
        status = path.stat()
    except OSError as error:
        found.refused[name] = error.strerror or type(error).__name__
        return
    if stat.S_ISREG(status.st_mode):
        found.take(path, name, status.st_size, status.st_mtime)
    else:  # reading a pipe or a device might never end
        found.refused[name] = "not a regular file"
