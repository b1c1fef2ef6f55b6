"""What the shipped weights may learn from: drawings of our own, public-domain clip art, and our own sentences."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import InputError
from assistant.training.drawn import load_drawings
from assistant.training.features import open_pictures
from assistant.types import Picture

__all__ = ["Clip", "draw_pictures", "read_clip_art"]

KEYWORDS = 8
"""of a clip's keywords, so many are kept"""


@dataclass(frozen=True)
class Clip:
    """One public-domain drawing."""

    path: Path
    title: str
    keywords: tuple[str, ...]

    @property
    def caption(self) -> str:
        """Title and keywords as one line."""
        return ": ".join(part for part in (self.title, ", ".join(self.keywords)) if part)

    def open(self) -> Picture:
        """The drawing on white ground."""
        return next(open_pictures([self.path]))


def read_clip_art(count: int, seed: int, data: str | None = None) -> list[Clip]:
    """A random selection of the clip-art folder ``img_openclipart`` in the data folder.

    Args:
        count: how many; fewer if there are fewer.
        seed: which.
        data: the data folder; ``ASSISTANT_DATA`` by default.

    Raises:
        InputError: the folder is not there.
    """
    root = Path(data or os.environ.get("ASSISTANT_DATA", "")) / "img_openclipart"
    try:
        with (root / "manifest.csv").open(encoding="utf-8", errors="replace", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(
            "Training reads public-domain clip art; set ASSISTANT_DATA to the folder that holds img_openclipart"
        ) from error
    order = np.random.default_rng(seed).permutation(len(rows))[:count]
    return [_clip(root, rows[index]) for index in order]


def _clip(root: Path, row: dict[str, str]) -> Clip:
    words = tuple(word for word in row["keywords"].split("; ") if word)[:KEYWORDS]
    return Clip(root / row["file"], row["title"].strip(), words)


def draw_pictures(kind: str, count: int, seed: int, things: Sequence[Clip] = ()) -> Iterator[Picture]:
    """Pictures that we draw.

    Args:
        kind: a kind of `DRAWINGS` or of `EVERYDAY_DRAWINGS` in the drawings.
        count: how many.
        seed: the same seed draws the same pictures.
        things: clip art, for drawings that show some.

    Raises:
        InputError: this is an installed package, which has no drawings.
    """
    drawings = load_drawings()
    draw = {**drawings.DRAWINGS, **drawings.EVERYDAY_DRAWINGS}
    for index in range(count):
        rng = np.random.default_rng((seed, list(draw).index(kind), index))
        shown = [things[i].open().image for i in rng.integers(0, len(things), 3)] if things else []
        yield Picture(draw[kind](rng, shown) if kind in drawings.WITH_THINGS else draw[kind](rng))
