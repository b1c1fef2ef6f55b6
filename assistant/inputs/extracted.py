"""Documents of many formats through kreuzberg, and of office files also what it leaves out."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any
from xml.parsers import expat

from assistant.errors import TextError
from assistant.inputs.section import Section, row_texts

__all__ = ["FORMATS", "IN_PARTS", "check_archive", "office_parts", "read_extracted", "read_parts", "unread_of"]

_PARTS = (
    (re.compile(r"word/document\.xml"), ""),
    (re.compile(r"word/header\d*\.xml"), "header"),
    (re.compile(r"word/footer\d*\.xml"), "footer"),
    (re.compile(r"word/footnotes\.xml"), "footnotes"),
    (re.compile(r"word/endnotes\.xml"), "endnotes"),
    (re.compile(r"ppt/slides/slide(\d+)\.xml"), "slide {}"),
    (re.compile(r"ppt/notesSlides/notesSlide\d+\.xml"), "notes"),
    (re.compile(r"xl/sharedStrings\.xml|xl/worksheets/sheet\d+\.xml"), "cells"),
    (re.compile(r"(?:word|ppt|xl)/(?:\w+/)?(?:threadedC|modernC|c)omments?(?:[\w-]*)\.xml"), "comments"),
    (re.compile(r"(?:word|ppt|xl)/charts/chart(?:Ex)?\d+\.xml"), "chart"),
    (re.compile(r"(?:word|ppt|xl)/diagrams/data\d+\.xml"), "diagram"),
    (re.compile(r"xl/drawings/drawing\d+\.xml"), "text box"),
    (re.compile(r"content\.xml"), ""),
    (re.compile(r"styles\.xml"), "header and footer"),
)
"""parts that hold text, and how a part is called; {} is its number"""
_PICTURE = re.compile(r"(?:(?:word|ppt|xl)/media|Pictures)/.+\.(?:png|jpe?g|gif|bmp|tiff?|webp|emf|wmf)", re.IGNORECASE)
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_UNCALCULATED = re.compile(rb"<c\b[^>]*>\s*<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")

_OPEN_DOCUMENT = ("content.xml", "styles.xml")
_OUT = frozenset(("Fallback", "delText", "instrText", "tracked-changes", "note-citation"))
"""what is not text of the document, or holds it a second time"""
_PRINTED = tuple(f"{pages}{place}" for pages in ("odd", "even", "first") for place in ("Header", "Footer"))
"""what a sheet prints above and below its cells"""
_CODE = re.compile(r'&(?:"[^"]*"|K[\dA-F]{6}|\d+|[A-Z&])')
"""position, font or field within that"""


def office_parts(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """Yields the name of each part with text ("" for the document itself, "slide 2", "comments") and its paragraphs."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        for pattern, label in _PARTS:
            found = [match for name in names if (match := pattern.fullmatch(name))]
            for match in sorted(found, key=lambda match: (len(match[0]), match[0])):
                part = archive.read(match[0])
                lines = _paragraphs(part, open_document=match[0] in _OPEN_DOCUMENT, chart=label == "chart")
                if lines:
                    yield label.format(*match.groups()), lines


def unread_of(content: bytes) -> str:
    """Names the contents of an office file that hold no readable text: pictures, and formulas never calculated."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        formulas = sum(len(_UNCALCULATED.findall(archive.read(name))) for name in names if _SHEET.fullmatch(name))
        pictures = sum(bool(_PICTURE.fullmatch(name)) for name in names)
    found = []
    if formulas:
        found.append(f"{_count(formulas, 'formula')} without a saved value (open it in a spreadsheet and save it)")
    if pictures:
        found.append(f"{_count(pictures, 'picture')} within it")
    return ", ".join(found)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _paragraphs(part: bytes, *, open_document: bool = False, chart: bool = False) -> list[str]:
    """The paragraphs of a part, innermost first where one stands within another, as in a text box."""
    holders = {"p", "h"} if open_document else {"t", "text", *_PRINTED, *(("v",) if chart else ())}
    lines: list[str] = []
    open_paragraphs: list[list[str]] = [[]]
    inside = out = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal inside, out
        name = name.rpartition(":")[2]
        out += name in _OUT
        inside += name in holders
        if name in ("p", "h", "si"):
            open_paragraphs.append([])
        elif name in ("tab", "br", "cr", "s", "line-break"):
            open_paragraphs[-1].append(" ")

    def text(data: str) -> None:
        if inside and not out:
            open_paragraphs[-1].append(data)

    def end(name: str) -> None:
        nonlocal inside, out
        name = name.rpartition(":")[2]
        out -= name in _OUT
        inside -= name in holders
        if name in ("p", "h", "si", "is", "text", "comment", "v", *_PRINTED):
            done = open_paragraphs.pop() if name in ("p", "h", "si") else open_paragraphs[-1]
            line = "".join(done)
            if line := (_CODE.sub(" ", line) if name in _PRINTED else line).strip():
                lines.append(line)
            if name not in ("p", "h", "si"):
                done.clear()

    def entity(*declared: object) -> None:
        raise expat.ExpatError("it declares entities, which office files do not use")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.EntityDeclHandler = entity
    parser.Parse(part, True)
    return lines


MOST_UNPACKED = 500_000_000
"""bytes an office file may unpack to; a zip bomb declares far more"""
MOST_RATIO = 200
"""times an office file may grow while it is unpacked"""

_OFFICE = "application/vnd.openxmlformats-officedocument."
_OPEN = "application/vnd.oasis.opendocument."
FORMATS = {
    ".doc": "application/msword",
    ".docm": "application/vnd.ms-word.document.macroEnabled.12",
    ".docx": f"{_OFFICE}wordprocessingml.document",
    ".ipynb": "application/x-ipynb+json",
    ".msg": "application/vnd.ms-outlook",
    ".odg": f"{_OPEN}graphics",
    ".odp": f"{_OPEN}presentation",
    ".ods": f"{_OPEN}spreadsheet",
    ".odt": f"{_OPEN}text",
    ".ppsx": f"{_OFFICE}presentationml.slideshow",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".pptx": f"{_OFFICE}presentationml.presentation",
    ".rtf": "application/rtf",
    ".xls": "application/vnd.ms-excel",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
}
"""endings, and the format of each"""
IN_PARTS = frozenset((".docm", ".docx", ".odg", ".odp", ".ods", ".odt", ".ppsx", ".pptm", ".pptx", ".xlsm", ".xlsx"))
_BY_PARTS_ALONE = frozenset((".odg", ".odp"))
_MARKED = frozenset((".ppsx", ".pptm", ".pptx"))
"""slide shows, whose slides kreuzberg tells apart only by marks"""
_SHEETS = frozenset((".ods", ".xls", ".xlsm", ".xlsx"))
_OPTIONAL = re.compile(rb"\\\*\\(?:annotation|shpinst)\b")
_SHAPE = re.compile(rb"\{\\sp\s*\{\\sn[^{}]*\}\s*\{\\sv[^{}]*\}\s*\}")
"""a property of a box"""
_MARK = "\x02slide\x03"
_WORD = re.compile(r"\w+")


def read_extracted(content: bytes, name: str, ending: str) -> Iterator[Section]:
    """The text of a document, slide by slide and sheet by sheet; also what was left out of it.

    TextError when it would unpack to far more than any document holds; what the format's parser raises passes.
    """
    if ending in IN_PARTS:
        check_archive(content, name)
    words: set[str] = set()
    if ending not in _BY_PARTS_ALONE:
        try:
            for section in _extract(content, ending):
                words.update(_WORD.findall(section.text))
                yield section
        except Exception:
            if ending not in IN_PARTS or not zipfile.is_zipfile(io.BytesIO(content)):
                raise
    if ending in IN_PARTS:
        yield from read_parts(content, name, words)


def read_parts(content: bytes, name: str, words: Collection[str] = ()) -> Iterator[Section]:
    """The text of an office file part by part, without the shape of its tables; and its parts that are not text.

    Paragraphs that hold only `words`, which are known already, are left out.
    """
    check_archive(content, name)
    known = frozenset(words)
    for place, lines in office_parts(content):
        yield Section("\n".join(line for line in lines if not known.issuperset(_WORD.findall(line))), place)
    yield Section(missing=unread_of(content))


def _extract(content: bytes, ending: str) -> Iterator[Section]:
    import kreuzberg

    if ending == ".rtf":  # boxes and comments are marked as what an old reader may pass over
        content = _OPTIONAL.sub(rb"\\pard ", _SHAPE.sub(b"", content))
    result = kreuzberg.extract_bytes_sync(content, FORMATS[ending], config=_settings())
    if ending in _SHEETS and result.pages:
        yield from _sheets(result)
    elif ending in _MARKED:
        yield from _slides(result.content)
    else:
        yield Section(result.content)


@cache
def _settings() -> Any:
    import kreuzberg

    return kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        pages=kreuzberg.PageConfig(
            extract_pages=True, insert_page_markers=True, marker_format=f"\n\n{_MARK}{{page_num}}\n\n"
        ),
        content_filter=kreuzberg.ContentFilterConfig(
            include_headers=True, include_footers=True, include_watermarks=True, strip_repeating_text=False
        ),
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
    )


def _sheets(result: Any) -> Iterator[Section]:
    names = result.metadata.get("sheet_names") or []
    for page in result.pages:
        rows = [text for table in page["tables"] for text in row_texts(table.cells)]
        number = page["page_number"]
        name = names[number - 1] if number <= len(names) else str(number)
        yield Section("\n".join(row for row in rows if row), f"sheet {name}")


def _slides(text: str) -> Iterator[Section]:
    before, *parts = text.split(_MARK)
    if before.strip():
        yield Section(before)
    for part in parts:
        number, _, rest = part.partition("\n")
        yield Section(rest.strip(), f"slide {number.strip()}")


def check_archive(content: bytes, name: str) -> None:
    """Refuse what would unpack to far more than it is, by its own directory, before anything is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > min(MOST_UNPACKED, max(MOST_RATIO * len(content), 10_000_000)):
        raise TextError(f"{name} would unpack to {unpacked / 1e6:.0f} MB, too much for a document; it was not opened")
