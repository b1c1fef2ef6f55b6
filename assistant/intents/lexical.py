"""The lexical view: words, word pairs and letter groups, weighed by naive Bayes in closed form.

Frozen sentence encoders blur rare words ("contactless", "SWIFT"); a weighted log-odds vote of n-grams does not
(Monroe et al. 2008, https://doi.org/10.1093/pan/mpn018, equation 15 without the prior). It needs no optimiser.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.messages import FloatArray

__all__ = ["Grams", "Lexicon", "fit_lexicon", "grams_of"]

Grams = NDArray[np.int64]
"""hashes of the n-grams of one text, each once, in order"""

SMOOTHING = 0.1
MOST_WEIGHTS = 15_000_000
"""n-grams × intents; a larger table is left out"""
READ = 2_000
"""characters looked at"""

_WORD = re.compile(r"[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+|[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


def grams_of(text: str) -> Grams:
    """The n-grams of a text: words and pairs of words (Chinese: characters), and 3 to 5 letters within a word."""
    return np.array(sorted({zlib.crc32(gram.encode("utf-8", "replace")) for gram in _grams(text)}), np.int64)


def _grams(text: str) -> Iterator[str]:
    words = _WORD.findall(text[:READ].lower())
    yield from words
    for first, second in pairwise(words):
        yield f"{first} {second}"
    for word in words:
        framed = f"<{word}>"
        for size in (3, 4, 5) if len(word) > 1 else ():
            for start in range(len(framed) - size + 1):
                yield f"#{framed[start : start + size]}"


@dataclass(frozen=True, eq=False)
class Lexicon:
    """How much each n-gram speaks for each intent."""

    vocabulary: Grams
    """(v,), rising"""
    weights: FloatArray
    """(v, k)"""

    def logits(self, texts: Sequence[Grams]) -> FloatArray:
        """(n, k), float32: sums over the known n-grams, divided by the root of their number."""
        result = np.zeros((len(texts), self.weights.shape[1]), np.float32)
        for row, grams in enumerate(texts):
            at = np.searchsorted(self.vocabulary, grams)
            at[at == len(self.vocabulary)] = 0
            known = at[self.vocabulary[at] == grams] if len(self.vocabulary) else at[:0]
            if len(known):
                result[row] = self.weights[known].sum(axis=0) / np.sqrt(len(known))
        return result


def fit_lexicon(texts: Sequence[Grams], labels: NDArray[np.int64], classes: int) -> Lexicon | None:
    """Count; None when there is too little or too much to count."""
    vocabulary, inverse = np.unique(np.concatenate(texts), return_inverse=True)
    if classes < 2 or not len(vocabulary) or len(vocabulary) * classes > MOST_WEIGHTS:
        return None
    cells = inverse * classes + np.repeat(labels, [len(grams) for grams in texts])
    counts = np.bincount(cells, minlength=len(vocabulary) * classes).reshape(-1, classes).astype(np.float32)
    per_class = np.bincount(labels, minlength=classes).astype(np.float32)
    total = counts.sum(axis=1, keepdims=True)
    ours = np.log((counts + SMOOTHING) / (per_class + 2 * SMOOTHING))
    others = np.log((total - counts + SMOOTHING) / (len(labels) - per_class + 2 * SMOOTHING))
    rarity = np.log1p(len(labels) / total)
    return Lexicon(vocabulary, (rarity * (ours - others)).astype(np.float32))
