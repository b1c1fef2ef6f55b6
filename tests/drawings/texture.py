"""Noise, light and lens: what makes a drawing look as if a camera had seen it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

__all__ = ["Colour", "camera", "cloud", "dead_leaves", "from_array", "shade", "to_array"]

Colour = tuple[int, int, int]
Canvas = NDArray[np.float32]
"""(height, width, 3), range 0 to 255"""


def from_array(canvas: NDArray[np.float32]) -> Image.Image:
    """An RGB picture from a (h, w) or (h, w, 3) array, range 0 to 255; values outside are clipped."""
    pixels = np.clip(canvas, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2))


def to_array(image: Image.Image) -> Canvas:
    """The picture as (h, w, 3) float32, range 0 to 255."""
    return np.asarray(image.convert("RGB"), dtype=np.float32)


def cloud(rng: np.random.Generator, width: int, height: int, roughness: float = 0.5) -> Canvas:
    """Smooth random relief (height, width), mean 0, about -1 to 1: octaves of blurred noise.

    Args:
        rng: source of randomness.
        width: pixels.
        height: pixels.
        roughness: weight of each octave against the one before; 0 is smooth, 1 is sand.
    """
    total = np.zeros((height, width), np.float32)
    weight = 1.0
    cells = 3
    while cells < max(width, height) and weight > 0.02:
        grid = rng.standard_normal((cells, cells)).astype(np.float32)
        octave = Image.fromarray(grid, mode=None).resize((width, height), Image.Resampling.BICUBIC)
        total += weight * np.asarray(octave, dtype=np.float32)
        weight *= roughness
        cells *= 2
    total -= total.mean()
    return np.asarray(total / (np.abs(total).max() + 1e-6), dtype=np.float32)


def shade(rng: np.random.Generator, width: int, height: int, strength: float) -> Canvas:
    """Uneven light (height, width) around 1: a linear fall-off in a random direction."""
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j] - 0.5
    return np.asarray(1 + strength * (np.cos(angle) * x + np.sin(angle) * y) * 2, dtype=np.float32)


def dead_leaves(rng: np.random.Generator, width: int, height: int, leaves: int = 60) -> Canvas:
    """A background with the statistics of photographs: overlapping textured discs of power-law size.

    Source: Lee, Mumford and Huang 2001, "Occlusion models for natural images", section 3.
    """
    palette = rng.uniform(15, 240, (5, 1)) + rng.normal(0, rng.choice([8, 25, 60]), (5, 3))
    canvas = np.empty((height, width, 3), np.float32)
    canvas[:] = palette[0]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for _ in range(leaves):
        radius = min(width, height) * min(0.8, 0.04 / rng.uniform(0.05, 1.0))
        centre_x, centre_y = rng.uniform(0, width), rng.uniform(0, height)
        squeeze, turn = rng.uniform(0.5, 2.0), rng.uniform(0, np.pi)
        u = (x - centre_x) * np.cos(turn) + (y - centre_y) * np.sin(turn)
        v = (y - centre_y) * np.cos(turn) - (x - centre_x) * np.sin(turn)
        inside = (u / squeeze) ** 2 + (v * squeeze) ** 2 < radius**2
        colour = palette[rng.integers(5)] + rng.normal(0, 14, 3)
        light = 1 + rng.uniform(-0.5, 0.5) * u / (radius + 1)
        canvas[inside] = colour * light[inside][:, None]
    relief = cloud(rng, width, height, rng.uniform(0.4, 0.8))
    return canvas + rng.uniform(5, 40) * relief[..., None]


def camera(rng: np.random.Generator, image: Image.Image, strength: float = 1.0) -> Image.Image:
    """The picture as a phone or scanner would give it: light, colour cast, blur, grain, gamma.

    Args:
        rng: source of randomness.
        image: what is in front of the lens.
        strength: 0 changes nothing, 1 is an ordinary snapshot.
    """
    if rng.random() < 0.5 * strength:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.4) * strength))
    pixels = to_array(image)
    height, width = pixels.shape[:2]
    lit = pixels * shade(rng, width, height, 0.25 * strength * rng.random())[..., None]
    lit = lit * (1 + strength * rng.normal(0, 0.05, 3)).astype(np.float32)
    grain = rng.normal(0, strength * rng.uniform(0, 9), (height, width, 1)).astype(np.float32)
    light = np.clip(lit + grain, 0, 255) / 255
    return from_array(np.asarray(255 * light ** np.exp(strength * rng.normal(0, 0.2)), dtype=np.float32))
