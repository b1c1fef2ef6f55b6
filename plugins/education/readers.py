"""Reads the files of a course: text and PDF, slides by OCR, lectures by Whisper."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from PIL import Image

from assistant import AssistantError, AudioClip, Picture, Services

from .passages import Passage, spoken_passages, written_passages

__all__ = ["KINDS", "Unreadable", "read_file"]

TEXTS = (".txt", ".text")
PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".heic")
SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif")
VIDEOS = (".mp4", ".mkv", ".webm", ".mov", ".m4v", ".avi", ".m4a")

SCAN_EDGE = 150
"""pixels of the shorter edge below which an embedded picture is decoration, not a scanned page"""
MAX_TEXT = 2_000_000
"""bytes of a text file"""

PDF_PAGE, SCAN, LISTENING = 0.05, 3.0, 0.25
"""rough seconds per printed page, per picture that is read, and per second of sound"""


class Unreadable(Exception):
    """A file cannot be read; the message says why, in one line."""


class _TooLong(Exception):
    """Reading it takes longer than there is time for now."""


async def read_file(path: Path, file: str, services: Services, patience: float) -> list[Passage] | None:
    """The passages of a file.

    Args:
        path: where it is.
        file: what it is called in the course.
        patience: seconds that may be spent on it.

    Returns:
        None when it would take longer than `patience`.

    Raises:
        Unreadable: it is damaged, locked, or holds nothing that can be read.
    """
    try:
        found = await KINDS[path.suffix.lower()](path, file, services, patience)
    except _TooLong:
        return None
    except AssistantError as error:
        raise Unreadable(str(error).replace(str(path), path.name)) from error
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from error
    if not found:
        raise Unreadable("nothing in it can be read")
    return found


async def _text(path: Path, file: str, services: Services, patience: float) -> list[Passage]:
    data = (await asyncio.to_thread(path.read_bytes))[:MAX_TEXT]
    try:
        return written_passages(file, "text", data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable("it is not UTF-8 text") from error


async def _picture(path: Path, file: str, services: Services, patience: float) -> list[Passage]:
    if patience < SCAN:
        raise _TooLong
    text = await _ocr(await services.open_picture(path), services)
    if not text:
        raise Unreadable("there is no text on the picture")
    return [Passage(file, "slide", text)]


async def _ocr(picture: Picture, services: Services) -> str:
    return " ".join(line.text for line in await services.read_text(picture))


async def _pdf(path: Path, file: str, services: Services, patience: float) -> list[Passage]:
    pages = await asyncio.to_thread(_pdf_pages, path)
    scanned = [number for number, text, pictures in pages if not text and pictures]
    if len(scanned) * SCAN + len(pages) * PDF_PAGE > patience:
        raise _TooLong
    if not any(text for _, text, _ in pages) and not scanned:
        raise Unreadable(f"none of its {len(pages)} pages holds text or a scanned picture; export it again with text")
    found = []
    for number, text, pictures in pages:
        if not text and pictures:
            text = " ".join([await _ocr(Picture(image), services) for image in pictures])
        found += written_passages(file, "page", text, number)
    if not found:
        raise Unreadable(f"no text could be read on the scans of its {len(pages)} pages")
    return found


def _pdf_pages(path: Path) -> list[tuple[int, str, list[Image.Image]]]:
    """Number, text, and the scans of each page (only where there is no text)."""
    import pypdf

    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("it is locked with a password")
        return [(number, *_pdf_page(page)) for number, page in enumerate(reader.pages, 1)]
    except Unreadable:
        raise
    except Exception as error:  # a damaged PDF fails in many ways
        raise Unreadable(f"the PDF is damaged ({' '.join(str(error).split())[:80] or type(error).__name__})") from error


def _pdf_page(page: Any) -> tuple[str, list[Image.Image]]:
    text = " ".join((page.extract_text() or "").split())
    if len(text) >= 3:
        return text, []
    scans = [each.image.convert("RGB") for each in page.images if each.image and min(each.image.size) >= SCAN_EDGE]
    return "", scans


async def _sound(path: Path, file: str, services: Services, patience: float) -> list[Passage]:
    return await _lecture(await services.open_audio(path), file, services, patience)


async def _video(path: Path, file: str, services: Services, patience: float) -> list[Passage]:
    if patience < 60:
        raise _TooLong
    return await _sound(path, file, services, patience)


async def _lecture(clip: AudioClip, file: str, services: Services, patience: float) -> list[Passage]:
    if clip.duration * LISTENING > patience:
        raise _TooLong
    transcript = await services.transcribe(clip)
    if not transcript.text:
        raise Unreadable(f"it holds no speech ({transcript.rejected or 'silence'})")
    return spoken_passages(file, transcript.segments or ((0.0, clip.duration, transcript.text),))


Reader = Callable[[Path, str, Services, float], Awaitable[list[Passage]]]
KINDS: dict[str, Reader] = {
    **dict.fromkeys(TEXTS, _text),
    ".pdf": _pdf,
    **dict.fromkeys(PICTURES, _picture),
    **dict.fromkeys(SOUNDS, _sound),
    **dict.fromkeys(VIDEOS, _video),
}
"""suffix → reader, quick ones first; Markdown files are lessons, see `course`"""
