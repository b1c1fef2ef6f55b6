"""Where in a picture the evidence lies: gradient times activation on the encoder's last feature map.

Grad-CAM (Selvaraju et al. 2017, equations 1 and 2) weighs each cell of the last feature map by its activations
times the gradient of the winner. As for words, the gradient is integrated while the cell's activations fade to
nothing, which makes the weight a difference: of the winner's log-odds with the cell and without. It goes through
the pooling, the detectors and phrases of `assistant.fusion.pictures`, and the fusion.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.explanation.contrast import Decide, log_odds
from assistant.types import Encoding, FloatArray

__all__ = ["attribute_patches"]

_PLACE = re.compile(r"(\d+),(\d+)")


def attribute_patches(decide: Decide, encodings: Sequence[Encoding], intent: str) -> list[tuple[str, FloatArray]]:
    """Weigh the patches of every picture.

    Args:
        decide: the model.
        encodings: of the whole turn.
        intent: what the patches are to speak for.

    Returns:
        Per encoding whose tokens lie on a grid, in order: the encoder, and (rows, columns) float32, nats.
    """
    whole = log_odds(decide(encodings), intent)
    found: list[tuple[str, FloatArray]] = []
    for index, encoding in enumerate(encodings):
        places = [_PLACE.fullmatch(label) for label in encoding.labels]
        if encoding.modality != "image" or len(encoding.tokens) < 2 or not all(places):
            continue
        cells = np.array([[int(place[1]), int(place[2])] for place in places if place])
        grid = np.zeros(cells.max(axis=0) + 1, np.float32)
        for cell, (row, column) in enumerate(cells):
            changed = [*encodings[:index], _faded(encoding, cell), *encodings[index + 1 :]]
            grid[row, column] = whole - log_odds(decide(changed), intent)
        found.append((encoding.encoder, grid))
    return found


def _faded(encoding: Encoding, cell: int) -> Encoding:
    """The encoding as if the network had found nothing in one cell."""
    tokens = encoding.tokens.copy()
    tokens[cell] = 0.0
    pooled = encoding.pooled
    if np.allclose(encoding.tokens.mean(axis=0), pooled, atol=1e-4):  # where pooled is the cells' mean, it follows
        pooled = tokens.mean(axis=0)
    return replace(encoding, tokens=tokens, pooled=pooled)
