"""Things at known places on a wall: what words name must be found where it is."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from .texture import cloud, from_array, shade

__all__ = ["THINGS", "draw_things"]

Box = tuple[int, int, int, int]
"""left, top, right, bottom, pixels"""
SIDE = 512
"""pixels of the picture"""


def _clock(pen: ImageDraw.ImageDraw, box: Box) -> None:
    left, top, right, bottom = box
    x, y, r = (left + right) / 2, (top + bottom) / 2, (right - left) / 2
    pen.ellipse(box, fill=(40, 40, 44))
    pen.ellipse((left + 8, top + 8, right - 8, bottom - 8), fill=(248, 246, 238))
    for hour in range(12):
        angle, long = hour * np.pi / 6, 0.2 if hour % 3 == 0 else 0.1
        dx, dy = np.sin(angle), -np.cos(angle)
        ends = [(x + dx * r * k, y + dy * r * k) for k in (0.85 - long, 0.85)]
        pen.line(ends, fill=(20, 20, 20), width=5 if hour % 3 == 0 else 3)
    for angle, length, width in ((0.9, 0.45, 7), (-1.0, 0.68, 4)):
        pen.line((x, y, x + np.sin(angle) * r * length, y - np.cos(angle) * r * length), fill=(20, 20, 20), width=width)
    pen.ellipse((x - 6, y - 6, x + 6, y + 6), fill=(150, 30, 30))


def _lights(pen: ImageDraw.ImageDraw, box: Box) -> None:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    middle = (left + right) / 2
    pen.rectangle((middle - 6, top + 0.6 * height, middle + 6, bottom + 30), fill=(90, 92, 95))
    pen.rounded_rectangle((left + 0.18 * width, top, right - 0.18 * width, bottom), 10, fill=(28, 30, 30))
    for row, colour in enumerate(((230, 40, 30), (70, 60, 20), (20, 60, 35))):
        y, r = top + height * (row + 0.5) / 3, height * 0.125
        pen.ellipse((middle - r, y - r, middle + r, y + r), fill=colour)


def _umbrella(pen: ImageDraw.ImageDraw, box: Box) -> None:
    left, top, right, bottom = box
    width, middle = right - left, (left + right) / 2
    canopy = (left, top, right, top + width)
    for piece in range(6):
        colour = (200, 40, 50) if piece % 2 else (225, 70, 70)
        pen.pieslice(canopy, 180 + 30 * piece, 210 + 30 * piece, fill=colour)
    for piece in range(6):
        x = left + width * piece / 6
        pen.pieslice((x, top + width / 2 - 9, x + width / 6, top + width / 2 + 9), 180, 360, fill=(205, 190, 165))
    pen.line((middle, top + width / 2 - 10, middle, bottom - 16), fill=(60, 45, 35), width=5)
    pen.line((middle, top - 8, middle, top + 4), fill=(60, 45, 35), width=4)
    pen.arc((middle - 24, bottom - 34, middle + 2, bottom), 0, 180, fill=(60, 45, 35), width=6)


def _balloon(pen: ImageDraw.ImageDraw, box: Box) -> None:
    left, top, right, bottom = box
    low = top + (bottom - top) * 0.6
    middle = (left + right) / 2
    pen.line([(middle, low), (middle + 5, (low + bottom) / 2), (middle - 4, bottom)], fill=(120, 120, 120), width=2)
    pen.ellipse((left, top, right, low), fill=(60, 110, 210))
    pen.polygon([(middle - 8, low + 9), (middle + 8, low + 9), (middle, low - 6)], fill=(50, 95, 190))
    pen.ellipse((left + 18, top + 16, left + 40, top + 44), fill=(150, 185, 240))


THINGS = {
    "analog clock": (_clock, 130, 130),
    "traffic light": (_lights, 96, 180),
    "umbrella": (_umbrella, 180, 200),
    "balloon": (_balloon, 100, 190),
}
"""what can be drawn, by the name of its ImageNet class; width and height in pixels"""


def draw_things(rng: np.random.Generator) -> tuple[Image.Image, dict[str, Box]]:
    """All `THINGS`, each in a quarter of its own, and where they are."""
    relief = 1 + 0.04 * cloud(rng, SIDE, SIDE, 0.6)
    wall = rng.uniform((175, 165, 145), (225, 215, 200)) * (relief * shade(rng, SIDE, SIDE, 0.12))[..., None]
    scene = from_array(wall.astype(np.float32))
    pen, half = ImageDraw.Draw(scene), SIDE // 2
    places: dict[str, Box] = {}
    for quarter, name in enumerate(rng.permutation(list(THINGS))):
        draw, width, height = THINGS[str(name)]
        left = quarter % 2 * half + int(rng.integers(30, half - width - 29))
        top = quarter // 2 * half + int(rng.integers(20, half - height - 29))
        places[str(name)] = (left, top, left + width, top + height)
        draw(pen, places[str(name)])
    return scene, places
