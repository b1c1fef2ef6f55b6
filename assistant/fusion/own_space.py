"""Scores pictures in the space of the encoder that saw them, where it can read too, as CLIP and SigLIP can.

Zero-shot classification (Radford et al. 2021, section 3.1.2): a softmax over the intents' phrases, with names of
everyday things for pictures that belong to no intent. No detector of ours, and no map, takes part.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.encoders.hub_vision import HubReader
from assistant.encoders.vision import imagenet_names
from assistant.fusion.modality_logits import log_softmax
from assistant.fusion.pictures import EVERYDAY, FLOOR, PictureLogits
from assistant.fusion.projection import unit
from assistant.types import Encoding

__all__ = ["OwnSpace"]

EVERY = 5
"""of the names of everyday things one of so many is read: 200 take a CLIP on two cores some seconds, once"""


class OwnSpace:
    """Compares pictures with phrases.

    Args:
        name: of the encoder whose pictures are scored.
        reader: of the same model.
        phrases: per intent, what its pictures look like; may be empty.
    """

    def __init__(self, name: str, reader: HubReader, phrases: Sequence[Sequence[str]]) -> None:
        self.name = name
        self._scale = reader.scale
        self._count = len(phrases)
        everyday = [f"a photo of a {thing}" for thing in imagenet_names()[::EVERY]]
        self._rows = reader([*(phrase for group in phrases for phrase in group), *everyday])
        sizes = [*map(len, phrases), len(everyday)]
        self._owners = np.repeat(np.arange(len(sizes)), sizes)

    def score(self, pictures: Sequence[Encoding]) -> PictureLogits | None:
        """Score a turn's pictures; of several, the one that belongs somewhere most surely. None without one."""
        rows = [encoding.pooled for encoding in pictures if encoding.encoder == self.name]
        if not rows or not self._count:
            return None
        shares = np.exp(log_softmax((self._scale * unit(np.stack(rows)) @ self._rows.T).astype(np.float32)))
        masses = np.stack([np.bincount(self._owners, row, self._count + 1) for row in shares])[:, :-1]
        mass = masses[int(np.argmax(masses.sum(axis=1)))].astype(np.float32)
        reliability = float(np.clip(mass.sum(), 0.0, 1.0))
        log_probs = np.log((mass + FLOOR) / (mass + FLOOR).sum()).astype(np.float32)
        return PictureLogits(log_probs, reliability, {EVERYDAY: 1.0 - reliability})
