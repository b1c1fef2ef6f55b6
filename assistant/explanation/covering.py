"""Finds the evidence in a picture: covers each part, then shows each part alone, and compares the confidence.

Occlusion (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2) alone is hardly
better than chance where the evidence is everywhere, as in a page of print: without one part, the others tell the same.
What a part tells by itself finds it there (Petsiuk et al. 2018, "RISE", section 3, with one mask a part), and the mean
over neighbours points at things rather than specks. Gradients and single cells of the network's last map find less:
the detectors also read plain statistics of the whole picture, and each cell has seen far beyond itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageFilter

from assistant.encoders.encoder import Encoder
from assistant.explanation.contrast import Decide, log_odds
from assistant.explanation.findings import Heat
from assistant.types import Encoding, FloatArray, Picture

__all__ = ["GRID", "attribute_regions", "field_of", "seen_by"]

GRID = 7
"""parts across and down"""
OVERLAP = 0.5
"""of a part, by which its cover reaches over its edges"""
SHORT_SIDE = 288
"""pixels: a larger picture is made smaller first, which no encoder notices"""
BLUR = 1 / 8
"""of the shorter side: the radius by which everything else is blurred while a part and those around it are shown"""
Box = tuple[float, float, float, float]


def attribute_regions(
    decide: Decide, picture: Picture, encoders: Sequence[Encoder], intent: str, number: int = 0
) -> Heat:
    """Weighs the parts of one picture, looked at on its own by the encoders of the turn; `number` says which it is."""
    scale = min(1.0, SHORT_SIDE / min(picture.image.size))
    size = (max(1, round(picture.image.width * scale)), max(1, round(picture.image.height * scale)))
    small = picture.image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0).convert("RGB")
    box = field_of(encoders, picture.image.size)
    blurred = small.filter(ImageFilter.GaussianBlur(BLUR * min(small.size)))
    places = [(row, column) for row in range(GRID) for column in range(GRID)]
    changed = [_cover(small, box, *place) for place in places] + [
        _only(small, blurred, box, *place) for place in places
    ]
    # What is computed for an explanation need not be remembered.
    pictures = [Picture(image) for image in (small, *changed)]
    looks = [getattr(encoder, "inner", encoder).encode(pictures) for encoder in encoders]
    odds = np.array([log_odds(decide(seen), intent) for seen in zip(*looks, strict=True)], np.float32)
    without, alone = odds[0] - odds[1 : len(places) + 1], odds[len(places) + 1 :]
    alike = without.mean() + without.std() * (alone - alone.mean()) / (alone.std() + 1e-6)
    return Heat(number, _over_neighbours(((without + alike) / 2).reshape(GRID, GRID)), box)


def field_of(encoders: Sequence[Encoder], size: tuple[int, int]) -> Box:
    """The part of a picture of this size that the encoders see, as shares; the whole, unless one says less."""
    for encoder in encoders:
        if (field := getattr(getattr(encoder, "inner", encoder), "field", None)) is not None:
            box: Box = field(size)
            return box
    return 0.0, 0.0, 1.0, 1.0


def seen_by(encodings: Sequence[Encoding], encoders: Mapping[str, Encoder]) -> list[Encoder]:
    """The image encoders that took part in a turn."""
    names = dict.fromkeys(e.encoder for e in encodings if e.modality == "image")
    return [encoders[name] for name in names if name in encoders]


def _area(size: tuple[int, int], box: Box, row: int, column: int, reach: float) -> tuple[int, int, int, int]:
    """Pixels of one part and of `reach` parts around it."""
    width, height = (box[2] - box[0]) / GRID, (box[3] - box[1]) / GRID
    left, top = box[0] + (column - reach) * width, box[1] + (row - reach) * height
    return (
        max(0, int(left * size[0])),
        max(0, int(top * size[1])),
        min(size[0], int((left + (1 + 2 * reach) * width) * size[0]) + 1),
        min(size[1], int((top + (1 + 2 * reach) * height) * size[1]) + 1),
    )


def _cover(image: Image.Image, box: Box, row: int, column: int) -> Image.Image:
    """The picture with its own mean colour over one part and half of the parts around it."""
    red, green, blue = (round(float(c)) for c in np.asarray(image, np.float32).mean(axis=(0, 1)))
    covered = image.copy()
    covered.paste((red, green, blue), _area(image.size, box, row, column, OVERLAP))
    return covered


def _only(image: Image.Image, blurred: Image.Image, box: Box, row: int, column: int) -> Image.Image:
    """The blurred picture with one part and those around it as they are."""
    area = _area(image.size, box, row, column, 1.0)
    shown = blurred.copy()
    shown.paste(image.crop(area), area[:2])
    return shown


def _over_neighbours(grid: FloatArray) -> FloatArray:
    """The mean over each part and the eight around it; the edge is repeated."""
    wide = np.pad(grid, 1, mode="edge")
    parts = [wide[row : row + GRID, column : column + GRID] for row in range(3) for column in range(3)]
    mean: FloatArray = np.mean(parts, axis=0, dtype=np.float32)
    return mean
