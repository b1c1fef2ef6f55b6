"""Pictures that we draw ourselves, so that what we ship is trained on nothing but our own work.

Every function takes a `numpy.random.Generator` and draws the same picture from the same seed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from .documents import draw_exercise, draw_page, draw_receipt
from .medical import draw_skin, draw_xray
from .objects import draw_damage, draw_scene
from .things import THINGS, draw_things

__all__ = [
    "DRAWINGS",
    "EVERYDAY_DRAWINGS",
    "THINGS",
    "WITH_THINGS",
    "draw_damage",
    "draw_exercise",
    "draw_page",
    "draw_receipt",
    "draw_scene",
    "draw_skin",
    "draw_things",
    "draw_xray",
]

DRAWINGS: dict[str, Callable[[np.random.Generator], Image.Image]] = {
    "xray": draw_xray,
    "skin": draw_skin,
    "receipt": draw_receipt,
    "exercise": draw_exercise,
    "damage": draw_damage,
}
"""one drawer per picture kind of the shipped plugins"""
EVERYDAY_DRAWINGS: dict[str, Callable[[np.random.Generator], Image.Image]] = {"page": draw_page, "scene": draw_scene}
"""drawers of everyday pictures"""
WITH_THINGS = ("exercise", "scene")
"""drawings that may show clip art, given as a second argument"""
