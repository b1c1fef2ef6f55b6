"""Receipts, exercise sheets and pages of prose, typeset from random words; `figures` draws what exercises are about."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from .figures import FIGURES, typeface
from .texture import Colour, camera, cloud, dead_leaves, from_array, to_array

__all__ = ["draw_exercise", "draw_page", "draw_receipt"]

_SHOPS = (
    "CORNER",
    "GARDEN",
    "SUNRISE",
    "GOLDEN",
    "CITY",
    "HAPPY",
    "LUCKY",
    "NORTH",
    "RIVER",
    "STAR",
    "OCEAN",
    "UNITED",
)
_TRADES = ("MART SDN", "HARDWARE", "CAFE", "RESTAURANT", "BOOKS LTD", "SUPERMARKET", "PHARMACY", "BAKERY", "TRADING CO")
_GOODS = (
    "RICE",
    "MILK 1L",
    "BREAD",
    "COFFEE",
    "TEA",
    "NAILS",
    "PAINT",
    "PAPER A4",
    "BATTERY",
    "EGGS 12",
    "NOODLE",
    "SOAP",
)
_QUESTION = (
    "find the area of shaded region what is how many squares if length side equals angle between"
    " figure shows which number should replace question mark calculate value triangle circle"
    " perimeter total each of these"
)
_WORDS = _QUESTION.split()
_LETTER = (
    "the company report for this year says that our members met in spring and agreed to plan a new"
    " garden with paths and trees near the river while others asked for more time to think about"
    " costs and dates"
)
_PROSE = _LETTER.split()


def _receipt_rows(rng: np.random.Generator) -> list[tuple[str, str, bool]]:
    """Rows of (left, right, centred)."""

    def number(digits: int) -> str:
        return "".join(str(digit) for digit in rng.integers(0, 10, digits).tolist())

    rows: list[tuple[str, str, bool]] = [(f"{rng.choice(_SHOPS)} {rng.choice(_TRADES)}", "", True)]
    rows += [(f"NO. {number(2)}, JALAN {rng.choice(_SHOPS)} {number(1)}", "", True)] * int(rng.integers(0, 2))
    rows += [(f"TEL: {number(2)}-{number(7)}", "", True), (f"GST NO: {number(12)}", "", True)]
    rows += [("-" * 34, "", True), (str(rng.choice(["TAX INVOICE", "CASH BILL", "RECEIPT", "INVOICE"])), "", True)]
    rows += [(f"DATE: {number(2)}/{number(2)}/20{number(2)}", f"{number(2)}:{number(2)}", False)]
    total = 0.0
    for _ in range(int(rng.integers(2, 18))):
        price = round(float(rng.uniform(0.5, 60)), 2)
        total += price
        if rng.random() < 0.15:
            rows.append((f"{number(13)}", "", False))
        rows.append((f"{rng.integers(1, 5)} x {rng.choice(_GOODS)}", f"{price:.2f}", False))
    rows += [("-" * 34, "", True), ("SUBTOTAL", f"{total:.2f}", False), ("TAX 6%", f"{0.06 * total:.2f}", False)]
    rows += [("TOTAL", f"{1.06 * total:.2f}", False), ("CASH", f"{total + 20:.2f}", False)]
    rows += [("CHANGE", f"{20 - 0.06 * total:.2f}", False), ("THANK YOU PLEASE COME AGAIN", "", True)]
    return rows


def _slip(rng: np.random.Generator) -> Image.Image:
    rows = _receipt_rows(rng)
    width = int(rng.integers(230, 460))
    size = width / rng.uniform(19, 38)
    margin, step = int(width * rng.uniform(0.03, 0.14)), size * rng.uniform(1.15, 1.7)
    height = int(step * (len(rows) + 2) + margin * rng.uniform(1, 5))
    paper: Colour = tuple(int(v) for v in rng.uniform(215, 256) * np.array([1, 1, rng.uniform(0.94, 1)]))  # type: ignore[assignment]
    ink: Colour = (int(rng.integers(0, 120) if rng.random() < 0.6 else rng.integers(110, 190)),) * 3
    slip = Image.new("RGB", (width, height), paper)
    draw = ImageDraw.Draw(slip)
    y = margin * rng.uniform(0.5, 2)
    for place, (left, right, centred) in enumerate(rows):
        font = typeface(size * (1.35 if place == 0 or left == "TOTAL" else 1.0))
        anchor, x = ("ma", width / 2) if centred else ("la", margin)
        draw.text((x, y), left, fill=ink, font=font, anchor=anchor)
        if right:
            draw.text((width - margin, y), right, fill=ink, font=font, anchor="ra")
        y += step
    if rng.random() < 0.2:
        draw.text(
            (width * rng.uniform(0.3, 0.7), height * rng.uniform(0.05, 0.9)),
            "paid",
            fill=(40, 60, 160),
            font=typeface(size * 2),
        )
    if rng.random() < 0.25:
        top = height * rng.uniform(0.05, 0.3)
        for bar in np.sort(rng.uniform(0.2, 0.8, 40)):
            draw.line([width * bar, top, width * bar, top + size * 2], fill=ink, width=int(rng.integers(1, 3)))
    crease = 1 + rng.uniform(0, 0.16) * cloud(rng, width, height, 0.5)
    return from_array(to_array(slip) * crease[..., None])


def draw_receipt(rng: np.random.Generator) -> Image.Image:
    """A shop's receipt: scanned on white or lying on a table; RGB, at most about 420 by 700 pixels."""
    slip = _slip(rng)
    if rng.random() < 0.7:
        pad = int(rng.integers(0, 120) * rng.integers(0, 2))
        sheet = Image.new(
            "RGB",
            (slip.width + pad, slip.height + int(rng.integers(0, 1 + pad * 2))),
            (int(rng.integers(235, 256)),) * 3,
        )
        sheet.paste(slip, (pad // 2, int(rng.integers(0, 1 + sheet.height - slip.height))))
        return camera(rng, sheet, 0.35)
    width, height = int(slip.width * rng.uniform(1.05, 1.6)), int(slip.height * rng.uniform(0.9, 1.3))
    table = from_array(dead_leaves(rng, width, height, int(rng.integers(0, 12))))
    turned = slip.convert("RGBA").rotate(float(rng.normal(0, 5)), expand=True, resample=Image.Resampling.BICUBIC)
    table.paste(turned, ((width - turned.width) // 2, (height - turned.height) // 2), turned)
    return camera(rng, table, 0.8)


def _sentence(rng: np.random.Generator, words: list[str], count: int) -> str:
    return " ".join(str(word) for word in rng.choice(words, count)).capitalize()


def _counting(rng: np.random.Generator, things: Sequence[Image.Image]) -> Image.Image:
    """Rows of the same few things to count or compare, with letters below."""
    width, height = int(rng.integers(240, 520)), int(rng.integers(140, 360))
    sheet = Image.new("RGB", (width, height), (255, 255, 255))
    draw = ImageDraw.Draw(sheet)
    rows = int(rng.integers(1, 4))
    for row in range(rows):
        thing = things[int(rng.integers(len(things)))]
        count = int(rng.integers(2, 8))
        size = int(min(width / count, height / rows * 0.8) * rng.uniform(0.6, 0.95))
        small = thing.resize((size, size))
        for place in range(count):
            spot = (int((place + 0.1) * width / count), int(row * height / rows + 4))
            turned = small.rotate(90 * int(rng.integers(0, 4))) if rng.random() < 0.15 else small
            sheet.paste(turned, spot)
            if rng.random() < 0.5:
                label = "ABCDEFGH"[place] if row == rows - 1 else str(rng.integers(1, 20))
                draw.text((spot[0] + size / 2, spot[1] + size), label, fill=(0, 0, 0), font=typeface(size * 0.25))
        if rng.random() < 0.3:
            draw.line([0, (row + 1) * height / rows, width, (row + 1) * height / rows], fill=(30, 30, 190), width=2)
    return sheet


def draw_exercise(rng: np.random.Generator, things: Sequence[Image.Image] = ()) -> Image.Image:
    """A printed exercise: a figure or sum, often with a question and options; RGB, 160 to 520 pixels wide.

    Args:
        rng: source of randomness.
        things: pictures on white ground; when given, every fourth exercise is about counting them.
    """
    if things and rng.random() < 0.25:
        return _counting(rng, things)
    width, height = int(rng.integers(180, 520)), int(rng.integers(160, 400))
    sheet = Image.new("RGB", (width, height), (int(rng.choice([255, 255, 255, 248, 240])),) * 3)
    draw = ImageDraw.Draw(sheet)
    top = 6.0
    if rng.random() < 0.4:
        size = max(9.0, width / rng.uniform(22, 40))
        for _ in range(int(rng.integers(1, 4))):
            draw.text((8, top), _sentence(rng, _WORDS, int(rng.integers(4, 9))), fill=(0, 0, 0), font=typeface(size))
            top += size * 1.35
    options = rng.random() < 0.3
    room = height - top - (height * 0.3 if options else 8)
    figures = int(rng.choice([1, 1, 1, 2, 3]))
    size = min(room, (width - 16) / figures) * rng.uniform(0.8, 1.0)
    line = int(rng.integers(1, 4))
    chosen = FIGURES[rng.integers(len(FIGURES))]
    left = (width - figures * size) / 2
    for place in range(figures):
        chosen(rng, (draw, left + place * size * 1.02, top + 3, size * 0.95, line))
    if options:
        share = (width - 10) / 5
        for place, letter in enumerate("ABCDE"):
            spot = (6 + place * share, height * 0.72)
            draw.text((spot[0], height * 0.9), f"({letter})", fill=(0, 0, 0), font=typeface(share * 0.22))
            if rng.random() < 0.8:
                chosen(rng, (draw, spot[0], spot[1], min(share * 0.8, height * 0.18), 1))
    if rng.random() < 0.25:
        return camera(rng, sheet, 0.6)
    return sheet.filter(ImageFilter.GaussianBlur(rng.uniform(0, 0.6)))


def draw_page(rng: np.random.Generator) -> Image.Image:
    """A page of prose, such as a letter, a leaflet or a screenshot: text that is no receipt and no exercise."""
    width, height = int(rng.integers(240, 420)), int(rng.integers(200, 420))
    dark = rng.random() < 0.2
    sheet = Image.new("RGB", (width, height), (25, 25, 30) if dark else (int(rng.integers(225, 256)),) * 3)
    draw = ImageDraw.Draw(sheet)
    size = width / rng.uniform(18, 40)
    top = size
    ink = (220, 220, 220) if dark else (int(rng.integers(0, 80)),) * 3
    draw.text((size, top), _sentence(rng, _PROSE, 3), fill=ink, font=typeface(size * 1.8))
    top += size * 3
    while top < height - size and rng.random() < 0.97:
        draw.text((size, top), _sentence(rng, _PROSE, int(rng.integers(3, 12))), fill=ink, font=typeface(size))
        top += size * 1.4
    if rng.random() < 0.5:
        photo = from_array(dead_leaves(rng, width // 2, height // 3, 30))
        sheet.paste(photo, (int(rng.integers(0, width // 2)), int(rng.integers(0, height // 2))))
    return camera(rng, sheet, 0.5)
