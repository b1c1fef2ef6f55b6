"""Gathers the tokens of all modalities of a turn, in the shared space, into one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.fusion.projection import SharedSpace
from assistant.types import MODALITIES, Encoding, FloatArray

__all__ = ["Gathered", "gather"]


@dataclass(frozen=True, eq=False)
class Gathered:
    """The tokens of a turn, ready for `FusionInput`."""

    tokens: FloatArray
    """(n, 384), float32, unit length"""
    modalities: NDArray[np.int64]
    """(n,): index into `MODALITIES`"""
    mask: NDArray[np.bool_]
    """(n,): False where a row is padding"""
    labels: tuple[str, ...]
    """(n): word piece, patch or second; "" where the encoder gave none"""


def gather(encodings: Sequence[Encoding], space: SharedSpace) -> Gathered:
    """Tokens of all encodings whose encoder's tokens the shared space knows.

    A spoken clip has none: only a whole clip can be placed, and its words are there as words.

    Of several encoders of one modality, all are taken: English words are then there twice, once as each
    encoder reads them. An encoding without tokens gives its pooled vector as its only token.
    """
    rows, modalities, masks = [], [], []
    labels: list[str] = []
    for encoding in encodings:
        if encoding.encoder not in space.token_encoders:
            continue
        tokens, mask = encoding.tokens, encoding.mask
        if not len(tokens):
            tokens, mask = encoding.pooled[None], np.ones(1, np.bool_)
        rows.append(space.project(encoding.encoder, tokens))
        modalities.append(np.full(len(tokens), MODALITIES.index(encoding.modality), np.int64))
        masks.append(mask.astype(np.bool_))
        labels += encoding.labels if len(encoding.labels) == len(tokens) else [""] * len(tokens)
    if not rows:
        empty = np.zeros((0, space.dimension), np.float32)
        return Gathered(empty, np.zeros(0, np.int64), np.zeros(0, np.bool_), ())
    return Gathered(np.concatenate(rows), np.concatenate(modalities), np.concatenate(masks), tuple(labels))
