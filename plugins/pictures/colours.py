"""Names colours as people do: of a whole picture, or of one thing in it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["COLOURS", "brightness", "colours_of", "is_blank", "is_grey", "main_colours"]

COLOURS: Mapping[str, str] = {
    "black": "黑色",
    "white": "白色",
    "grey": "灰色",
    "red": "红色",
    "orange": "橙色",
    "brown": "棕色",
    "beige": "米色",
    "yellow": "黄色",
    "green": "绿色",
    "blue": "蓝色",
    "purple": "紫色",
    "pink": "粉色",
}
"""English name → Chinese name"""
_INDEX = {name: place for place, name in enumerate(COLOURS)}
SIDE = 112
"""pixels of the square on which colours are measured"""
COMMON = 0.15
"""share of an area from which a colour counts among its main colours"""
SHARPER, OUTSIDE = 4, 0.25
"""exponent of a cell's share of the thing, and the share up to which a pixel counts as around it"""
SURROUNDINGS = 2.0
"""how much less a colour counts in a thing by its share around it; these three were chosen on captions of Flickr8k"""
_PLACES = np.mgrid[0:SIDE, 0:SIDE] - (SIDE - 1) / 2
_CENTRE: NDArray[np.float32] = np.exp(-((_PLACES / (0.4 * SIDE)) ** 2).sum(0)).ravel().astype(np.float32)
"""(SIDE²,): things stand in the middle of their cells' square more often than at its border"""


def _named(pixels: NDArray[np.float32]) -> NDArray[np.int64]:
    """(n, 3) RGB from 0 to 1 to (n,), places in `COLOURS`, by hue, saturation and value."""
    highest, lowest = pixels.max(-1), pixels.min(-1)
    spread = highest - lowest
    saturation = spread / np.maximum(highest, 1e-3)
    safe = np.maximum(spread, 1e-6)
    red, green, blue = pixels.T
    sixths = np.where(
        highest == red,
        ((green - blue) / safe) % 6,
        np.where(highest == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    hue = sixths * 60
    warm = (hue >= 15) & (hue < 48)
    light = highest > 0.7
    rules = (
        ("black", highest < 0.2),
        ("black", (highest < 0.3) & (saturation < 0.35)),
        ("white", (saturation < 0.14) & (highest > 0.68)),
        ("grey", saturation < 0.14),
        ("grey", (saturation < 0.22) & (highest < 0.5)),
        ("beige", warm & light & (saturation < 0.4)),
        ("brown", warm & (highest < 0.62)),
        ("brown", warm & (saturation < 0.55)),
        ("brown", ((hue < 15) | (hue >= 345)) & (highest < 0.5) & (saturation < 0.6)),
        ("pink", ((hue < 15) | (hue >= 330)) & light & (saturation < 0.5)),
        ("red", (hue < 15) | (hue >= 345)),
        ("orange", hue < 40),
        ("yellow", hue < 68),
        ("green", hue < 165),
        ("blue", hue < 258),
        ("purple", hue < 295),
    )
    names = np.full(len(pixels), _INDEX["pink"], np.int64)
    open_ = np.ones(len(pixels), np.bool_)
    for name, holds in rules:
        names[open_ & holds] = _INDEX[name]
        open_ &= ~holds
    return names


def colours_of(image: Image.Image, map_: NDArray[np.float32] | None = None) -> dict[str, float]:
    """Colour → share of a picture, or of a thing in it, 0 to 1; largest first.

    Args:
        image: RGB.
        map_: where the thing is, cells (rows, columns) over the middle square of the picture (`Services.locate`);
            None for the whole picture.
    """
    seen = image if map_ is None else image.crop(middle_of(image))
    small = seen.resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    pixels: NDArray[np.float32] = np.divide(np.asarray(small), 255, dtype=np.float32)
    names = _named(pixels.reshape(-1, 3))
    if map_ is None:
        shares = np.bincount(names, minlength=len(COLOURS)) / len(names)
    else:
        top = max(float(map_.max()), 1e-6)
        soft = Image.fromarray(map_ / top).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        cells = np.clip(np.asarray(soft, np.float32).ravel(), 0, 1)
        inside = _weighed(names, cells**SHARPER * _CENTRE)
        around = _weighed(names, np.clip(OUTSIDE - cells, 0, None))
        shares = inside * inside / np.maximum(inside + SURROUNDINGS * around, 1e-9)
        shares = shares / max(float(shares.sum()), 1e-6)
    order = np.argsort(-shares, kind="stable")
    words = list(COLOURS)
    return {words[place]: float(shares[place]) for place in order if shares[place] > 0}


def middle_of(image: Image.Image) -> tuple[int, int, int, int]:
    """The square that the picture encoder sees: left, top, right, bottom in pixels."""
    side = round(0.875 * min(image.size))
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return left, top, left + max(side, 1), top + max(side, 1)


def main_colours(shares: Mapping[str, float], most: int = 2) -> list[str]:
    """The colours that make up an area, largest first."""
    return [name for name, share in list(shares.items())[:most] if share >= COMMON]


def is_grey(image: Image.Image) -> bool:
    """Returns whether a picture has no colours."""
    small = np.asarray(image.resize((64, 64), Image.Resampling.BOX, reducing_gap=2.0), np.int16)
    return bool(np.percentile(small.max(-1) - small.min(-1), 98) < 12)


def is_blank(image: Image.Image) -> bool:
    """Returns whether a picture has only one colour."""
    small = np.asarray(image.resize((64, 64), Image.Resampling.BOX, reducing_gap=2.0), np.int16).reshape(-1, 3)
    return bool((small.max(0) - small.min(0)).max() < 16)


def brightness(image: Image.Image) -> float:
    """Mean luminance, 0 to 1."""
    return float(np.asarray(image.resize((64, 64), Image.Resampling.BOX, reducing_gap=2.0).convert("L")).mean() / 255)


def _weighed(names: NDArray[np.int64], weights: NDArray[np.float32]) -> NDArray[np.float64]:
    sums = np.bincount(names, weights=weights, minlength=len(COLOURS))
    result: NDArray[np.float64] = sums / max(float(sums.sum()), 1e-6)
    return result
