"""Documents of many formats through kreuzberg, and of office files also what it leaves out."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from assistant.errors import TextError
from assistant.inputs.charset import decode_text
from assistant.inputs.office_parts import office_parts, unread_of
from assistant.inputs.section import Section, row_texts

__all__ = ["FORMATS", "IN_PARTS", "read_extracted", "read_parts"]

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
    ".epub": "application/epub+zip",
    ".fb2": "application/x-fictionbook+xml",
    ".htm": "text/html",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".msg": "application/vnd.ms-outlook",
    ".odp": f"{_OPEN}presentation",
    ".ods": f"{_OPEN}spreadsheet",
    ".odt": f"{_OPEN}text",
    ".ppsx": f"{_OFFICE}presentationml.slideshow",
    ".ppt": "application/vnd.ms-powerpoint",
    ".pptm": "application/vnd.ms-powerpoint.presentation.macroEnabled.12",
    ".pptx": f"{_OFFICE}presentationml.presentation",
    ".rtf": "application/rtf",
    ".xhtml": "text/html",
    ".xls": "application/vnd.ms-excel",
    ".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
    ".xlsx": f"{_OFFICE}spreadsheetml.sheet",
}
"""endings, and the format of each"""
IN_PARTS = frozenset((".docm", ".docx", ".odp", ".ods", ".odt", ".ppsx", ".pptm", ".pptx", ".xlsm", ".xlsx"))
_BY_PARTS_ALONE = frozenset((".odp",))
_ZIPPED = IN_PARTS | {".epub"}
_MARKED = frozenset((".ppsx", ".pptm", ".pptx"))
"""slide shows, whose slides kreuzberg tells apart only by marks"""
_SHEETS = frozenset((".ods", ".xls", ".xlsm", ".xlsx"))
_TITLED = frozenset((".epub", ".htm", ".html", ".xhtml"))
_TITLE = re.compile(r"<title[^>]*>([^<]{1,300})</title", re.IGNORECASE)
_MARK = "\x02slide\x03"
_WORD = re.compile(r"\w+")


def read_extracted(content: bytes, name: str, ending: str) -> Iterator[Section]:
    """The text of a document, slide by slide and sheet by sheet; also what was left out of it.

    TextError when it would unpack to far more than any document holds; what the format's parser raises passes.
    """
    if ending in _ZIPPED:
        _check_archive(content, name)
    if ending in _TITLED - {".epub"}:
        content = decode_text(content, name, declares=True).encode()
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
    """The text of an office file part by part, without the shape of its tables; and what of it is not text.

    Paragraphs that hold only `words`, which are known already, are left out.
    """
    _check_archive(content, name)
    known = frozenset(words)
    for place, lines in office_parts(content):
        yield Section("\n".join(line for line in lines if not known.issuperset(_WORD.findall(line))), place)
    yield Section(missing=unread_of(content))


def _extract(content: bytes, ending: str) -> Iterator[Section]:
    import kreuzberg

    result = kreuzberg.extract_bytes_sync(content, FORMATS[ending], config=_settings())
    if ending in _SHEETS and result.pages:
        yield from _sheets(result)
    elif ending in _MARKED:
        yield from _slides(result.content)
    else:
        title = str(result.metadata.get("title") or _title(content)) if ending in _TITLED else ""
        text = result.content
        yield Section(f"{title}\n\n{text}" if title and not text.startswith(title) else text)


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
        html_options={"preprocessing": {"enabled": False}},
    )


def _title(page: bytes) -> str:
    """The title of a web page without a head."""
    found = _TITLE.search(page[:20_000].decode(errors="replace"))
    return html.unescape(found[1]).strip() if found else ""


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


def _check_archive(content: bytes, name: str) -> None:
    """Refuse what would unpack to far more than it is, by its own directory, before anything is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > min(MOST_UNPACKED, max(MOST_RATIO * len(content), 10_000_000)):
        raise TextError(f"{name} would unpack to {unpacked / 1e6:.0f} MB, which no document needs; not opened")
