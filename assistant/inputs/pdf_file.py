"""Text of PDFs page by page, with PDFium; pages that are pictures are drawn, to be read from their pixels."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.errors import TextError
from assistant.inputs.image_file import is_blank
from assistant.inputs.section import Section
from assistant.types import Picture

__all__ = ["read_pdf"]

SCANNED = 16
"""characters of text up to which a page may be a scan"""
LARGE, OVER = 0.4, 30
"""share of a page from which a picture on it is read, and characters of text over it from which it has been: a stamp of
the scanner stands beside the page that it scanned, and the words of a searchable scan, or of a slide, stand over it"""
MOST_DRAWN = 300
"""pages of one file that are drawn at most"""
DOTS = 150
"""per inch: print of 8 points stays legible"""
LONGEST = 3000
"""pixels of the longer side of a drawn page"""
_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
LINK, WIDGET, POPUP = 2, 20, 16
"""kinds of annotations"""


def read_pdf(content: bytes, name: str) -> Iterator[Section]:
    """The pages of a PDF with their comments and the values of their forms; TextError when it has a password."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise TextError(f"{name} is protected by a password; save a copy without one") from error
        raise
    drawn = 0
    for number in range(1, len(document) + 1):
        place = f"page {number}"
        try:
            page = document[number - 1]
            words = page.get_textpage()
            text = words.get_text_bounded().translate(_LIGATURES).replace("\r\n", "\n")
            yield Section("\n".join(filter(str.strip, (text, *_annotations(page, raw)))), place)
            pictures = list(page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=3))
            scanned = not text.strip() or (len(text.strip()) <= SCANNED and bool(pictures))
            if scanned or _unread(pictures, page.get_size(), words):
                drawn += 1
                scale = min(DOTS / 72, LONGEST / max(page.get_size()))
                if drawn > MOST_DRAWN:
                    continue
                image = page.render(scale=scale, draw_annots=True).to_pil().convert("RGB")
                if not is_blank(image):
                    yield Section("" if scanned else text, place, picture=Picture(image, place))
        except pypdfium2.PdfiumError:  # one damaged page takes none of the others with it
            yield Section(missing=f"{place} (damaged)")
    if drawn > MOST_DRAWN:
        yield Section(missing=f"{drawn - MOST_DRAWN} pages that are pictures beyond the first {MOST_DRAWN}")


def _unread(pictures: Sequence[Any], size: tuple[float, float], words: Any) -> bool:
    """Returns whether one of the pictures is much of a page with text that does not belong to it."""
    width, height = size
    for image in pictures:
        left, bottom, right, top = image.get_bounds()
        left, bottom, right, top = max(left, 0.0), max(bottom, 0.0), min(right, width), min(top, height)
        if right <= left or top <= bottom or (right - left) * (top - bottom) < LARGE * width * height:
            continue
        if len(words.get_text_bounded(left, bottom, right, top).strip()) < OVER:
            return True
    return False


def _annotations(page: Any, raw: Any) -> Iterator[str]:
    """The texts of comments and of form fields."""
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, index)
        kind = raw.FPDFAnnot_GetSubtype(note)
        if kind == WIDGET:
            field, value = _value(raw, note, b"T"), _value(raw, note, b"V")
            if value:
                yield f"{field}: {value}" if field else value
        elif kind not in (LINK, POPUP):
            yield _value(raw, note, b"Contents")
        raw.FPDFPage_CloseAnnot(note)


def _value(raw: Any, note: Any, key: bytes) -> str:
    length = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
    buffer = ctypes.create_string_buffer(length)
    raw.FPDFAnnot_GetStringValue(note, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), length)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")
