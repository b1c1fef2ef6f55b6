"""Small networks over the text encoders' token states: where clauses begin, and what each does. They run in numpy.

Per word: a projection of the encoders' states, embeddings of the word, its pair with the word before, its cue and its
punctuation, and what was asked. Three residual convolutions, dilated 1, 2 and 4, see seven words to either side. A
clause is the mean and the maximum of its words, its first word, the mean of the turn, and what was asked. Several
networks of this form lie side by side along the first axis (k) of every array; what they score is averaged.
`assistant.training.clause_network` fits the weights.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.understanding.features import Piece
from assistant.understanding.linear import FloatArray, unpacked
from assistant.understanding.tokens import Word

__all__ = ["DILATIONS", "NAMES", "PAIRS", "PREFIX", "Networks", "Sight", "asked_ids", "word_ids"]

NAMES, PAIRS = 4096, 2048
"""rows of the tables of embeddings; names share a row where their hashes do"""
DILATIONS = (1, 2, 4)
"""words between the taps of each convolution"""
READ_ASKED = 24
"""words read of the open question"""
PREFIX = "networks."
"""of the names of their arrays in the weights' file"""


class Networks:
    """Score gaps and clauses.

    Args:
        weights: as `assistant.training.clause_network` names them, k networks along the first axis of each.
    """

    def __init__(self, weights: Mapping[str, FloatArray]) -> None:
        self._weights = dict(weights)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Networks | None:
        """Read the arrays whose names begin with `PREFIX`; None where there is no network."""
        names = [name for name in arrays if name.startswith(PREFIX) and not name.endswith(".scale")]
        return cls({name.removeprefix(PREFIX): unpacked(arrays, name) for name in names}) if names else None

    def see(self, words: Sequence[Word], tags: Sequence[str], asked: Piece | None, states: FloatArray) -> Sight:
        """Run the networks on a turn.

        Args:
            words: of the turn, at least one.
            tags: their cues.
            asked: the open question.
            states: (n, 896), see `assistant.understanding.states`.
        """
        table, question = self._weights["names"], self._question(asked)
        names, pairs = word_ids(words, tags)
        clues = np.concatenate([*(table[:, column] for column in names.T), self._weights["pairs"][:, pairs]], axis=2)
        x = states @ self._weights["states"] + self._linear("clues", clues) + question[:, None]
        x = self._norm("norm", _gelu(x))
        for at, dilation in enumerate(DILATIONS):
            x = x + _gelu(self._convolve(f"convolutions.{at}", self._norm(f"norms.{at}", x), dilation))
        return Sight(self, self._norm("last", x), question)

    def gaps(self, words: FloatArray) -> FloatArray:
        """(k, n - 1): logits that a new clause begins with each word but the first, from `Sight.words`."""
        pairs = np.concatenate([words[:, :-1], words[:, 1:]], axis=2)
        return self._linear("gap", _gelu(self._linear("sides", pairs)))[..., 0]

    def clauses(self, words: FloatArray, asked: FloatArray, begins: Sequence[int]) -> FloatArray:
        """(k, clauses, values): logits of all values of all fields, for clauses that begin at these words and word 0.

        The first two are `Sight.words` and `Sight.asked`.
        """
        edges = [0, *begins]
        sizes = np.diff([*edges, words.shape[1]])[:, None].astype(np.float32)
        whole = np.concatenate([words.mean(axis=1), asked], axis=1)[:, None]
        parts = [
            np.maximum.reduceat(words, edges, axis=1),
            np.add.reduceat(words, edges, axis=1) / sizes,
            words[:, edges],
            np.broadcast_to(whole, (len(words), len(edges), whole.shape[2])),
        ]
        return self._linear("fields", _gelu(self._linear("clause", np.concatenate(parts, axis=2))))

    def _question(self, asked: Piece | None) -> FloatArray:
        """(k, d)"""
        if asked is None:
            return self._weights["unasked"]
        both = np.concatenate([*(self._weights["names"][:, column] for column in asked_ids(asked).T)], axis=2)
        return self._linear("asked", np.concatenate([both.mean(axis=1), both[:, 0]], axis=1)[:, None])[:, 0]

    def _linear(self, name: str, x: FloatArray) -> FloatArray:
        y: FloatArray = x @ self._weights[name] + self._weights[f"{name}.bias"][:, None]
        return y

    def _norm(self, name: str, x: FloatArray) -> FloatArray:
        share = np.float32(1 / x.shape[-1])
        centred = x - np.add.reduce(x, axis=-1, keepdims=True) * share
        scale = np.sqrt(np.add.reduce(centred * centred, axis=-1, keepdims=True) * share + np.float32(1e-5))
        y: FloatArray = centred / scale * self._weights[name][:, None] + self._weights[f"{name}.bias"][:, None]
        return y

    def _convolve(self, name: str, x: FloatArray, dilation: int) -> FloatArray:
        """Three taps; outside the turn are zeros."""
        count, size, width = x.shape
        taps = np.zeros((count, size, 3, width), np.float32)
        taps[:, dilation:, 0] = x[:, : max(0, size - dilation)]
        taps[:, :, 1] = x
        taps[:, : max(0, size - dilation), 2] = x[:, dilation:]
        return self._linear(name, taps.reshape(count, size, 3 * width))


@dataclass(frozen=True)
class Sight:
    """A turn as the networks see it, from which gaps and clauses are scored."""

    networks: Networks
    words: FloatArray
    """(k, n, d)"""
    asked: FloatArray
    """(k, d)"""

    def gaps(self) -> FloatArray:
        """See `Networks.gaps`; the mean over the networks."""
        scores: FloatArray = self.networks.gaps(self.words).mean(axis=0)
        return scores

    def clauses(self, begins: Sequence[int]) -> FloatArray:
        """See `Networks.clauses`; the mean over the networks."""
        scores: FloatArray = self.networks.clauses(self.words, self.asked, begins).mean(axis=0)
        return scores


def word_ids(words: Sequence[Word], tags: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows of the tables for each word: (n, 3) for the word, its cue and the punctuation behind it; (n,) for pairs."""
    names = [
        (_row("w" + w.text), _row("k" + kind), _row("m" + w.after[:2])) for w, kind in zip(words, tags, strict=True)
    ]
    before = ["", *(word.text for word in words[:-1])]
    pairs = [_row(f"{a} {word.text}", PAIRS) for a, word in zip(before, words, strict=True)]
    return np.array(names, np.int64).reshape(-1, 3), np.array(pairs, np.int64)


def asked_ids(asked: Piece) -> NDArray[np.int64]:
    """Rows of the table for the words and cues of an open question, (n, 2)."""
    both = list(zip(asked.words, asked.tags, strict=True))[:READ_ASKED]
    return np.array([(_row("w" + word), _row("k" + kind)) for word, kind in both], np.int64)


def _row(name: str, size: int = NAMES) -> int:
    return zlib.crc32(name.encode("utf-8", "replace")) % size


def _gelu(x: FloatArray) -> FloatArray:
    """GELU by its tanh form (Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415)."""
    inner = np.float32(0.7978845608) * (x + np.float32(0.044715) * x * x * x)
    y: FloatArray = np.float32(0.5) * x * (1 + np.tanh(inner))
    return y
