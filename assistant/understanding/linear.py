"""Multinomial logistic regression over named features, at run time: weights are looked up by the hash of a name."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "Linear", "hashed", "packed", "probabilities", "unpacked"]

FloatArray = NDArray[np.float32]


def hashed(name: str) -> int:
    """The 32-bit hash of a feature's name, the same on every machine."""
    return zlib.crc32(name.encode("utf-8", "replace"))


@dataclass(frozen=True, eq=False)
class Linear:
    """The weights of each known feature for each class of one or several fields."""

    hashes: NDArray[np.uint32]
    """(v,), rising: the features' names"""
    weights: FloatArray
    """(v, k)"""
    bias: FloatArray
    """(k,)"""

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> Linear:
        """Read three arrays named ``PREFIX.hashes`` and so on. Raises KeyError where one is missing."""
        weights, bias = (unpacked(arrays, f"{prefix}.{name}") for name in ("weights", "bias"))
        return cls(arrays[f"{prefix}.hashes"].astype(np.uint32), weights, bias)

    def scores(self, features: Sequence[Iterable[str]]) -> FloatArray:
        """Logits.

        Args:
            features: n times the names of what is there; unknown ones count nothing.

        Returns:
            (n, k), float32.
        """
        result = np.tile(self.bias, (len(features), 1))
        for at, names in enumerate(features):
            wanted = np.array([hashed(name) for name in names], np.uint32)
            rows = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
            known = rows[self.hashes[rows] == wanted] if len(self.hashes) else rows[:0]
            if len(known):
                result[at] += self.weights[known].sum(axis=0) / np.float32(np.sqrt(len(known)))
        return result


def probabilities(logits: FloatArray) -> FloatArray:
    """Softmax along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    shares: FloatArray = raised / raised.sum(axis=-1, keepdims=True)
    return shares


def packed(name: str, array: NDArray[np.floating]) -> dict[str, NDArray[np.generic]]:
    """The arrays for `unpacked`: one as int8, and in float16 what a step is worth in each row (along the last axis)."""
    array = array.astype(np.float32)
    scale = (np.abs(array).max(axis=-1, keepdims=True) / 127 + 1e-7).astype(np.float16)
    steps = np.clip(np.round(array / scale.astype(np.float32)), -127, 127).astype(np.int8)
    return {name: steps, f"{name}.scale": scale}


def unpacked(arrays: Mapping[str, NDArray[np.generic]], name: str) -> FloatArray:
    """An array by its name, packed or not, in float32. Raises KeyError where it is missing."""
    array, scale = arrays[name].astype(np.float32), arrays.get(f"{name}.scale")
    return array if scale is None else array * scale.astype(np.float32)
