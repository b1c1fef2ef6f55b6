"""The pictures of training: those that we draw, in a source checkout only, their kinds, and public-domain clip art."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from assistant.fusion.picture_kinds import PictureKind
from assistant.training.data import TESTS, data_folder, load_from_tests, read_table
from assistant.training.features import open_pictures
from assistant.types import Picture

__all__ = ["Clip", "DrawnKind", "draw_pictures", "load_drawings", "read_clip_art", "read_drawn_kinds"]

TABLE = "picture_kinds.toml"
KEYWORDS = 8
"""of a clip's keywords, so many are kept"""


@dataclass(frozen=True)
class DrawnKind:
    """A picture kind of a shipped plugin, and what its training needs."""

    plugin: str
    kind: PictureKind
    drawn: int
    """number of pictures to draw"""
    sayings: tuple[str, ...]
    """sentences about such a picture"""
    clip_art: tuple[str, ...]
    """parts of words in the captions of clip art that may be of this kind"""

    def may_be(self, caption: str) -> bool:
        """Whether clip art of this caption may be of this kind, and so is not everyday."""
        return bool(self.clip_art) and re.search("|".join(map(re.escape, self.clip_art)), caption.lower()) is not None


def load_drawings() -> ModuleType:
    """The package of drawing functions, ``tests/drawings``; its `DRAWINGS` maps kinds to functions.

    Raises:
        InputError: this is an installed package, which has no drawings.
    """
    return load_from_tests("drawings", "Pictures are drawn")


def read_drawn_kinds() -> list[DrawnKind]:
    """The kinds in the shipped plugins' ``picture_kinds.toml``, in the order of the drawings.

    Raises:
        InputError: this is an installed package, which has no drawings.
    """
    found: dict[str, DrawnKind] = {}
    for path in sorted((TESTS.parent / "plugins").glob(f"*/{TABLE}")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        found |= {name: _kind(path.parent.name, name, entry) for name, entry in table.items()}
    return [found[name] for name in load_drawings().DRAWINGS if name in found]


def _kind(plugin: str, name: str, entry: dict[str, Any]) -> DrawnKind:
    kind = PictureKind(
        name,
        tuple(entry["phrases"]),
        tuple(entry.get("objects", ())),
        float(entry.get("least_objects", 0.0)),
        tuple(entry.get("whole", ())),
        float(entry.get("most_whole", 1.0)),
        float(entry.get("odds", 0.0)),
    )
    return DrawnKind(plugin, kind, int(entry["drawn"]), tuple(entry["sayings"]), tuple(entry.get("clip_art", ())))


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


def read_clip_art(count: int, seed: int) -> list[Clip]:
    """Returns `count` clips of ``img_openclipart`` in ``ASSISTANT_DATA``, drawn at random; fewer if there are fewer.

    Raises:
        InputError: the folder is not there.
    """
    root = data_folder("img_openclipart", need="Training reads public-domain clip art")
    rows = read_table(root / "manifest.csv", "file", "title", "keywords")
    order = np.random.default_rng(seed).permutation(len(rows))[:count]
    return [
        Clip(root / row["file"], row["title"].strip(), tuple(filter(None, row["keywords"].split("; ")))[:KEYWORDS])
        for row in (rows[index] for index in order)
    ]


def draw_pictures(kind: str, count: int, seed: int, things: Sequence[Clip] = ()) -> Iterator[Picture]:
    """Draws `count` pictures of a kind of `DRAWINGS` or `EVERYDAY_DRAWINGS`; the same seed draws the same pictures.

    `things` is the clip art in drawings that show some.

    Raises:
        InputError: this is an installed package, which has no drawings.
    """
    drawings = load_drawings()
    draw = {**drawings.DRAWINGS, **drawings.EVERYDAY_DRAWINGS}
    for index in range(count):
        rng = np.random.default_rng((seed, list(draw).index(kind), index))
        shown = [things[i].open().image for i in rng.integers(0, len(things), 3)] if things else []
        yield Picture(draw[kind](rng, shown) if kind in drawings.WITH_THINGS else draw[kind](rng))
