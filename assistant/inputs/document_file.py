"""Text from documents: plain text, Markdown, PDF and office files, page by page."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import TextError

__all__ = ["DOCUMENT_ENDINGS", "Section", "read_document"]

MOST_BYTES = 200_000_000
"""largest file opened"""
MOST_UNPACKED = 500_000_000
"""bytes an office file may unpack to; a zip bomb declares far more"""
MOST_RATIO = 200
"""times an office file may grow while it is unpacked"""
MOST_CHARACTERS = 20_000_000
"""longest text taken from one file"""

_WORDS = re.compile(r"[^\W\d_]{2,}[^\w\s]*[^\S\n]+[^\w\s]*[^\W_]|[\u3040-\u30ff\u3400-\u9fff]|^[^\W\d_]{2,}$")
"""two words, anything Chinese or Japanese, or a cell of one word"""

ENCODINGS = ("gb18030", "cp932", "cp949", "big5", "euc_jp", "cp1251", "koi8_r", "cp1250", "cp1252", "cp1253", "cp1254")
"""besides UTF-8 and UTF-16; of several that fit as well, the first is taken"""
MOST_SAMPLED = 65_536
"""bytes from which the encoding is told"""
_UNLIKELY = re.compile(
    r"[\uff61-\uff9f\ue000-\uf8ff\x80-\x9f]|[^\W\d_][¤¦§¨©¬¯±²³´¶¸¹º¼½¾¿¡×÷][^\W\d_]|[a-z][\u3400-\u9fff][a-z]"
)
"""what no text holds but one read in a wrong encoding: half-width kana, signs or a Chinese character within a word"""

EXTRA = "pip install 'multimodal-assistant[library]'"


@dataclass(frozen=True)
class Section:
    """A stretch of a document with a place of its own."""

    text: str
    place: str = ""
    """where it stands, for people: "page 3", "slide 2", "sheet Costs"; "" for the whole of a plain text"""


def read_document(path: str | Path) -> list[Section]:
    """Read the text of a file; its ending says how.

    Args:
        path: one of `DOCUMENT_ENDINGS`.

    Returns:
        Its sections in order, those without text left out; none when it holds no text (a scanned PDF).

    Raises:
        TextError: one line saying what is wrong with the file.
    """
    path = Path(path)
    _check(path)
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise TextError(f"{path.name} is not a document; {', '.join(sorted(_READERS))} can be read")
    try:
        return _within_bounds(read(path), path)
    except TextError:
        raise
    except ImportError as error:
        raise TextError(f"{path.name} needs a package that is not installed: {EXTRA}") from error
    except Exception as error:  # parsers of foreign formats raise whatever they please
        reason = " ".join(str(error).split()) or type(error).__name__
        raise TextError(f"{path.name} is damaged or cannot be read: {reason[:200]}") from error


def _check(path: Path) -> None:
    try:
        status = path.stat()
    except (OSError, ValueError) as error:
        raise TextError(f"{path} cannot be opened: {getattr(error, 'strerror', None) or error}") from error
    if not stat.S_ISREG(status.st_mode):
        raise TextError(f"{path} is not a regular file")
    if status.st_size == 0:
        raise TextError(f"{path.name} is empty (0 bytes)")
    if status.st_size > MOST_BYTES:
        raise TextError(f"{path.name} is {status.st_size / 1e6:.0f} MB; documents up to {MOST_BYTES / 1e6:.0f} MB do")


def _within_bounds(sections: Iterator[Section], path: Path) -> list[Section]:
    kept, characters = [], 0
    for section in sections:
        characters += len(section.text)
        if characters > MOST_CHARACTERS:
            raise TextError(f"{path.name} holds more than {MOST_CHARACTERS:,} characters; split it")
        if section.text.strip():
            kept.append(section)
    return kept


def _plain(path: Path) -> Iterator[Section]:
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", "replace")
    elif b"\0" in data[:4096]:
        raise TextError(f"{path.name} is not text, whatever its ending says")
    else:
        text = _decode(data, path.name)
    yield Section(text.removeprefix("\ufeff").replace("\0", ""))


def _rows(path: Path) -> Iterator[Section]:
    """A table's rows, each on its own: its cells that say something, not file names and numbers."""
    text = next(_plain(path)).text
    head = text.partition("\n")[0]
    separator = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=head.count)
    for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
        yield Section(" | ".join(cell.strip() for cell in row if _WORDS.search(cell)), f"row {number}")


def _decode(data: bytes, name: str) -> str:
    """UTF-8, or the encoding that the bytes look like.

    Raises:
        TextError: the encoding cannot be told.
    """
    with contextlib.suppress(UnicodeDecodeError):
        return data.decode("utf-8")
    sample = data[:MOST_SAMPLED].rpartition(b"\n")[0] or data[:MOST_SAMPLED]
    with contextlib.suppress(UnicodeDecodeError):  # in a few words of Western text every encoding looks as good
        if 3 * sum(byte > 127 for byte in sample) < len(sample) and not _UNLIKELY.search(sample.decode("cp1252")):
            return data.decode("cp1252")
    from charset_normalizer import from_bytes

    found = {
        match.encoding: (round(match.chaos, 1), -match.coherence)
        for match in from_bytes(sample, cp_isolation=[*ENCODINGS])
    }
    for encoding in sorted(found, key=lambda each: (found[each], ENCODINGS.index(each))):
        with contextlib.suppress(UnicodeDecodeError):
            if not _UNLIKELY.search(text := data.decode(encoding)):
                return text
    raise TextError(f"{name} is not readable: its encoding cannot be told; save it as UTF-8")


def _pdf(path: Path) -> Iterator[Section]:
    from pypdf import PdfReader

    reader = PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        raise TextError(f"{path.name} is protected by a password; save a copy without one")
    for number, page in enumerate(reader.pages, 1):
        yield Section(page.extract_text() or "", f"page {number}")


def _word(path: Path) -> Iterator[Section]:
    _check_archive(path)
    from docx import Document

    document: Any = Document(str(path))
    lines = [paragraph.text for paragraph in document.paragraphs]
    lines += [" | ".join(cell.text for cell in row.cells) for table in document.tables for row in table.rows]
    yield Section("\n".join(lines))


def _slides(path: Path) -> Iterator[Section]:
    _check_archive(path)
    from pptx import Presentation

    for number, slide in enumerate(Presentation(str(path)).slides, 1):
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            texts.append(slide.notes_slide.notes_text_frame.text)
        yield Section("\n".join(texts), f"slide {number}")


def _sheets(path: Path) -> Iterator[Section]:
    _check_archive(path)
    from openpyxl import load_workbook

    book: Any = load_workbook(str(path), read_only=True, data_only=True)
    try:
        for sheet in book.worksheets:
            rows = (" | ".join(str(v) for v in row if v is not None) for row in sheet.iter_rows(values_only=True))
            yield Section("\n".join(row for row in rows if row), f"sheet {sheet.title}")
    finally:
        book.close()


def _check_archive(path: Path) -> None:
    """Refuse what would unpack to far more than it is, by its own directory, before anything is unpacked."""
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > min(MOST_UNPACKED, max(MOST_RATIO * path.stat().st_size, 10_000_000)):
        raise TextError(f"{path.name} would unpack to {unpacked / 1e6:.0f} MB, which no document needs; not opened")


_READERS: dict[str, Callable[[Path], Iterator[Section]]] = {
    **dict.fromkeys((".txt", ".text", ".md", ".markdown", ".rst", ".log"), _plain),
    ".csv": _rows,
    ".tsv": _rows,
    ".pdf": _pdf,
    ".docx": _word,
    ".pptx": _slides,
    ".xlsx": _sheets,
}

DOCUMENT_ENDINGS = frozenset(_READERS)
"""endings of files that `read_document` reads, in lower case"""
