"""Draws receipts of many countries and photographs them: perspective, blur, shadow, noise, camera shake."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from assistant import UserError

__all__ = ["PARTS", "draw_receipts"]

PARTS = ("development", "held-out")
EACH = 6
"""receipts of every layout"""
COLUMNS = 40
"""characters of a line"""
SIZE = 26
"""pixels of a line of print"""
FONTS = {
    "": ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "cour.ttf", "Menlo.ttc"),
    "cjk": ("NotoSansCJK-Regular.ttc", "msyh.ttc", "PingFang.ttc"),
}
"""the fonts of a system, by what they hold; the first that is there is taken"""
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Drawn:
    """A receipt and what it says."""

    lines: list[str]
    company: str
    day: str
    """ISO 8601"""
    total: Decimal


def draw_receipts(folder: Path, part: str, seed: int = 0, each: int = EACH) -> None:
    """Photographs the receipts of a part into a folder, `each` of every layout, with their manifest.csv.

    Raises:
        UserError: the fonts are not there.
    """
    layouts = tomllib.loads(Path(__file__).with_name("drawn_receipts.toml").read_text(encoding="utf-8"))["layout"]
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(("file", "company", "date", "total", "layout"))
        for number, layout in enumerate(layouts):
            if layout["part"] != part:
                continue
            for place in range(each):
                rng = np.random.default_rng((seed, number, place))
                drawn = _filled(layout, rng)
                name = f"{layout['name'].replace(' ', '_')}_{place}.jpg"
                photo = _photographed(_printed(drawn.lines, layout.get("font", "")), rng)
                photo.save(folder / name, quality=int(rng.integers(60, 90)))
                table.writerow((name, drawn.company, drawn.day, drawn.total, layout["name"]))


def _filled(layout: Mapping[str, Any], rng: np.random.Generator) -> Drawn:
    """One receipt of a layout, whose sums are right."""
    cent = Decimal(1) if layout.get("number") == "yen" else CENT
    items = []
    for name in rng.permutation(layout["items"])[: rng.integers(2, 5)]:
        price = Decimal(round(float(rng.uniform(0.8, 9.9)) * layout.get("large", 1), 2)).quantize(cent)
        qty = int(rng.choice([1, 1, 1, 2, 3]))
        items.append(
            {"name": name, "qty": qty, "price": price, "amount": price * qty, "code": rng.integers(10000, 99999)}
        )
    added = sum((item["amount"] for item in items), Decimal(0))
    rate = Decimal(str(layout["tax"])) / 100
    included = layout.get("included", False)
    net = (added / (1 + rate)).quantize(cent, ROUND_HALF_UP) if included else added
    half = (net * rate / 2).quantize(cent, ROUND_HALF_UP)
    tax = (
        added - net
        if included
        else 2 * half
        if "{half}" in layout["text"]
        else (net * rate).quantize(cent, ROUND_HALF_UP)
    )
    total = net + tax
    paid = next((total - total % note + note for note in [int(rng.choice(layout.get("pays", [10])))]), total)
    when = datetime(2026, 1, 3) + timedelta(minutes=int(rng.integers(0, 480_000)))
    hour = when.strftime("%H:%M")
    said = {
        "company": str(rng.choice(layout["companies"])),
        "day": when.strftime(layout["day"]).upper() if rng.random() < 0.2 else when.strftime(layout["day"]),
        "hour": hour,
        "hour12": when.strftime("%I:%M %p"),
        "seconds": f"{hour}:{when.minute:02}",
        "ref": f"{rng.integers(1000, 99999):05}",
        "code": rng.integers(10000, 99999),
        "count": sum(item["qty"] for item in items),
    }
    sums = {"net": net, "tax": tax, "half": half, "total": total, "paid": paid, "change": paid - total}
    style = layout.get("number", ",.")
    said |= {name: _amount(value, style) for name, value in sums.items()}
    lines = list(_lines(layout["text"], said, items, style))
    return Drawn(lines, said["company"], when.date().isoformat(), total)


def _amount(value: Decimal, style: str) -> str:
    """An amount as a country prints it: the separator of its groups and its decimal point."""
    if style == "yen":
        return f"{value:,.0f}"
    if style == "lakh":
        whole, _, cents = f"{value:.2f}".partition(".")
        head, tail = whole[:-3], whole[-3:]
        groups = [head[max(end - 2, 0) : end] for end in range(len(head), 0, -2)][::-1]
        return ",".join([*groups, tail]) + "." + cents
    return f"{value:,.2f}".translate(str.maketrans(",.", style))


def _lines(text: str, said: Mapping[str, Any], items: list[dict[str, Any]], style: str) -> Iterator[str]:
    for line in text.strip("\n").split("\n"):
        if not line.startswith("@"):
            yield line.format_map(said)
            continue
        for item in items:
            shown = {key: _amount(value, style) if isinstance(value, Decimal) else value for key, value in item.items()}
            yield line[1:].format_map({**said, **shown})


def _printed(lines: list[str], font: str) -> Image.Image:
    """A strip of paper with the lines in black."""
    face, tall = _font(font, SIZE - 4), _font(font, SIZE + 8)
    width, margin = round(face.getlength("0") * COLUMNS), 40
    paper = Image.new("L", (width + 2 * margin, (len(lines) + 4) * (SIZE + 6)), 250)
    pen, y = ImageDraw.Draw(paper), 2 * SIZE
    for line in lines:
        if line[:1] in ("^", "#"):
            used = tall if line[0] == "#" else face
            pen.text((margin + (width - used.getlength(line[1:])) / 2, y), line[1:], 25, used)
            y += SIZE + (16 if line[0] == "#" else 6)
            continue
        if set(line) in ({"-"}, {"="}):
            line = line[0] * COLUMNS
        left, _, right = line.partition("|")
        pen.text((margin, y), left.rstrip(), 25, face)
        pen.text((margin + width - face.getlength(right.strip()), y), right.strip(), 25, face)
        y += SIZE + 6
    return paper.crop((0, 0, paper.width, y + 2 * SIZE))


def _font(kind: str, size: int) -> ImageFont.FreeTypeFont:
    for name in FONTS[kind]:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    raise UserError(f"Receipts are drawn with one of these fonts, and none is installed: {', '.join(FONTS[kind])}.")


def _photographed(paper: Image.Image, rng: np.random.Generator) -> Image.Image:
    """The paper lying on a table, seen by a camera that is held over it by hand."""
    ink = np.asarray(paper, np.float64)
    fade = rng.uniform(0.0, 90.0)  # a till's ribbon or heat that is nearly used up
    ink = ink + (250 - ink) * fade / 250
    rows = np.arange(ink.shape[0])
    curled = rng.uniform(0, 5) * np.sin(rows / ink.shape[0] * rng.uniform(2, 6) + rng.uniform(0, 6))
    curl = np.rint(curled).astype(int)
    ink = np.stack([np.roll(row, shift) for row, shift in zip(ink, curl, strict=True)])
    border = int(0.12 * ink.shape[1])
    table = rng.uniform(40, 150) + rng.normal(0, 6, (ink.shape[0] + 2 * border, ink.shape[1] + 2 * border))
    table[border:-border, border:-border] = ink
    height, width = table.shape
    reach = 0.05 * width
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)]) + rng.uniform(-reach, reach, (4, 2))
    seen = Image.fromarray(np.clip(table, 0, 255).astype(np.uint8)).transform(
        (width, height), Image.Transform.QUAD, [float(x) for x in corners.ravel()], Image.Resampling.BICUBIC
    )
    seen = seen.rotate(rng.uniform(-5, 5), Image.Resampling.BICUBIC, expand=True, fillcolor=int(rng.uniform(40, 150)))
    seen = seen.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.3))))
    light = np.asarray(seen, np.float32)
    down, across = np.mgrid[0 : 1 : complex(light.shape[0]), 0 : 1 : complex(light.shape[1])].astype(np.float32)
    angle = rng.uniform(0, 6.3)
    slope = np.cos(angle) * (across - 0.5) + np.sin(angle) * (down - 0.5)
    shadow = 1 - rng.uniform(0.1, 0.45) / (1 + np.exp(-slope * rng.uniform(4, 30)))  # soft to hard edge
    lit = light * shadow + rng.normal(0, rng.uniform(1, 7), light.shape)
    warm = np.array([1.0, rng.uniform(0.94, 1.0), rng.uniform(0.82, 1.0)])
    return Image.fromarray(np.clip(lit[..., None] * warm, 0, 255).astype(np.uint8))
