"""Draws the subjects of printed exercises, each into a square: shapes, grids, axes, graphs and sums."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import ImageDraw, ImageFont

from .texture import Colour

__all__ = ["FIGURES", "Pen", "typeface"]


def typeface(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own typeface; size in pixels, at least 6."""
    return ImageFont.load_default(max(6, int(size)))


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
        draw.text((x + line, y - size * 0.08), letter, fill=(0, 0, 0), font=typeface(size * 0.09))


def _circles(rng: np.random.Generator, pen: Pen) -> None:
    draw, left, top, size, line = pen
    for ring in range(int(rng.integers(1, 5))):
        shift = rng.uniform(-0.12, 0.12, 2) * size * int(rng.integers(0, 2))
        radius = size * (0.44 - 0.1 * ring)
        middle = (left + size / 2 + shift[0], top + size / 2 + shift[1])
        box = [middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius]
        draw.ellipse(box, outline=(0, 0, 0), width=line, fill=_colour(rng) if rng.random() < 0.3 else None)
        draw.text(
            (middle[0] + radius * 0.6, middle[1]), str(rng.integers(1, 20)), fill=(0, 0, 0), font=typeface(size * 0.08)
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
                    font=typeface(cell * 0.5),
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
    draw.text((left + size * 0.92, top + size * 0.9), "x", fill=(0, 0, 0), font=typeface(size * 0.09))


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
        draw.text((x, y), str(rng.integers(1, 30)), fill=(0, 0, 0), font=typeface(radius * 1.3), anchor="mm")


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
        draw.text((left, top + size * row / rows), form, fill=(0, 0, 0), font=typeface(size * 0.17))


FIGURES: tuple[Callable[[np.random.Generator, Pen], None], ...] = (
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
"""one drawer per figure"""
