"""Judges whether a photo is good enough."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assistant.types import Picture

__all__ = ["PictureProblem", "picture_problem", "sharpness"]

PictureProblem = Literal["", "small", "dark", "bright", "blurred"]

WORKING_EDGE = 512
"""longer edge in pixels at which pictures are compared"""
SMALLEST_EDGE = 96
DARK, BRIGHT = 30.0, 245.0
"""mean grey levels, 0 to 255, beyond which little can be made out"""


def sharpness(picture: Picture) -> float:
    """Variance of the Laplacian of the grey picture scaled to `WORKING_EDGE`.

    Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy" (ICPR 2000).

    Returns:
        0 for a plain surface; a sharp photo of goods has 150 and more, blurred by 4 pixels at most 5.
    """
    grey = _grey(picture)
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4.0 * grey[1:-1, 1:-1]
    return float(laplacian.var()) if laplacian.size else 0.0


def picture_problem(picture: Picture, blurred: float = 20.0) -> PictureProblem:
    """Why a photo cannot be judged; "" if it can.

    Args:
        blurred: the `sharpness` below which it counts as blurred; what is soft by nature needs less.
    """
    if min(picture.image.size) < SMALLEST_EDGE:
        return "small"
    light = float(_grey(picture).mean())
    if light < DARK:
        return "dark"
    if light > BRIGHT:
        return "bright"
    return "blurred" if sharpness(picture) < blurred else ""


def _grey(picture: Picture) -> NDArray[np.float64]:
    grey = picture.image.convert("L")
    grey.thumbnail((WORKING_EDGE, WORKING_EDGE), Image.Resampling.BILINEAR)
    return np.asarray(grey, dtype=np.float64)
