"""Finds the rotation of a printed page by quarter turns, and its tilt, from the positions of its lines."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from assistant.types import FloatArray

__all__ = ["Page", "runs_upright"]

LEVEL = 0.5
"""degrees of tilt up to which a page counts as level, so that its boxes stay where they are"""
STEEPEST = 30.0
"""degrees; what is steeper is a mark across the page, not its tilt"""


def runs_upright(corners: FloatArray) -> bool:
    """Returns whether most of the print runs up or down the picture, so that the page lies on its side.

    Args:
        corners: (n, 4, 2), of each stretch of print: left top, right top, right bottom, left bottom, pixels.
    """
    across = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    down = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    # A single character is as tall as wide, and says nothing.
    upright, level = down > 1.5 * across, across > 1.5 * down
    return bool((down * upright).sum() > (across * level).sum())


@dataclass(frozen=True)
class Page:
    """A page as it lies in a picture."""

    quarters: int
    """quarter turns counter-clockwise after which it stands upright, 0 to 3"""
    tilt: float
    """degrees that its lines then fall to the right"""
    turned: tuple[int, int]
    """width and height of the picture after the quarter turns, pixels"""

    @classmethod
    def of(cls, corners: FloatArray, quarters: int, size: tuple[int, int]) -> Page:
        """The page behind stretches of print (n, 4, 2) in a picture of `size`, which the quarter turns make upright."""
        quarters %= 4
        turned = (size[1], size[0]) if quarters % 2 else size
        return cls(quarters, _tilt(_turn(corners, quarters, size)), turned)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page laid straight, pixels."""
        angle = math.radians(abs(self.tilt))
        width, height = self.turned
        return (
            width * math.cos(angle) + height * math.sin(angle),
            width * math.sin(angle) + height * math.cos(angle),
        )

    def straighten(self, corners: FloatArray) -> FloatArray:
        """Corners (n, 4, 2) in the picture as corners in the page laid straight, pixels."""
        size = (self.turned[1], self.turned[0]) if self.quarters % 2 else self.turned
        turned = _turn(corners, self.quarters, size)
        if not self.tilt:
            return turned
        angle = -math.radians(self.tilt)
        turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]], np.float32)
        middle, after = np.asarray(self.turned, np.float32) / 2, np.asarray(self.size, np.float32) / 2
        straight: FloatArray = ((turned - middle) @ turn + after).astype(np.float32)
        return straight


def _turn(corners: FloatArray, quarters: int, size: tuple[int, int]) -> FloatArray:
    """Corners after quarter turns counter-clockwise, beginning again at the left top."""
    x, y = corners[..., 0], corners[..., 1]
    places = ((x, y), (y, size[0] - x), (size[0] - x, size[1] - y), (size[1] - y, x))[quarters]
    turned: FloatArray = np.roll(np.stack(places, axis=-1), -quarters, axis=1).astype(np.float32)
    return turned


def _tilt(corners: FloatArray) -> float:
    """Degrees that lines fall to the right; the median over their length."""
    edges = (corners[:, 1] - corners[:, 0]) + (corners[:, 2] - corners[:, 3])
    down = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    length = np.linalg.norm(edges, axis=1) / 2
    angles = np.degrees(np.arctan2(edges[:, 1], edges[:, 0]))
    lines = (length > 3 * down) & (np.abs(angles) < STEEPEST)
    if not lines.any():
        return 0.0
    order = np.argsort(angles[lines])
    weights = np.cumsum(length[lines][order])
    tilt = float(angles[lines][order][np.searchsorted(weights, weights[-1] / 2)])
    return tilt if abs(tilt) >= LEVEL else 0.0
