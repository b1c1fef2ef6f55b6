"""Makes the slide, the handout and the lecture of the example course: ``python -m plugins.education.make_course``.

With ``--encodings`` it only encodes the course again: when its passages or the sentence encoders have changed.

The words are ours (``lecture-gradient-descent.txt``); the voice is the one the assistant speaks with.
"""

from __future__ import annotations

import asyncio
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .course_folders import EXAMPLE
from .indexing import SEED, build_index, course

__all__ = ["draw_slide", "encode_course", "main", "pdf_of", "speak_lecture"]

FOLDER = Path(__file__).parent / "lessons"
NAME = "gradient-descent"
VALLEY = (110, 210, 560, 520)
"""left, top, right, bottom of the drawing, pixels"""

HANDOUT = (
    (
        "Handout: gradient descent",
        "Gradient descent repeats one rule. New weight = old weight - learning rate x gradient.",
        "Momentum keeps a part of the last step. A ball that rolls downhill does not stop in every small hollow.",
        "A batch is the group of examples whose loss is averaged before one step is taken.",
    ),
    (
        "Exercises for next week",
        "Exercise 1. The loss is f(x) = x^2 - 4x + 7. Find its derivative and the x at which it is smallest.",
        "Exercise 2. Start at x = 0 with a learning rate of 0.25 and take two steps of gradient descent by hand.",
    ),
)


def draw_slide() -> Image.Image:
    """A slide that shows the hiker's valley, its words and the rule."""
    image = Image.new("RGB", (1000, 620), "white")
    draw = ImageDraw.Draw(image)
    large, normal = ImageFont.load_default(44), ImageFont.load_default(30)
    draw.text((60, 40), "Slide 4: the gradient points uphill", fill="black", font=large)
    left, top, right, bottom = VALLEY
    xs = np.linspace(-1, 1, 60)
    curve = [(left + (right - left) * (x + 1) / 2, bottom - (bottom - top) * x * x) for x in xs]
    draw.line([(float(x), float(y)) for x, y in curve], fill="steelblue", width=6)
    draw.ellipse((155, 290, 185, 320), fill="firebrick")
    draw.line((180, 310, 260, 430), fill="firebrick", width=5)
    for row, line in enumerate(
        ("Step against the gradient.", "Step size: the learning rate.", "Stop where the slope is 0.")
    ):
        draw.text((610, 260 + 60 * row), line, fill="black", font=normal)
    return image


def pdf_of(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF with one page per sequence of paragraphs, the first of them its title. Latin letters only."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", _FONT]
    kids = []
    for page in pages:
        stream = _text_stream(page)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    return _assembled(objects)


_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def _text_stream(paragraphs: Sequence[str]) -> bytes:
    lines = [b"BT /F1 20 Tf 60 770 Td (%s) Tj /F1 12 Tf 18 TL T*" % _escaped(paragraphs[0])]
    for paragraph in paragraphs[1:]:
        lines.append(b"T*")
        lines.extend(b"(%s) Tj T*" % _escaped(line) for line in textwrap.wrap(paragraph, 80))
    return b"\n".join([*lines, b"ET"])


def _escaped(text: str) -> bytes:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252")


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))


def speak_lecture(target: Path) -> None:
    """Say the lecture's text and write it as OGG Vorbis."""
    import soundfile

    from assistant.speech import Synthesizer, join_clips

    text = (FOLDER.parent / f"lecture-{NAME}.txt").read_text(encoding="utf-8")
    clip = join_clips([part for line in text.splitlines() for part in Synthesizer().stream(line)], pause=0.4)
    with soundfile.SoundFile(target, "w", clip.sample_rate, 1, format="OGG", subtype="VORBIS") as file:
        for start in range(0, len(clip.samples), 1 << 16):  # libsndfile's encoder overflows on longer writes
            file.write(clip.samples[start : start + (1 << 16)])


async def encode_course() -> int:
    """Encode the example's passages, so that the first question need not wait; returns how many."""
    from assistant.app import App

    app = await App.open()
    try:
        services = app.services_for("education")
        await build_index([EXAMPLE], services)
        collection = course(services)
        others = [source for source in await collection.sources() if not source.startswith(str(EXAMPLE))]
        await collection.remove(others)
        return await collection.export(SEED / "encodings.safetensors")
    finally:
        await app.close()


def main() -> None:
    """Write all three files beside the lessons, or the encodings."""
    if "--encodings" in sys.argv[1:]:
        print(f"{asyncio.run(encode_course())} passages")
        return
    draw_slide().save(FOLDER / f"slide-{NAME}.png", optimize=True)
    (FOLDER / f"handout-{NAME}.pdf").write_bytes(pdf_of(HANDOUT))
    speak_lecture(FOLDER / f"lecture-{NAME}.ogg")


if __name__ == "__main__":
    main()
