"""The words of a text, so that attention over word pieces can be shown in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = ["UNSPACED", "average", "clean", "group_pieces"]

UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f"
"""character ranges of scripts without spaces between words: Thai, Japanese kana, Chinese characters"""

# A word, number, punctuation mark, or character of an unspaced script.
_WORD = re.compile(rf"[{UNSPACED}]|[^\W_{UNSPACED}]+(?:['’\-.,][^\W_{UNSPACED}]+)*|[^\w\s]|_")


def clean(text: str) -> str:
    """Removes characters that tokenizers reject: lone surrogates become "?", NUL becomes a space."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")


def group_pieces(text: str, offsets: Sequence[tuple[int, int]]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Assigns each word piece to its word.

    Args:
        text: the text.
        offsets: start and end of each piece in the text, in order.

    Returns:
        (n,) index of each piece's word, and the words that have a piece, in order.
    """
    spans = [match.span() for match in _WORD.finditer(text)]
    groups = np.zeros(len(offsets), np.int64)
    words: list[str] = []
    at, last = 0, -1
    for index, (start, end) in enumerate(offsets):
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        if at >= len(spans) or spans[at][0] >= end:  # a character that is not a word: on its own
            words.append(text[start:end])
        elif at != last:
            words.append(text[slice(*spans[at])])
            last = at
        groups[index] = len(words) - 1
    return groups, tuple(words)


def average(rows: FloatArray, groups: NDArray[np.int64], count: int) -> FloatArray:
    """Mean of the rows of each group: (n, d) and (n,) → (count, d)."""
    sums = np.zeros((count, rows.shape[1]), np.float32)
    np.add.at(sums, groups, rows)
    sizes = np.bincount(groups, minlength=count).astype(np.float32)
    mean: FloatArray = (sums / np.maximum(sizes, 1.0)[:, None]).astype(np.float32, copy=False)
    return mean
