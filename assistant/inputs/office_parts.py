"""Text of the parts of an office file: Office Open XML and OpenDocument, as they lie in the archive.

A part is read as a stream, whatever its tables claim to span. Deleted text of tracked changes stays out.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

__all__ = ["office_parts", "unread_of"]

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


def office_parts(content: bytes) -> Iterator[tuple[str, list[str]]]:
    """What each part with text is called ("" for the document itself, "slide 2", "comments"), and its paragraphs."""
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
    """What of an office file holds no text that can be read: pictures, and formulas that were never calculated."""
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
    holders = frozenset(("p", "h")) if open_document else frozenset(("t", "text", "v") if chart else ("t", "text"))
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
        if name in ("p", "h", "si", "is", "text", "comment", "v"):
            done = open_paragraphs.pop() if name in ("p", "h", "si") else open_paragraphs[-1]
            if line := "".join(done).strip():
                lines.append(line)
            if name not in ("p", "h", "si"):
                done.clear()

    def entity(*declared: object) -> None:
        raise expat.ExpatError("declares entities, which no office file does")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.EntityDeclHandler = entity
    parser.Parse(part, True)
    return lines
