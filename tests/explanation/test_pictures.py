"""The heat lies where the evidence lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw

from assistant.explanation.covering import attribute_regions
from assistant.types import Candidate, Decision, Encoding, Modality, Picture


class RedEye:
    """Sees how red each ninth of a picture is."""

    name = "red"
    modality: Modality = "image"
    dimension = 1

    def load(self) -> None:
        pass

    def encode(self, inputs: Sequence[Picture]) -> list[Encoding]:
        labels = tuple(f"{row},{column}" for row in range(3) for column in range(3))
        found = []
        for picture in inputs:
            small = np.asarray(picture.image.resize((3, 3), Image.Resampling.BOX), np.float32) / 255
            tokens = np.maximum(small[..., 0] - small[..., 2], 0.0).reshape(9, 1)
            found.append(Encoding("image", "red", tokens, np.ones(9, np.bool_), tokens.mean(axis=0), labels=labels))
        return found


def decide(encodings: Sequence[Encoding]) -> Decision:
    sure = float(1 / (1 + np.exp(1 - 30 * float(encodings[0].pooled[0]))))
    return Decision("a.red", sure, "answer", (Candidate("a.red", sure), Candidate("a.blue", 1 - sure)))


@pytest.fixture
def spot() -> Picture:
    """A red spot in the lower right of grey paper."""
    image = Image.new("RGB", (420, 300), (200, 200, 200))
    ImageDraw.Draw(image).ellipse((300, 210, 380, 280), fill=(220, 20, 20))
    return Picture(image)


def test_covering_finds_the_spot(spot: Picture) -> None:
    heat = attribute_regions(decide, spot, [RedEye()], "a.red")
    places = np.unravel_index(int(np.argmax(heat.grid)), heat.grid.shape)
    assert min(places) >= 5, "the sevenths of the picture that hold the spot"
    assert heat.grid[:3, :3].max() < 0.1 * heat.grid.max()


def test_a_picture_one_pixel_wide_has_a_heat_too() -> None:
    heat = attribute_regions(decide, Picture(Image.new("RGB", (1, 400), "red")), [RedEye()], "a.red")
    assert np.isfinite(heat.grid).all()
