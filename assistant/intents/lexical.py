"""The lexical view: words, word pairs and letter groups, weighed by naive Bayes in closed form.

Frozen sentence encoders blur rare words ("contactless", "SWIFT"); a weighted log-odds vote of n-grams does not
(Monroe et al. 2008, https://doi.org/10.1093/pan/mpn018, equation 15 without the prior). It needs no optimiser.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from assistant.types import FloatArray

__all__ = ["Grams", "Lexicon", "fit_lexicon", "grams_of", "peak"]

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
    words = _WORD.findall(text[:READ].lower())
    pairs = (_hash(f"{first} {second}") for first, second in pairwise(words))
    return np.array(sorted(set(chain(pairs, *map(_within, words)))), np.int64)


@lru_cache(maxsize=20_000)
def _within(word: str) -> tuple[int, ...]:
    """Of a word and the groups of letters in it; most words come again and again."""
    framed = f"<{word}>"
    sizes = (3, 4, 5) if len(word) > 1 else ()
    groups = (framed[start : start + size] for size in sizes for start in range(len(framed) - size + 1))
    return _hash(word), *(_hash(f"#{group}") for group in groups)


def _hash(gram: str) -> int:
    return zlib.crc32(gram.encode("utf-8", "replace"))


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Weight of each n-gram for each intent."""

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


def peak(logits: FloatArray) -> FloatArray:
    """(n, k) → (n,): how far the best intent stands out of the others; 0 where no n-gram is known."""
    height: FloatArray = logits.max(axis=1) - logits.mean(axis=1)
    return height


def fit_lexicon(texts: Sequence[Grams], labels: NDArray[np.int64], classes: int) -> Lexicon | None:
    """Count; None when there is too little or too much to count."""
    vocabulary, inverse = np.unique(np.concatenate(texts), return_inverse=True)
    if classes < 2 or not len(vocabulary) or len(vocabulary) * classes > MOST_WEIGHTS:
        return None
    cells, counts = np.unique(inverse * classes + np.repeat(labels, [len(g) for g in texts]), return_counts=True)
    rows, columns = np.divmod(cells, classes)
    total = np.bincount(inverse).astype(np.float32)
    inside = np.bincount(labels, minlength=classes).astype(np.float32)
    outside = len(labels) - inside
    odds = np.log((outside + 2 * SMOOTHING) / (inside + 2 * SMOOTHING))
    # Most n-grams are never seen with most intents: only the others' counts take part there.
    weights = (odds + np.float32(np.log(SMOOTHING))) - np.log(total + SMOOTHING)[:, None]
    weights[rows, columns] = odds[columns] + np.log((counts + SMOOTHING) / (total[rows] - counts + SMOOTHING))
    weights *= np.log1p(len(labels) / total)[:, None]
    return Lexicon(vocabulary, weights.astype(np.float32))
