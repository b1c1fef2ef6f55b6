"""Compares two pictures by what is seen of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .describing import joined
from .looking import View
from .wording import Language, say

__all__ = ["compare"]

SIDE = 64
"""pixels of the squares that are compared"""
ALIKE = 0.03
"""mean difference of pixels, 0 to 1, below which two pictures are almost the same"""
BRIGHTER = 0.06
"""difference in mean brightness that is told, 0 to 1"""


def compare(one: View, other: View, described: Sequence[str], language: Language) -> str:
    """Describes what two pictures have in common, and what each shows.

    Args:
        described: both, in sentences.
    """
    if one.picture.digest == other.picture.digest:
        return joined([say("same_picture", language), described[0]], language)
    difference = float(np.abs(_small(one) - _small(other)).mean())
    if difference < ALIKE and not (one.blank or other.blank):
        percent = max(round(100 * difference, 1), 0.1)
        return joined([say("nearly_same", language, percent=percent), described[0]], language)
    lines = [say(key, language) + text for key, text in zip(("first", "second"), described, strict=True)]
    there = [seen.thing for seen in other.seen if seen.sure]
    both = [seen.thing for seen in one.seen if seen.sure and seen.thing in there]
    if both:
        lines.append(say("both_show", language, thing=both[0].named(language)))
    lines.append(_lighter(one, other, language))
    return "\n".join(lines)


def _small(view: View) -> NDArray[np.float32]:
    image = view.picture.image.resize((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    scaled: NDArray[np.float32] = np.divide(np.asarray(image), 255, dtype=np.float32)
    return scaled


def _lighter(one: View, other: View, language: Language) -> str:
    difference = one.brightness - other.brightness
    if abs(difference) < BRIGHTER:
        return say("as_bright", language)
    which = "which_first" if difference > 0 else "which_second"
    light = sorted((one.brightness, other.brightness), reverse=True)
    return say("brighter", language, which=say(which, language), one=round(100 * light[0]), other=round(100 * light[1]))
