"""Whether a photo is good enough to judge."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assistant import Picture

__all__ = ["Problem", "brightness", "problem_of", "sharpness"]

Problem = Literal["", "small", "dark", "bright", "blurred"]

WORKING_EDGE = 512
"""longer edge in pixels at which pictures are compared"""
SMALLEST_EDGE = 96
DARK, BRIGHT = 30.0, 245.0
"""mean grey levels, 0 to 255, beyond which little can be made out"""
BLURRED = 8.0
"""skin and X-rays are soft by nature: sharp ones have 13 and more, blurred by 4 pixels at most 3"""


def sharpness(picture: Picture) -> float:
    """Variance of the Laplacian of the grey picture scaled to `WORKING_EDGE`.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (ICPR 2000).
    """
    grey = _grey(picture)
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4.0 * grey[1:-1, 1:-1]
    return float(laplacian.var()) if laplacian.size else 0.0


def brightness(picture: Picture) -> float:
    """Mean grey level, 0 (black) to 255 (white)."""
    return float(_grey(picture).mean())


def problem_of(picture: Picture) -> Problem:
    """What keeps a photo from being judged; "" when nothing does."""
    if min(picture.image.size) < SMALLEST_EDGE:
        return "small"
    light = brightness(picture)
    if light < DARK:
        return "dark"
    if light > BRIGHT:
        return "bright"
    return "blurred" if sharpness(picture) < BLURRED else ""


def _grey(picture: Picture) -> NDArray[np.float64]:
    grey = picture.image.convert("L")
    grey.thumbnail((WORKING_EDGE, WORKING_EDGE), Image.Resampling.BILINEAR)
    return np.asarray(grey, dtype=np.float64)
