"""Pictures to vectors, and to the names of everyday objects, with EfficientNet-Lite0."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from assistant.encoders.checkpoints import locate
from assistant.encoders.threads import limited
from assistant.errors import ModelUnavailable
from assistant.types import Encoding, FloatArray, Modality, Picture

if TYPE_CHECKING:
    from assistant.encoders.efficientnet_lite import EfficientNetLite0

__all__ = ["GRID", "VisionEncoder", "imagenet_names"]

GRID = 7
"""parts across and down that a picture is seen in"""
BATCH = 8
"""pictures per forward pass"""
SIDE, SHORTER_SIDE = 224, 256
"""pixels of the middle that the network sees, and to which the shorter side of a picture is resized before"""


@cache
def imagenet_names() -> tuple[str, ...]:
    """The 1000 classes of ImageNet-1k in the order of their numbers."""
    return tuple(resources.files(__package__).joinpath("imagenet_names.txt").read_text(encoding="utf-8").splitlines())


class VisionEncoder:
    """Looks. Tokens are the 7 by 7 grid, labelled "row,column"; pooled is their mean.

    Both are activations after ReLU6: 0 to 6, not of unit length.

    Args:
        model: a name from ``config/models.toml`` or ``"dir:/path"``: EfficientNet-Lite0's ``model.safetensors``.
        threads: processor threads.
    """

    name = "efficientnet-lite0"
    modality: Modality = "image"
    dimension = 1280

    def __init__(self, model: str = "efficientnet-lite0", *, threads: int = 2) -> None:
        self.model = model
        self._threads = threads
        self._network: EfficientNetLite0 | None = None

    def load(self) -> None:
        """Load the weights now instead of at the first `encode`. Idempotent.

        Raises:
            ModelUnavailable: they are missing, damaged, or not those of an EfficientNet-Lite0.
        """
        if self._network is not None:
            return
        path = locate(self.model) / "model.safetensors"
        from assistant.encoders.efficientnet_lite import EfficientNetLite0

        try:
            self._network = EfficientNetLite0(path, limited(self._threads))
        except (KeyError, ValueError) as error:
            raise ModelUnavailable(f"{path} does not hold an EfficientNet-Lite0: {error}") from error

    def encode(self, inputs: Sequence[Picture]) -> list[Encoding]:
        """Encode pictures; one encoding each, in order.

        Raises:
            ModelUnavailable: the weights cannot be had.
        """
        self.load()
        encodings: list[Encoding] = []
        for start in range(0, len(inputs), BATCH):
            encodings += self._forward(inputs[start : start + BATCH])
        return encodings

    def field(self, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """The part of a picture of this size (pixels) that is encoded: left, top, right, bottom as shares, 0 to 1."""
        side = SIDE / SHORTER_SIDE * min(size)
        across, down = side / size[0], side / size[1]
        return (1 - across) / 2, (1 - down) / 2, (1 + across) / 2, (1 + down) / 2

    def classify(self, picture: Picture | Encoding, top: int = 5) -> list[tuple[str, float]]:
        """The everyday objects that a picture most likely shows.

        Args:
            picture: a picture, or the encoding this encoder made of one (which spares looking again).
            top: how many.

        Returns:
            ImageNet names with probabilities 0 to 1, best first.
        """
        encoding = picture if isinstance(picture, Encoding) else self.encode([picture])[0]
        self.load()
        assert self._network is not None
        probabilities = self._network.classify(encoding.pooled)
        best = np.argsort(-probabilities)[:top]
        names = imagenet_names()
        return [(names[index], float(probabilities[index])) for index in best]

    def locate(self, picture: Picture | Encoding, names: Sequence[str]) -> FloatArray:
        """Locate an object: the classifier's probability in each cell (7, 7), 0 to 1.

        Class activation mapping (Zhou et al. 2016, https://arxiv.org/abs/1512.04150): the classifier is linear over
        the mean of the cells, so it reads each cell too.
        """
        encoding = picture if isinstance(picture, Encoding) else self.encode([picture])[0]
        self.load()
        assert self._network is not None
        meant = [index for index, name in enumerate(imagenet_names()) if name in set(names)]
        shares = self._network.classify(encoding.tokens)[:, meant].sum(axis=-1)
        found: FloatArray = shares.reshape(GRID, GRID)
        return found

    def _forward(self, pictures: Sequence[Picture]) -> list[Encoding]:
        assert self._network is not None
        features = self._network(np.stack([_pixels(picture.image) for picture in pictures]))
        grids = np.ascontiguousarray(features.reshape(len(pictures), -1, GRID * GRID).transpose(0, 2, 1))
        labels = tuple(f"{row},{column}" for row in range(GRID) for column in range(GRID))
        mask = np.ones(GRID * GRID, np.bool_)
        return [Encoding("image", self.name, tokens, mask, tokens.mean(axis=0), labels=labels) for tokens in grids]


def _pixels(image: Image.Image) -> FloatArray:
    """The middle of a picture as the network was trained: (3, 224, 224), float32, bicubic, (pixel - 127) / 128."""
    scale = SHORTER_SIDE / min(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    # A first, integer reduction costs little and takes the bulk off a large photo.
    resized = image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    left, top = round((width - SIDE) / 2), round((height - SIDE) / 2)
    pixels = np.asarray(resized.crop((left, top, left + SIDE, top + SIDE)).convert("RGB"), np.float32)
    return np.ascontiguousarray(((pixels - np.float32(127)) / np.float32(128)).transpose(2, 0, 1), np.float32)
