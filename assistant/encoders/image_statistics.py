"""Measures a picture without recognising anything in it: colours, brightness, edges, print, symmetry.

A network trained on everyday photographs says little about print, drawings, scans and close-ups without an object:
to it they are all "a thing it does not know". These few numbers tell such pictures apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assistant.types import Encoding, FloatArray, Modality, Picture

__all__ = ["STATISTICS", "StatisticsEncoder", "statistics"]

STATISTICS = (
    "saturation",  # mean saturation
    "saturation_spread",  # its standard deviation, doubled
    "grey",  # share of pixels with all but no colour
    "vivid",  # share of pixels of strong colour
    "brightness",  # mean luminance
    "contrast",  # its standard deviation, doubled
    "shadows",  # share of pixels in the darkest quarter of the range
    "dark_tones",  # … in the second
    "light_tones",  # … in the third
    "highlights",  # … in the brightest
    "near_black",  # share of pixels below a tenth in every channel
    "near_white",  # share of pixels above nine tenths in every channel
    "warm_tones",  # share of pixels with a hue from red to orange, neither pale nor vivid nor dark
    "red",  # share of coloured pixels that are red or pink
    "yellow",  # … orange or yellow
    "green",  # … green
    "blue",  # … blue or violet
    "hue_variety",  # entropy of the hues over its maximum
    "palette",  # share of 64 coarse colours that occur: a drawing has few, a photograph many
    "edges",  # share of pixels on an edge
    "upright_edges",  # share of edge strength that runs exactly level or upright: print, screens, tables
    "dark_strokes",  # share of thin marks darker than their surroundings: print on paper
    "light_strokes",  # share of thin marks lighter than their surroundings: print on a screen, fine light lines
    "text_rows",  # how much thin marks bunch in rows
    "flat",  # share of small blocks without any texture: drawings, screens, paper
    "symmetry",  # correlation of the left half with the mirrored right half, 0.5 when there is none
    "plain_border",  # 1 when the border has one colour
    "centre",  # how much the middle differs in brightness from the border
    "sharpness",  # fine detail against coarse
    "width",  # width over width plus height
)
"""the numbers' names, in order"""

COLOUR_SIDE, DETAIL_SIDE = 96, 384
"""pixels of the longer side at which colours and fine marks are measured"""


class StatisticsEncoder:
    """Looks without a network: no weights, some milliseconds. One token, equal to pooled."""

    name = "image-statistics"
    modality: Modality = "image"
    dimension = len(STATISTICS)

    def load(self) -> None:
        """There is nothing to load."""

    def encode(self, inputs: Sequence[Picture]) -> list[Encoding]:
        """Measure pictures; one encoding each, in order."""
        rows = [statistics(picture) for picture in inputs]
        return [Encoding("image", self.name, row[None], np.ones(1, np.bool_), row, "", ("picture",)) for row in rows]


def statistics(picture: Picture) -> FloatArray:
    """Measure a picture.

    Returns:
        (30,), float32, each from 0 to 1, named by `STATISTICS`.
    """
    pixels = _scaled(_at_most(picture.image, COLOUR_SIDE))
    grey = _scaled(_at_most(picture.image, DETAIL_SIDE).convert("L"))
    width, height = picture.image.size
    fine, coarse = _blur(grey, 3), _blur(grey, 11)
    shapes = [*_edges(fine), *_strokes(grey - coarse), *_layout(grey, fine, coarse)]
    numbers = [*_colours(pixels), *shapes, width / (width + height)]
    return np.clip(np.asarray(numbers, np.float32), 0, 1)


def _at_most(image: Image.Image, side: int) -> Image.Image:
    scale = min(1.0, side / max(image.size))
    size = (max(4, round(image.width * scale)), max(4, round(image.height * scale)))
    return image if size == image.size else image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)


def _scaled(image: Image.Image) -> FloatArray:
    scaled: FloatArray = np.divide(np.asarray(image), 255, dtype=np.float32)
    return scaled


def _colours(pixels: FloatArray) -> list[float]:
    highest, lowest = pixels.max(-1), pixels.min(-1)
    spread = highest - lowest
    saturation = spread / np.maximum(highest, 0.05)
    luminance = pixels @ np.asarray([0.299, 0.587, 0.114], np.float32)
    tones = np.histogram(luminance, 4, (0, 1))[0] / luminance.size
    hue = _hue(pixels, highest, spread)
    coloured = spread > 0.12
    hues = np.histogram(hue[coloured], 12, (0, 1))[0] / max(int(coloured.sum()), 1)
    weight = float(coloured.mean())
    warm = coloured & ((hue < 0.12) | (hue > 0.97)) & (saturation > 0.15) & (saturation < 0.7) & (highest > 0.25)
    coarse = np.minimum((pixels * 4).astype(np.int64), 3) @ np.asarray([16, 4, 1])
    palette = np.bincount(coarse.ravel(), minlength=64) / coarse.size
    return [
        float(saturation.mean()),
        2 * float(saturation.std()),
        float((spread < 0.05).mean()),
        float(((saturation > 0.5) & (highest > 0.3)).mean()),
        float(luminance.mean()),
        2 * float(luminance.std()),
        *tones.tolist(),
        float((highest < 0.1).mean()),
        float((lowest > 0.9).mean()),
        float(warm.mean()),
        weight * float(hues[[11, 0]].sum()),
        weight * float(hues[1:3].sum()),
        weight * float(hues[3:6].sum()),
        weight * float(hues[6:11].sum()),
        float(-(hues * np.log(np.maximum(hues, 1e-9))).sum() / np.log(12)),
        float((palette > 0.002).mean()),
    ]


def _hue(pixels: FloatArray, highest: FloatArray, spread: FloatArray) -> FloatArray:
    """Hue on the colour circle: 0 red, a third green, two thirds blue."""
    red, green, blue = np.moveaxis(pixels, -1, 0)
    safe = np.maximum(spread, 1e-6)
    from_red = ((green - blue) / safe) % 6
    from_green = (blue - red) / safe + 2
    from_blue = (red - green) / safe + 4
    sixths = np.where(highest == red, from_red, np.where(highest == green, from_green, from_blue))
    hue: FloatArray = (sixths / 6).astype(np.float32)
    return hue


def _edges(blurred: FloatArray) -> list[float]:
    across, down = np.gradient(blurred)[::-1]
    strength = np.hypot(across, down)
    angle = np.minimum(np.abs(across), np.abs(down)) / np.maximum(strength, 1e-6)
    upright = float(strength[angle < 0.1].sum() / max(float(strength.sum()), 1e-6))
    return [2 * float((strength > 0.06).mean()), upright]


def _strokes(difference: FloatArray) -> list[float]:
    dark, light = difference < -0.12, difference > 0.12
    rows = (dark if dark.sum() >= light.sum() else light).mean(1)
    bunching = float(np.abs(np.diff(rows)).mean() / max(float(rows.mean()), 0.01))
    return [2 * float(dark.mean()), 2 * float(light.mean()), bunching]


def _layout(grey: FloatArray, blurred: FloatArray, more_blurred: FloatArray) -> list[float]:
    height, width = grey.shape
    blocks = (
        grey[: height // 8 * 8, : width // 8 * 8].reshape(height // 8, 8, width // 8, 8)
        if min(height, width) >= 8
        else None
    )
    flat = float((blocks.std((1, 3)) < 0.012).mean()) if blocks is not None else 0.0
    half = width // 2
    left, right = grey[:, :half], grey[:, ::-1][:, :half]
    ring = max(1, min(height, width) // 12)
    border = np.concatenate(
        [grey[:ring].ravel(), grey[-ring:].ravel(), grey[:, :ring].ravel(), grey[:, -ring:].ravel()]
    )
    middle = grey[height // 3 : -(height // 3) or None, width // 3 : -(width // 3) or None]
    fine = float(np.abs(grey - blurred).mean())
    coarse = float(np.abs(blurred - more_blurred).mean())
    return [
        flat,
        (_correlation(left, right) + 1) / 2,
        1 - 4 * float(border.std()),
        abs(float(middle.mean()) - float(border.mean())),
        fine / max(fine + coarse, 1e-3),
    ]


def _correlation(one: FloatArray, other: FloatArray) -> float:
    a, b = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 1e-6 else 0.0


def _blur(grey: FloatArray, size: int) -> FloatArray:
    """Mean over a square of odd `size`, the border repeated."""
    return _slide(_slide(grey, size).T, size).T


def _slide(rows: FloatArray, size: int) -> NDArray[np.float32]:
    padded = np.pad(rows, ((size // 2 + 1, size // 2), (0, 0)), mode="edge")
    sums = np.cumsum(padded, 0, dtype=np.float64)
    return ((sums[size:] - sums[:-size]) / size).astype(np.float32)
