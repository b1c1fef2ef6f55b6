"""Text of PDFs page by page; pages that are pictures are drawn, to be read from their pixels."""

from __future__ import annotations

import io
import tempfile
import unicodedata
from collections.abc import Iterator

from assistant.errors import TextError
from assistant.inputs.image_file import decode_picture, is_blank
from assistant.inputs.section import Section
from assistant.types import Picture

__all__ = ["read_pdf"]

SCANNED = 16
"""characters of text up to which a page may be a scan"""
MOST_DRAWN = 300
"""pages of one file that are drawn at most"""
DOTS = 150
"""per inch: print of 8 points stays legible"""
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}


def read_pdf(content: bytes, name: str) -> Iterator[Section]:
    """The pages of a PDF, its comments, and the values of its form.

    Raises:
        TextError: a password protects it.
        Exception: whatever the parser raises on damaged files.
    """
    import kreuzberg

    settings = kreuzberg.ExtractionConfig(
        use_cache=False,
        enable_quality_processing=False,
        pages=kreuzberg.PageConfig(extract_pages=True),
        pdf_options=kreuzberg.PdfConfig(extract_annotations=True),
        content_filter=kreuzberg.ContentFilterConfig(
            include_headers=True, include_footers=True, include_watermarks=True, strip_repeating_text=False
        ),
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
    )
    try:
        result = kreuzberg.extract_bytes_sync(content, "application/pdf", config=settings)
    except kreuzberg.ParsingError as error:
        if "password" in str(error):
            raise TextError(f"{name} is protected by a password; save a copy without one") from error
        raise
    scans = []
    for page in result.pages or []:
        text = page["content"].translate(_LIGATURES).replace("\r\n", "\n")
        if len(text.strip()) <= SCANNED:
            scans.append(page["page_number"])
        yield Section(text, f"page {page['page_number']}")
    for note in result.annotations or []:
        if note.annotation_type != "link" and note.content:
            yield Section(str(note.content), f"page {note.page_number}, comment")
    if b"/AcroForm" in content:
        yield Section(_form(content), "form")
    yield from _drawn(content, scans)


def _form(content: bytes) -> str:
    from pypdf import PdfReader

    try:
        fields = PdfReader(io.BytesIO(content)).get_form_text_fields()
    except MemoryError:
        raise
    except Exception:  # a form of a kind that pypdf does not know; the pages are read all the same
        return ""
    return "\n".join(f"{name}: {value}" for name, value in fields.items() if value)


def _drawn(content: bytes, numbers: list[int]) -> Iterator[Section]:
    """Pages as pictures, one at a time; blank ones are left out."""
    if not numbers:
        return
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:  # it draws from files only
        file.write(content)
        file.flush()
        for number in numbers[:MOST_DRAWN]:
            place = f"page {number}"
            try:
                picture = _draw(file.name, number)
            except MemoryError:
                raise
            except Exception:
                yield Section(missing=f"{place} (cannot be drawn)")
            else:
                if not is_blank(picture.image):
                    yield Section(place=place, picture=picture)
    if len(numbers) > MOST_DRAWN:
        yield Section(missing=f"{len(numbers) - MOST_DRAWN} scanned pages beyond the first {MOST_DRAWN}")


def _draw(file: str, number: int) -> Picture:
    from kreuzberg import render_pdf_page

    return decode_picture(render_pdf_page(file, number - 1, dpi=DOTS), f"page {number}")
