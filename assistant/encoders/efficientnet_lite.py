"""EfficientNet-Lite0 (Tan and Le 2019, https://arxiv.org/abs/1905.11946; Lite: no squeeze-and-excitation, ReLU6).

The names of the tensors are those of the public checkpoint (`efficientnet_lite_pytorch`), converted from
TensorFlow: padding is TensorFlow's SAME, one pixel more on the right and below where a stride is 2. Each
batch normalisation is folded into the convolution before it when the weights are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from assistant.encoders.unfilled import unfilled

__all__ = ["EfficientNetLite0"]

BATCH_NORM_EPS = 1e-3
FEATURES = 1280
CLASSES = 1000


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


class _Convolution(nn.Module):
    """A convolution with its batch normalisation folded in, and ReLU6 unless it is linear."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, linear: bool = False
    ) -> None:
        super().__init__()
        total = kernel - stride  # what TensorFlow's SAME pads in all, for even inputs
        self.padding = (total // 2, total - total // 2) * 2 if stride > 1 else ()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2 if stride == 1 else 0, groups=groups)
        self.linear = linear

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(functional.pad(x, self.padding) if self.padding else x)
        return x if self.linear else functional.relu6(x, inplace=True)


class _Block(nn.Module):
    """An inverted residual: widen, convolve each channel by itself, narrow."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = _Convolution(inputs, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = _Convolution(wide, wide, kernel, stride, groups=wide)
        self.project = _Convolution(wide, outputs, 1, linear=True)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.project(self.depthwise(self.expand(x)))
        return out + x if self.residual else out


class EfficientNetLite0(nn.Module):
    """The network: pictures of 224 by 224 pixels to a grid of features, and to ImageNet's thousand classes."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _Convolution(3, 32, 3, 2)
        blocks: list[_Block] = []
        channels = 32
        for stage in _STAGES:
            for index in range(stage.repeats):
                stride = stage.stride if index == 0 else 1
                blocks.append(_Block(channels, stage.channels, stage.kernel, stride, stage.expansion))
                channels = stage.channels
        self.blocks = nn.ModuleList(blocks)
        self.head = _Convolution(channels, FEATURES, 1)
        self.classifier = nn.Linear(FEATURES, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, 3, 224, 224), float32 from -1 to 1, to (batch, 1280, 7, 7), float32 from 0 to 6."""
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        out: Tensor = self.head(x)
        return out

    @classmethod
    def from_weights(cls, weights: Mapping[str, Tensor]) -> EfficientNetLite0:
        """Build it from the public checkpoint's tensors.

        Raises:
            KeyError: a tensor is missing.
            RuntimeError: a tensor has another shape.
        """
        with unfilled():
            network = cls()
        network.load_state_dict(_fold(weights), assign=True)
        return network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _fold(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    folded = {"classifier.weight": weights["_fc.weight"].float(), "classifier.bias": weights["_fc.bias"].float()}

    def fold(ours: str, conv: str, norm: str) -> None:
        gain = weights[f"{norm}.weight"] * torch.rsqrt(weights[f"{norm}.running_var"] + BATCH_NORM_EPS)
        folded[f"{ours}.conv.weight"] = weights[f"{conv}.weight"] * gain[:, None, None, None]
        folded[f"{ours}.conv.bias"] = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain

    fold("stem", "_conv_stem", "_bn0")
    for index in range(sum(stage.repeats for stage in _STAGES)):
        ours, theirs = f"blocks.{index}", f"_blocks.{index}"
        if index > 0:  # the first block does not widen
            fold(f"{ours}.expand", f"{theirs}._expand_conv", f"{theirs}._bn0")
        fold(f"{ours}.depthwise", f"{theirs}._depthwise_conv", f"{theirs}._bn1")
        fold(f"{ours}.project", f"{theirs}._project_conv", f"{theirs}._bn2")
    fold("head", "_conv_head", "_bn1")
    return folded
