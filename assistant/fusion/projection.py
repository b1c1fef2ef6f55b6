"""The shared space: one linear map per encoder, h = W x + b, so that words, sounds and pictures compare.

A whole picture goes another way, through the classes its encoder knows (`assistant.fusion.class_space`), and so does
a spoken clip, by its moments' statistics (`assistant.fusion.sound_space`).

The space is that of the English sentence encoder ("bert"), whose own map is the identity. The maps of the
other encoders are trained by `assistant train`: the multilingual sentences by ridge regression between
the two encoders' vectors of the same sentences, the pictures with InfoNCE (van den Oord et al. 2018, equation 4;
symmetric as in Radford et al. 2021, figure 3) from a ridge start.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from assistant.encoders.encoder import unit
from assistant.fusion.class_space import ClassSpace
from assistant.fusion.shipped import load_weights, read_sums
from assistant.fusion.sound_space import HEARD, SoundSpace
from assistant.types import Encoding, FloatArray

__all__ = ["ANCHOR", "CLASSIFIED", "DIMENSION", "SharedSpace", "unit"]

ANCHOR = "bert"
"""the encoder whose space is the shared space"""
CLASSIFIED = "efficientnet-lite0"
"""the encoder whose pooled vectors are placed by way of its classes"""
DIMENSION = 384


class SharedSpace:
    """Maps encodings into the shared space.

    Args:
        maps: encoder name → (W (384, d), b (384,)); the trained maps by default.
        classes: how whole pictures are placed; by `maps` when these are given and `classes` is not.
        sound: how spoken clips are placed; not at all when `maps` or `classes` are given and `sound` is not.
    """

    anchor = ANCHOR
    dimension = DIMENSION

    def __init__(
        self,
        maps: Mapping[str, tuple[FloatArray, FloatArray]] | None = None,
        classes: ClassSpace | None = None,
        sound: SoundSpace | None = None,
    ) -> None:
        shipped = maps is None and classes is None and sound is None
        self._maps = dict(_shipped_maps() if maps is None else maps)
        self.classes: ClassSpace | None = ClassSpace(load_weights("projection")) if shipped else classes
        self._sound = SoundSpace(load_weights("sound")) if shipped else sound

    @property
    def version(self) -> str:
        """Changes with the shipped maps: vectors of two versions cannot be compared."""
        return read_sums()["projection.safetensors"]

    @property
    def encoders(self) -> tuple[str, ...]:
        """The encoders it knows."""
        return (*self.token_encoders, HEARD) if self._sound else self.token_encoders

    @property
    def token_encoders(self) -> tuple[str, ...]:
        """The encoders whose tokens it places one by one: all but those of sound."""
        return (ANCHOR, *self._maps)

    def class_shares(self, encoder: str, rows: FloatArray) -> FloatArray | None:
        """Probabilities (n, 1000) of ImageNet's classes in an encoder's pooled pictures (n, d); None without any."""
        return self.classes.probabilities(rows) if self.classes is not None and encoder == CLASSIFIED else None

    def place(self, encoding: Encoding) -> FloatArray | None:
        """A whole sentence, picture or spoken clip as (384,), float32, unit length.

        None when its encoder is not known, or is a Whisper of another size than the one that was learnt from.
        """
        if encoding.encoder == HEARD:
            moments = encoding.tokens[encoding.mask]
            if self._sound is None or not len(moments) or moments.shape[1] != self._sound.dimension:
                return None
            return unit(self._sound(moments))
        if encoding.encoder not in self.encoders:
            return None
        placed: FloatArray = self.project_pooled(encoding.encoder, encoding.pooled[None])[0]
        return placed

    def project(self, encoder: str, rows: FloatArray) -> FloatArray:
        """Rows (n, d) of an encoder as (n, 384), float32, unit length.

        Raises:
            KeyError: nothing is known of this encoder; see `token_encoders`.
        """
        if encoder == ANCHOR:
            return unit(np.asarray(rows, np.float32))
        weight, bias = self._maps[encoder]
        return unit(unit(np.asarray(rows, np.float32)) @ weight.T + bias)

    def project_pooled(self, encoder: str, rows: FloatArray) -> FloatArray:
        """Pooled vectors (n, d), of whole sentences or pictures, as (n, 384), float32, unit length.

        Raises:
            KeyError: nothing is known of this encoder; see `token_encoders`.
        """
        if encoder == CLASSIFIED and self.classes is not None:
            return unit(self.classes(np.asarray(rows, np.float32)))
        return self.project(encoder, rows)


def _shipped_maps() -> dict[str, tuple[FloatArray, FloatArray]]:
    arrays = load_weights("projection")
    names = sorted(key.removesuffix(".weight") for key in arrays if key.endswith(".weight"))
    return {name: (arrays[f"{name}.weight"], arrays[f"{name}.bias"]) for name in names}
