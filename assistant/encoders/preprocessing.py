"""Pictures to the tensors that vision networks take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from assistant.types import FloatArray

__all__ = ["Preprocessing", "center_crop", "normalise", "resize_shorter_side"]


def resize_shorter_side(image: Image.Image, side: int, resample: int = Image.Resampling.BICUBIC) -> Image.Image:
    """Resize so that the shorter side has `side` pixels; the proportions stay, and no side falls below 1."""
    scale = side / min(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    # A first, integer reduction costs little and takes the bulk off a large photo.
    return image.resize((width, height), Image.Resampling(resample), reducing_gap=3.0)


def center_crop(image: Image.Image, width: int, height: int) -> Image.Image:
    """Cut the middle out; where the picture is smaller, the rest is black."""
    left, top = round((image.width - width) / 2), round((image.height - height) / 2)
    return image.crop((left, top, left + width, top + height))


def normalise(image: Image.Image, mean: Sequence[float], std: Sequence[float], scale: float = 1 / 255) -> FloatArray:
    """RGB to (3, height, width), float32: ``(pixel · scale − mean) / std`` per channel."""
    pixels = np.asarray(image.convert("RGB"), np.float32)
    offset, spread = np.asarray(mean, np.float32), np.asarray(std, np.float32)
    scaled = (pixels * np.float32(scale) - offset) / spread
    return np.ascontiguousarray(scaled.transpose(2, 0, 1), np.float32)


@dataclass(frozen=True)
class Preprocessing:
    """How a network wants its pictures."""

    width: int
    height: int
    """pixels the network sees"""
    shorter_side: int
    """pixels to which the shorter side is resized before the middle is cut out"""
    mean: tuple[float, ...] = (0.5, 0.5, 0.5)
    std: tuple[float, ...] = (0.5, 0.5, 0.5)
    scale: float = 1 / 255
    resample: int = int(Image.Resampling.BICUBIC)
    """a `PIL.Image.Resampling`"""

    def __call__(self, image: Image.Image) -> FloatArray:
        """An RGB picture to (3, height, width), float32."""
        resized = resize_shorter_side(image, self.shorter_side, self.resample)
        cut = center_crop(resized, self.width, self.height)
        return normalise(cut, self.mean, self.std, self.scale)
