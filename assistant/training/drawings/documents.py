"""Receipts and exercise sheets, typeset and drawn from random words, sums and figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from assistant.training.drawings.texture import Colour, camera, cloud, dead_leaves, from_array, to_array

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


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(6, int(size)))


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
        font = _font(size * (1.35 if place == 0 or left == "TOTAL" else 1.0))
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
            font=_font(size * 2),
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


def _colour(rng: np.random.Generator) -> Colour:
    if rng.random() < 0.65:
        return (int(rng.integers(90, 230)),) * 3
    red, green, blue = (int(v) for v in rng.integers(60, 250, 3))
    return red, green, blue


Pen = tuple[ImageDraw.ImageDraw, float, float, float, int]
"""what to draw on; left, top and size of the square to fill, pixels; width of a line, pixels"""


def _polygon(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, line = pen
    corners = int(rng.integers(3, 7))
    angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
    points = [(left + size * (0.5 + 0.42 * np.cos(a)), top + size * (0.5 + 0.42 * np.sin(a))) for a in angles]
    draw.polygon(points, outline=(0, 0, 0), width=line, fill=_colour(rng) if rng.random() < 0.35 else None)
    if corners > 3 and rng.random() < 0.6:
        draw.line([points[0], points[2]], fill=(0, 0, 0), width=line)
    for letter, (x, y) in zip("ABCDEF", points, strict=False):
        draw.text((x + line, y - size * 0.08), letter, fill=(0, 0, 0), font=_font(size * 0.09))


def _circles(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, line = pen
    for ring in range(int(rng.integers(1, 5))):
        shift = rng.uniform(-0.12, 0.12, 2) * size * int(rng.integers(0, 2))
        radius = size * (0.44 - 0.1 * ring)
        middle = (left + size / 2 + shift[0], top + size / 2 + shift[1])
        box = [middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius]
        draw.ellipse(box, outline=(0, 0, 0), width=line, fill=_colour(rng) if rng.random() < 0.3 else None)
        draw.text(
            (middle[0] + radius * 0.6, middle[1]), str(rng.integers(1, 20)), fill=(0, 0, 0), font=_font(size * 0.08)
        )
    if rng.random() < 0.5:
        draw.line([left, top + size / 2, left + size, top + size / 2], fill=(0, 0, 0), width=line)


def _grid(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, line = pen
    rows, columns = (int(v) for v in rng.integers(2, 7, 2))
    cell = size / max(rows, columns)
    filled, fill, shape = rng.uniform(0, 0.6), _colour(rng), rng.random()
    for row in range(rows):
        for column in range(columns):
            if shape < 0.35 and rng.random() < 0.3:
                continue
            box = [left + column * cell, top + row * cell, left + (column + 1) * cell, top + (row + 1) * cell]
            draw.rectangle(box, outline=(0, 0, 0), width=line, fill=fill if rng.random() < filled else None)
            if shape > 0.75 and cell > 14:
                draw.text(
                    (box[0] + cell * 0.3, box[1] + cell * 0.2),
                    str(rng.integers(0, 10)),
                    fill=(0, 0, 0),
                    font=_font(cell * 0.5),
                )


def _axes(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, line = pen
    draw.line([left, top + size * 0.9, left + size, top + size * 0.9], fill=(0, 0, 0), width=line)
    draw.line([left + size * 0.1, top, left + size * 0.1, top + size], fill=(0, 0, 0), width=line)
    x = np.linspace(0.1, 0.95, 40)
    curve = 0.5 + 0.35 * np.sin(rng.uniform(2, 14) * x + rng.uniform(0, 6)) * rng.choice([1.0, 0.4])
    if rng.random() < 0.5:
        draw.line(
            [(left + size * u, top + size * v) for u, v in zip(x, curve, strict=True)], fill=(0, 0, 0), width=line
        )
    else:
        for bar in range(int(rng.integers(3, 7))):
            foot = left + size * (0.16 + 0.12 * bar)
            box = [foot, top + size * rng.uniform(0.1, 0.8), foot + size * 0.08, top + size * 0.9]
            draw.rectangle(box, outline=(0, 0, 0), fill=_colour(rng), width=line)
    draw.text((left + size * 0.92, top + size * 0.9), "x", fill=(0, 0, 0), font=_font(size * 0.09))


def _cubes(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, line = pen
    count = int(rng.integers(2, 5))
    edge = size / (count * 1.5)
    lift = edge * 0.45
    shades = sorted(int(v) for v in rng.integers(120, 256, 3))
    for row in range(count):
        for column in range(count - (row if rng.random() < 0.6 else 0)):
            x, y = left + column * edge + 0.1 * size, top + size - (row + 1) * edge
            front = [(x, y), (x + edge, y), (x + edge, y + edge), (x, y + edge)]
            side = [
                (x + edge, y),
                (x + edge + lift, y - lift),
                (x + edge + lift, y + edge - lift),
                (x + edge, y + edge),
            ]
            roof = [(x, y), (x + lift, y - lift), (x + edge + lift, y - lift), (x + edge, y)]
            for face, grey in zip((side, roof, front), shades, strict=True):
                draw.polygon(face, fill=(grey,) * 3, outline=(0, 0, 0), width=line)


def _overlap(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, line = pen
    radius = size * rng.uniform(0.22, 0.3)
    middles = [(0.38, 0.4), (0.62, 0.4), (0.5, 0.62)][: int(rng.integers(2, 4))]
    fill = _colour(rng)
    if rng.random() < 0.6:
        draw.regular_polygon((left + size * 0.5, top + size * 0.47, radius), 3, fill=fill)
    for u, v in middles:
        x, y = left + size * u, top + size * v
        draw.ellipse([x - radius, y - radius, x + radius, y + radius], outline=(0, 0, 0), width=line)


def _towers(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, line = pen
    edge = size / int(rng.integers(5, 9))
    lift = edge * 0.4
    for row in range(4, 0, -1):
        for column in range(int(rng.integers(2, 5))):
            x, foot = left + column * (edge + lift) + row * lift, top + size - row * lift * 1.4
            for level in range(int(rng.integers(1, 5))):
                y = foot - (level + 1) * edge
                draw.rectangle([x, y, x + edge, y + edge], fill=(235,) * 3, outline=(0, 0, 0), width=line)
                side = [
                    (x + edge, y),
                    (x + edge + lift, y - lift),
                    (x + edge + lift, y + edge - lift),
                    (x + edge, y + edge),
                ]
                draw.polygon(side, fill=(150,) * 3, outline=(0, 0, 0), width=line)
                roof = [(x, y), (x + lift, y - lift), (x + edge + lift, y - lift), (x + edge, y)]
                draw.polygon(roof, fill=(200,) * 3, outline=(0, 0, 0), width=line)


def _graph(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, line = pen
    spots = [(left + size * u, top + size * v) for u, v in rng.uniform(0.08, 0.92, (int(rng.integers(4, 9)), 2))]
    for _ in range(len(spots) * 2):
        a, b = rng.integers(0, len(spots), 2)
        draw.line([spots[a], spots[b]], fill=(0, 0, 0), width=line)
    for x, y in spots:
        radius = size * 0.05
        draw.ellipse(
            [x - radius, y - radius, x + radius, y + radius], fill=(255, 255, 255), outline=(0, 0, 0), width=line
        )
        draw.text((x, y), str(rng.integers(1, 30)), fill=(0, 0, 0), font=_font(radius * 1.3), anchor="mm")


def _sum(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, _ = pen
    rows = int(rng.integers(1, 4))
    for row in range(rows):
        a, b = (int(v) for v in rng.integers(2, 99, 2))
        form = str(
            rng.choice(
                [
                    f"{a} + {b} = ?",
                    f"{a}x + {b} = {a * 3 + b}",
                    f"{a} × {b} =",
                    f"x² - {a}x + {b} = 0",
                    f"{a}/{b} + 1/2",
                ]
            )
        )
        draw.text((left, top + size * row / rows), form, fill=(0, 0, 0), font=_font(size * 0.17))


_FIGURES: tuple[Callable[[np.random.Generator, Pen], None], ...] = (
    _polygon,
    _circles,
    _grid,
    _axes,
    _cubes,
    _overlap,
    _towers,
    _graph,
    _sum,
)


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
                draw.text((spot[0] + size / 2, spot[1] + size), label, fill=(0, 0, 0), font=_font(size * 0.25))
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
            draw.text((8, top), _sentence(rng, _WORDS, int(rng.integers(4, 9))), fill=(0, 0, 0), font=_font(size))
            top += size * 1.35
    options = rng.random() < 0.3
    room = height - top - (height * 0.3 if options else 8)
    figures = int(rng.choice([1, 1, 1, 2, 3]))
    size = min(room, (width - 16) / figures) * rng.uniform(0.8, 1.0)
    line = int(rng.integers(1, 4))
    chosen = _FIGURES[rng.integers(len(_FIGURES))]
    left = (width - figures * size) / 2
    for place in range(figures):
        chosen(rng, (draw, left + place * size * 1.02, top + 3, size * 0.95, line))
    if options:
        share = (width - 10) / 5
        for place, letter in enumerate("ABCDE"):
            spot = (6 + place * share, height * 0.72)
            draw.text((spot[0], height * 0.9), f"({letter})", fill=(0, 0, 0), font=_font(share * 0.22))
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
    draw.text((size, top), _sentence(rng, _PROSE, 3), fill=ink, font=_font(size * 1.8))
    top += size * 3
    while top < height - size and rng.random() < 0.97:
        draw.text((size, top), _sentence(rng, _PROSE, int(rng.integers(3, 12))), fill=ink, font=_font(size))
        top += size * 1.4
    if rng.random() < 0.5:
        photo = from_array(dead_leaves(rng, width // 2, height // 3, 30))
        sheet.paste(photo, (int(rng.integers(0, width // 2)), int(rng.integers(0, height // 2))))
    return camera(rng, sheet, 0.5)
