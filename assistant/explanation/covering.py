"""Where in a picture the evidence lies: cover each part, look again, and see how much less sure the picture makes.

Occlusion (Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2). Taking
away what it finds hurts more than taking away what Grad-CAM finds: the detectors also read plain statistics of the
whole picture, and each cell of a network's last map has seen far beyond itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from assistant.encoders.encoder import Encoder
from assistant.explanation.contrast import Decide, log_odds
from assistant.explanation.findings import Heat
from assistant.types import Encoding, Picture

__all__ = ["GRID", "attribute_regions", "field_of", "seen_by"]

GRID = 7
"""parts across and down"""
OVERLAP = 0.5
"""of a part, by which its cover reaches over its edges"""
SHORT_SIDE = 288
"""pixels: a larger picture is made smaller first, which no encoder notices"""
Box = tuple[float, float, float, float]


def attribute_regions(
    decide: Decide, picture: Picture, encoders: Sequence[Encoder], intent: str, number: int = 0
) -> Heat:
    """Weighs the parts of one picture, looked at on its own by the encoders of the turn; `number` says which it is."""
    small = _shrunk(picture)
    box = field_of(encoders, picture.image.size)
    covered = [Picture(_cover(small.image, box, row, column)) for row in range(GRID) for column in range(GRID)]
    # What is computed for an explanation need not be remembered.
    looks = [getattr(encoder, "inner", encoder).encode([small, *covered]) for encoder in encoders]
    odds = np.array([log_odds(decide(seen), intent) for seen in zip(*looks, strict=True)], np.float32)
    return Heat(number, (odds[0] - odds[1:]).reshape(GRID, GRID), box)


def field_of(encoders: Sequence[Encoder], size: tuple[int, int]) -> Box:
    """What of a picture of this size the encoders see, as shares: the whole, unless one says less."""
    for encoder in encoders:
        if (field := getattr(getattr(encoder, "inner", encoder), "field", None)) is not None:
            box: Box = field(size)
            return box
    return 0.0, 0.0, 1.0, 1.0


def seen_by(encodings: Sequence[Encoding], encoders: Mapping[str, Encoder]) -> list[Encoder]:
    """The image encoders that took part in a turn."""
    names = dict.fromkeys(e.encoder for e in encodings if e.modality == "image")
    return [encoders[name] for name in names if name in encoders]


def _shrunk(picture: Picture) -> Picture:
    scale = min(1.0, SHORT_SIDE / min(picture.image.size))
    size = (max(1, round(picture.image.width * scale)), max(1, round(picture.image.height * scale)))
    return Picture(picture.image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))


def _cover(image: Image.Image, box: Box, row: int, column: int) -> Image.Image:
    """The picture with its own mean colour over one part and half of the parts around it."""
    width, height = (box[2] - box[0]) / GRID, (box[3] - box[1]) / GRID
    left, top = box[0] + (column - OVERLAP) * width, box[1] + (row - OVERLAP) * height
    area = (
        max(0, int(left * image.width)),
        max(0, int(top * image.height)),
        min(image.width, int((left + (1 + 2 * OVERLAP) * width) * image.width) + 1),
        min(image.height, int((top + (1 + 2 * OVERLAP) * height) * image.height) + 1),
    )
    red, green, blue = (round(float(c)) for c in np.asarray(image.convert("RGB"), np.float32).mean(axis=(0, 1)))
    covered = image.convert("RGB")
    covered.paste((red, green, blue), area)
    return covered
