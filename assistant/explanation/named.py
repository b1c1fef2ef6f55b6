"""Locates the thing that the words name in a picture: attention from words through classes to parts.

The words attend to the thousand classes that the picture encoder knows (scaled dot-product attention, Vaswani et al.
2017, equation 1; the keys are the classes' names in the space of the encoder that read the words), and what they find
is looked for in every part of the picture (class activation mapping, Zhou et al. 2016, https://arxiv.org/abs/1512.04150).
Comparing words and parts in the shared space itself lands on the thing less often: a part that shows several classes
a little lies nowhere in particular there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from assistant.encoders.encoder import Encoder, unit
from assistant.encoders.vision import GRID, imagenet_names
from assistant.explanation.covering import field_of
from assistant.explanation.findings import Heat
from assistant.fusion.projection import ANCHOR, CLASSIFIED, SharedSpace
from assistant.types import Encoding, FloatArray, Turn

__all__ = ["attend", "find_named", "named_classes"]

SHARPNESS = 20.0
"""of the words' attention to classes, against cosine similarity"""
NAMED, NAMED_ABROAD = 0.45, 0.36
"""cosine similarity from which words name a class: read by the English encoder, and by another"""
SEEN = 5.0
"""logits of the named classes in the best part, from which the picture shows the thing at all"""


def find_named(turn: Turn, encodings: Sequence[Encoding], encoders: Mapping[str, Encoder]) -> tuple[Heat, ...]:
    """A heat for each picture that shows what the turn's words name; () where they name nothing the encoder knows.

    Raises:
        ModelUnavailable: the weights of the shared space are missing.
    """
    seen = [encoding for encoding in encodings if encoding.encoder == CLASSIFIED]
    if not seen or len(seen) != len(turn.images):
        return ()
    space = SharedSpace()
    shares = named_classes(encodings, encoders, space)
    if shares is None:
        return ()
    thing = imagenet_names()[int(np.argmax(shares))]
    found = [(number, attend(shares, each, space)) for number, each in enumerate(seen)]
    looking = [encoders[CLASSIFIED]] if CLASSIFIED in encoders else []
    return tuple(
        Heat(number, grid - grid.mean(), field_of(looking, turn.images[number].image.size), thing)
        for number, grid in found
        if grid.max() >= SEEN
    )


def named_classes(
    encodings: Sequence[Encoding], encoders: Mapping[str, Encoder], space: SharedSpace
) -> FloatArray | None:
    """(1000,): how far the words of a turn mean each class, 1 in all; None where they name none."""
    words = [each for each in encodings if each.modality != "image" and each.text and each.encoder in encoders]
    for each in sorted(words, key=lambda each: each.encoder != ANCHOR):
        if each.encoder == ANCHOR and space.classes is not None:
            similarity, least = unit(space.classes.vectors) @ unit(each.pooled), NAMED
        else:
            names = np.stack([name.pooled for name in encoders[each.encoder].encode(imagenet_names())])
            middle = names.mean(axis=0)
            similarity, least = unit(names - middle) @ unit(each.pooled - middle), NAMED_ABROAD
        if similarity.max() >= least:
            exponents = np.exp(SHARPNESS * (similarity - similarity.max()))
            shares: FloatArray = exponents / exponents.sum()
            return shares
    return None


def attend(shares: FloatArray, picture: Encoding, space: SharedSpace) -> FloatArray:
    """(7, 7): logits of the named classes in each part of a picture, seen by `CLASSIFIED`."""
    assert space.classes is not None
    evidence: FloatArray = (space.classes.logits(picture.tokens) @ shares).astype(np.float32)
    return evidence.reshape(GRID, GRID)
