"""Kinds of pictures are told apart without a network."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from assistant.encoders.image_statistics import STATISTICS, StatisticsEncoder, statistics
from assistant.types import Picture


def _xray() -> Image.Image:
    """A grey, soft, symmetric shape on black."""
    image = Image.new("L", (320, 320), 10)
    draw = ImageDraw.Draw(image)
    for left in (60, 190):
        draw.ellipse((left, 60, left + 70, 260), fill=150)
    return image.filter(ImageFilter.GaussianBlur(9)).convert("RGB")


def _receipt() -> Image.Image:
    image = Image.new("RGB", (240, 480), "white")
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    for row in range(20):
        draw.text((12, 12 + 22 * row), f"Article {row}   {row * 3}.95", fill="black", font=font)
    return image


def _skin() -> Image.Image:
    image = Image.new("RGB", (320, 240), (224, 172, 150))
    ImageDraw.Draw(image).ellipse((120, 80, 200, 160), fill=(110, 60, 50))
    return image.filter(ImageFilter.GaussianBlur(4))


def _drawing() -> Image.Image:
    image = Image.new("RGB", (300, 300), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 260, 260), fill="blue")
    draw.polygon([(40, 40), (260, 40), (150, 5)], fill="red")
    return image


PICTURES = {"xray": _xray, "receipt": _receipt, "skin": _skin, "drawing": _drawing}
MEASURED = {kind: dict(zip(STATISTICS, statistics(Picture(draw())), strict=True)) for kind, draw in PICTURES.items()}


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("near_black", "xray"),
        ("symmetry", "xray"),
        ("near_white", "receipt"),
        ("dark_strokes", "receipt"),
        ("text_rows", "receipt"),
        ("warm_tones", "skin"),
        ("saturation", "drawing"),
        ("blue", "drawing"),
    ],
)
def test_number_is_largest_for_its_kind(number: str, kind: str) -> None:
    values = {name: measured[number] for name, measured in MEASURED.items()}
    assert max(values, key=lambda name: values[name]) == kind, values


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (7, 3), (2500, 1800)])
def test_any_size_gives_numbers_from_0_to_1(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    image = Image.fromarray(rng.integers(0, 256, (size[1], size[0], 3), np.uint8))
    row = statistics(Picture(image))
    assert row.shape == (len(STATISTICS),)
    assert row.dtype == np.float32
    assert np.isfinite(row).all()
    assert ((row >= 0) & (row <= 1)).all()


def test_as_an_encoder_it_has_one_token() -> None:
    encoder = StatisticsEncoder()
    encoding = encoder.encode([Picture(_skin())])[0]
    assert encoding.pooled.shape == (encoder.dimension,)
    assert encoding.tokens.shape == (1, encoder.dimension)
