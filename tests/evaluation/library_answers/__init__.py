"""Makes the files that the questions of `evaluate answers` are about, out of the tables beside this file."""

from __future__ import annotations

import csv
import textwrap
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assistant.retrieval.library.scanning import kind_of

__all__ = ["files_in", "make_files"]


def files_in(table: Path) -> list[dict[str, Any]]:
    """The files that a table describes, of kinds that are read."""
    described: list[dict[str, Any]] = tomllib.loads(table.read_text("utf-8"))["file"]
    return [entry for entry in described if kind_of(Path(entry["name"])) is not None]


def make_files(folder: Path, table: Path) -> None:
    """Write the files of a table below a folder."""
    for entry in files_in(table):
        path = folder / entry["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        if "text" in entry:
            path.write_text(entry["text"], "utf-8")
        else:
            _WRITERS[path.suffix](path, entry)


def _pdf(path: Path, entry: Mapping[str, Any]) -> None:
    """Pages of one paragraph in Helvetica, as plain as the format allows."""
    pages = [_drawn(text) for text in entry["pages"]]
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"]
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for number, drawn in enumerate(pages):
        fonts = f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] {fonts} >>")
        objects.append(f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream")
    out, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    out += f"{head}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    path.write_bytes(out.encode("cp1252"))


def _drawn(text: str) -> str:
    lines = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in textwrap.wrap(text, 90)]
    return "BT /F1 11 Tf 50 780 Td 14 TL\n" + "\n".join(f"({line}) Tj T*" for line in lines) + "\nET"


def _word(path: Path, entry: Mapping[str, Any]) -> None:
    from docx import Document

    document: Any = Document()
    for line in "\n".join(entry["pages"]).splitlines():
        document.add_paragraph(line)
    document.save(str(path))


def _slides(path: Path, entry: Mapping[str, Any]) -> None:
    from pptx import Presentation

    deck: Any = Presentation()
    for page in entry["pages"]:
        title, _, body = page.partition("\n")
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text, slide.placeholders[1].text = title, body
    deck.save(str(path))


def _sheet(path: Path, entry: Mapping[str, Any]) -> None:
    from openpyxl import Workbook

    book: Any = Workbook()
    book.active.title = entry["sheet"]
    for row in entry["rows"]:
        book.active.append([float(cell) if cell.isdecimal() else cell for cell in row])
    book.save(str(path))


def _rows(path: Path, entry: Mapping[str, Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(entry["rows"])


def _picture(path: Path, entry: Mapping[str, Any]) -> None:
    from PIL import Image, ImageDraw, ImageFont

    lines = entry["lines"]
    picture = Image.new("RGB", (720, 60 + 44 * len(lines)), "white")
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((30, 30 + 44 * number), line, "black", ImageFont.load_default(26))
    picture.save(path)


def _recording(path: Path, entry: Mapping[str, Any]) -> None:
    from assistant.speech import Synthesizer, write_audio

    write_audio(path, Synthesizer("hibari").recording(entry["said"]))


_WRITERS: dict[str, Callable[[Path, Mapping[str, Any]], None]] = {
    ".pdf": _pdf,
    ".docx": _word,
    ".pptx": _slides,
    ".xlsx": _sheet,
    ".csv": _rows,
    ".png": _picture,
    ".wav": _recording,
}
