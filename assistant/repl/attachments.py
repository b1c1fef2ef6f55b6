"""Finds files that the user typed, quoted or dropped into a line, and what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from assistant.errors import InputError
from assistant.types import AudioClip, Picture

__all__ = [
    "PATHLIKE",
    "FileKind",
    "attached_line",
    "dropped_paths",
    "file_kind",
    "read_path",
    "refuse_address",
    "refuse_missing",
]

FileKind = Literal["image", "audio"]

SUFFIXES: dict[FileKind, frozenset[str]] = {
    "image": frozenset(
        {".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
    ),
    "audio": frozenset({".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".oga", ".ogg", ".opus", ".wav", ".wma"}),
}

MAGIC: tuple[tuple[int, bytes, FileKind], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image"),
    (0, b"\xff\xd8\xff", "image"),
    (0, b"GIF8", "image"),
    (0, b"II*\x00", "image"),
    (0, b"MM\x00*", "image"),
    (8, b"WEBP", "image"),
    (8, b"WAVE", "audio"),
    (8, b"AIFF", "audio"),
    (0, b"fLaC", "audio"),
    (0, b"OggS", "audio"),
    (0, b"ID3", "audio"),
)
"""offset, bytes found there, kind: for files whose name says nothing"""

TOKEN = re.compile(r"""'[^']*'|"[^"]*"|(?:\\.|\S)+""")
"""a quoted stretch, or one up to the next space that no backslash protects"""

PATHLIKE = ("/", "~/", "./", "../", "'/", '"/', "file://")
"""beginnings that distinguish a path from a word"""

LONGEST_LINE = 8_000
"""characters; a longer line is prose, not dropped files"""


def attached_line(item: Picture | AudioClip) -> str:
    """One line that says what was attached."""
    if isinstance(item, Picture):
        width, height = item.image.size
        return f"Attached {_name(item.source, 'picture')} ({width} × {height})"
    return f"Attached {_name(item.source, 'recording')} ({item.duration:.1f} s)"


def _name(source: str, otherwise: str) -> str:
    return Path(source).name or otherwise


def file_kind(path: Path) -> FileKind | None:
    """Returns whether a file holds a picture or sound, by its first bytes and then its name; None for neither."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        head = b""
    for offset, mark, kind in MAGIC:
        if head[offset : offset + len(mark)] == mark:
            return kind
    return next((kind for kind, suffixes in SUFFIXES.items() if path.suffix.lower() in suffixes), None)


def read_path(text: str) -> Path:
    """The path that the user typed or dropped: quoted, escaped, ``~/…`` or ``file://…``."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    elif text.startswith("file://"):
        return Path(unquote(urlsplit(text).path))
    elif "\\" in text and not Path(text).exists():
        text = re.sub(r"\\(.)", r"\1", text)
    if text.startswith("~"):
        try:
            return Path(text).expanduser()
        except RuntimeError:  # no such user: take it as it stands
            return Path(text)
    return Path(text)


def refuse_address(line: str) -> None:
    """Raise `InputError` for the address of a picture or recording: nothing is fetched from the network."""
    for address in re.findall(r"https?://\S+", line[:LONGEST_LINE]):
        suffix = Path(urlsplit(address).path).suffix.lower()
        if kind := next((kind for kind, suffixes in SUFFIXES.items() if suffix in suffixes), None):
            what = "picture" if kind == "image" else "recording"
            raise InputError(f"I cannot fetch files from the web: save the {what} ({address}), and drop its file here.")


def refuse_missing(line: str) -> None:
    """Raise `InputError` for a picture or recording that is named and not there: it is no question."""
    if len(line) > LONGEST_LINE or _is_file(read_path(line)):
        return
    for token, path in _tokens(line):
        if token.startswith(PATHLIKE) and len(path.parts) > 1 and file_kind(path) and not path.exists():
            raise InputError(f"There is no file {path}. Check the path; Tab completes it after /image and /audio.")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or holds a NUL
        return False


def _tokens(line: str) -> Iterator[tuple[str, Path]]:
    for match in TOKEN.finditer(line):
        if "/" in match.group() or "." in match.group():
            yield match.group(), read_path(match.group())


def dropped_paths(line: str) -> tuple[list[tuple[Path, FileKind]], str]:
    """Pictures and recordings whose paths stand in a line, with their kinds, and the line without them."""
    if len(line) > LONGEST_LINE:
        return [], line
    whole = read_path(line)
    if _is_file(whole) and (kind := file_kind(whole)):
        return [(whole, kind)], ""
    found: list[tuple[Path, FileKind]] = []
    rest = line
    for token, path in _tokens(line):
        if _is_file(path) and (kind := file_kind(path)):
            found.append((path, kind))
            rest = rest.replace(token, "", 1)
    return found, " ".join(rest.split()) if found else line
