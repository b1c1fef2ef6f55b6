"""A small network over the text encoders' token states: where clauses begin, and what each does. Runs in numpy.

Per word: a projection of the encoders' states, embeddings of the word, its pair with the word before, its cue and its
punctuation, and what was asked. Three residual convolutions, dilated 1, 2 and 4, see seven words to either side. A
clause is the mean and the maximum of its words, its first word, the mean of the turn, and what was asked.
`assistant.training.clause_network` fits the weights.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.understanding.features import Piece
from assistant.understanding.linear import FloatArray
from assistant.understanding.tokens import Word

__all__ = ["DILATIONS", "NAMES", "PAIRS", "ClauseNetwork", "Hidden", "Networks", "Sight", "asked_ids", "word_ids"]

NAMES, PAIRS = 4096, 2048
"""rows of the tables of embeddings; names share a row where their hashes do"""
DILATIONS = (1, 2, 4)
"""words between the taps of each convolution"""
READ_ASKED = 24
"""words read of the open question"""


@dataclass(frozen=True)
class Hidden:
    """What the network makes of a turn's words."""

    words: FloatArray
    """(n, d)"""
    asked: FloatArray
    """(d,)"""


class ClauseNetwork:
    """Scores gaps and clauses.

    Args:
        weights: as `assistant.training.clause_network` names them; float16 will do.
    """

    def __init__(self, weights: Mapping[str, NDArray[np.generic]]) -> None:
        self._weights: dict[str, FloatArray] = {name: array.astype(np.float32) for name, array in weights.items()}

    def hidden(self, words: Sequence[Word], tags: Sequence[str], asked: Piece | None, states: FloatArray) -> Hidden:
        """What clauses are scored from.

        Args:
            words: of the turn, at least one.
            tags: their cues.
            asked: the open question.
            states: (n, 896), see `assistant.understanding.states`.
        """
        table, question = self._weights["names.weight"], self._question(asked)
        names, pairs = word_ids(words, tags)
        clues = np.concatenate([*table[names.T], self._weights["pairs.weight"][pairs]], axis=1)
        x = states @ self._weights["states.weight"].T + self._linear("clues", clues) + question
        x = self._norm("norm", _gelu(x))
        for at, dilation in enumerate(DILATIONS):
            x = x + _gelu(self._convolve(f"convolutions.{at}", self._norm(f"norms.{at}", x), dilation))
        return Hidden(self._norm("last", x), question)

    def gaps(self, hidden: Hidden) -> FloatArray:
        """(n - 1,): logits that a new clause begins with each word but the first."""
        pairs = np.concatenate([hidden.words[:-1], hidden.words[1:]], axis=1)
        return self._linear("gap", _gelu(self._linear("sides", pairs)))[:, 0]

    def clauses(self, hidden: Hidden, begins: Sequence[int]) -> FloatArray:
        """(clauses, k): logits of all values of all fields, for clauses that begin at these words and at word 0."""
        edges = [0, *begins]
        sizes = np.diff([*edges, len(hidden.words)])[:, None].astype(np.float32)
        whole = np.tile(np.concatenate([hidden.words.mean(axis=0), hidden.asked]), (len(edges), 1))
        parts = [
            np.maximum.reduceat(hidden.words, edges),
            np.add.reduceat(hidden.words, edges) / sizes,
            hidden.words[edges],
            whole,
        ]
        return self._linear("fields", _gelu(self._linear("clause", np.concatenate(parts, axis=1))))

    def _question(self, asked: Piece | None) -> FloatArray:
        if asked is None:
            return self._weights["unasked"]
        rows = self._weights["names.weight"][asked_ids(asked).T]
        both = np.concatenate([*rows], axis=1)
        question: FloatArray = self._linear("asked", np.concatenate([both.mean(axis=0), both[0]])[None])[0]
        return question

    def _linear(self, name: str, x: FloatArray) -> FloatArray:
        y: FloatArray = x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]
        return y

    def _norm(self, name: str, x: FloatArray) -> FloatArray:
        centred = x - x.mean(axis=-1, keepdims=True)
        scale = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + 1e-5)
        y: FloatArray = centred / scale * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]
        return y

    def _convolve(self, name: str, x: FloatArray, dilation: int) -> FloatArray:
        """Three taps; outside the turn are zeros."""
        padded = np.pad(x, ((dilation, dilation), (0, 0)))
        taps = [padded[at * dilation : at * dilation + len(x)] for at in range(3)]
        return self._linear(name, np.concatenate(taps, axis=1))


@dataclass(frozen=True)
class Networks:
    """Several networks, whose scores are averaged."""

    parts: tuple[ClauseNetwork, ...]

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> Networks:
        """Read the arrays named ``network0.NAME``, ``network1.NAME`` and so on; none will do."""
        weights: dict[str, dict[str, NDArray[np.generic]]] = {}
        for name, array in arrays.items():
            part, _, rest = name.partition(".")
            if part.startswith("network"):
                weights.setdefault(part, {})[rest] = array
        return cls(tuple(ClauseNetwork(weights[part]) for part in sorted(weights)))

    def see(self, words: Sequence[Word], tags: Sequence[str], asked: Piece | None, states: FloatArray) -> Sight | None:
        """What the networks make of a turn, see `ClauseNetwork.hidden`; None without a network."""
        seen = tuple((part, part.hidden(words, tags, asked, states)) for part in self.parts)
        return Sight(seen) if seen else None


@dataclass(frozen=True)
class Sight:
    """A turn as the networks see it, from which gaps and clauses are scored."""

    seen: tuple[tuple[ClauseNetwork, Hidden], ...]

    def gaps(self) -> FloatArray:
        """See `ClauseNetwork.gaps`; the mean over the networks."""
        scores: FloatArray = np.mean([network.gaps(hidden) for network, hidden in self.seen], axis=0)
        return scores

    def clauses(self, begins: Sequence[int]) -> FloatArray:
        """See `ClauseNetwork.clauses`; the mean over the networks."""
        scores: FloatArray = np.mean([network.clauses(hidden, begins) for network, hidden in self.seen], axis=0)
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
