"""What a picture shows, in words: what its encoder's classes are called, and where those names lie among sentences.

A picture thereby has a place in the multilingual sentence space, by a convex combination of its classes' names (ConSE,
Norouzi et al. 2014, https://arxiv.org/abs/1312.5650, equation 2), and is found by the names as words. Their common
part is taken away first: every picture would otherwise be a little like every sentence about things.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from assistant.encoders.vision import imagenet_names
from assistant.fusion.class_space import ClassSpace
from assistant.fusion.projection import unit
from assistant.types import FloatArray

__all__ = ["Naming"]

NAMED = 5
"""classes at most whose names a picture is found by"""
LIKELY = 0.03
"""probability from which one is named: chosen on training pictures of Flickr8k"""


class Naming:
    """Names what pictures show.

    Args:
        classes: from pooled picture vectors to ImageNet's classes.
        encode: sentences → (n, 512), unit length, in the multilingual sentence space.
    """

    def __init__(self, classes: ClassSpace, encode: Callable[[Sequence[str]], FloatArray]) -> None:
        self._classes = classes
        self._encode = encode

    @cached_property
    def _places(self) -> FloatArray:
        places = self._encode(imagenet_names())
        centred: FloatArray = places - places.mean(axis=0)
        return centred

    def __call__(self, pooled: FloatArray) -> tuple[FloatArray, list[str]]:
        """A picture's place (512,), unit length, and the names of what it likely shows, best first.

        Args:
            pooled: (1280,), the picture encoder's vector.
        """
        shares = self._classes.probabilities(pooled[None])[0]
        best = [index for index in np.argsort(-shares)[:NAMED] if shares[index] >= LIKELY]
        place: FloatArray = unit(shares @ self._places)
        return place, [imagenet_names()[index] for index in best]
