"""Names the contents of a picture: the names of its encoder's classes, and their sentence vectors.

So a picture has a place in the multilingual sentence space, by a convex combination of its classes' names (ConSE,
Norouzi et al. 2014, https://arxiv.org/abs/1312.5650, equation 2), and is found by the names as words. Their common
part is taken away first: every picture would otherwise be a little like every sentence about things.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from assistant.encoders.encoder import unit
from assistant.encoders.vision import imagenet_names
from assistant.types import FloatArray

__all__ = ["PictureNames"]

NAMED = 5
"""classes at most whose names a picture is found by"""
LIKELY = 0.03
"""probability from which one is named: chosen on training pictures of Flickr8k"""


class PictureNames:
    """Names what pictures show.

    Args:
        encode: sentences → (n, 512), unit length, in the multilingual sentence space.
    """

    def __init__(self, encode: Callable[[Sequence[str]], FloatArray]) -> None:
        self._encode = encode

    @cached_property
    def _places(self) -> FloatArray:
        places = self._encode(imagenet_names())
        centred: FloatArray = places - places.mean(axis=0)
        return centred

    def __call__(self, shares: FloatArray) -> tuple[FloatArray, list[str]]:
        """A picture's place (512,), unit length, and the names of what it likely shows, best first.

        Args:
            shares: (1000,), 0 to 1: how probable each class of ImageNet is.
        """
        best = [index for index in np.argsort(-shares)[:NAMED] if shares[index] >= LIKELY]
        place: FloatArray = unit(shares @ self._places)
        return place, [imagenet_names()[index] for index in best]
