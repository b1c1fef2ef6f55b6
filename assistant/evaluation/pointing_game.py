"""The pointing game: words name a thing in a picture, and attention must land on it.

Source: Zhang et al. 2018, "Top-down neural attention by excitation backprop", section 4.1: a hit is a highest value
within the thing's box; chance is the box's share of what the encoder sees. Two sets: photographs of ImageNet pasted at
random places on photographs of Flickr8k (every other one; the method was chosen on the others), and things that our
own code draws. Beside them, sentences that name another thing must not land there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from assistant.encoders.encoder import Encoder
from assistant.encoders.vision import GRID
from assistant.explanation.covering import field_of
from assistant.explanation.named import attend, named_classes
from assistant.fusion.projection import ANCHOR, CLASSIFIED, SharedSpace
from assistant.terminal.report import Peer, Row, percent
from assistant.training.data import read_captions, read_table
from assistant.training.drawn import load_drawings
from assistant.types import FloatArray, Picture

__all__ = ["Placed", "drawn_things", "measure_pointing", "pasted_things"]

ASKED = ("where is the {}?", "look at the {} there", "what about the {}, is it old", "I like that {}", "the {} please")
SIDE, PASTED = 256, 90
"""pixels of a picture, and of the thing pasted on it"""


@dataclass(frozen=True, eq=False)
class Placed:
    """A picture with a thing at a known place."""

    image: Image.Image
    thing: str
    """the name of its ImageNet class"""
    box: tuple[int, int, int, int]
    """left, top, right, bottom, pixels"""


def drawn_things(count: int, seed: int) -> list[Placed]:
    """Returns every drawn thing in each of `count` drawings.

    Raises:
        InputError: this is an installed package, which has no drawings.
    """
    draw = load_drawings().draw_things
    drawn = [draw(np.random.default_rng((seed, index))) for index in range(count)]
    return [Placed(image, thing, box) for image, places in drawn for thing, box in places.items()]


def pasted_things(root: Path, count: int, seed: int) -> list[Placed]:
    """Photographs of ImageNet classes in `root`, one in each photograph of Flickr8k, at random places."""
    rng = np.random.default_rng(seed)
    things = read_table(root / "img_imagenet1000" / "manifest.csv")[1::2]
    folder, captions = read_captions()
    grounds = [*captions][1::2]
    placed: list[Placed] = []
    for index in rng.permutation(len(things))[:count]:
        image = _square(folder / grounds[int(rng.integers(len(grounds)))], SIDE)
        left, top = (int(edge) for edge in SIDE // 16 + rng.integers(0, SIDE * 7 // 8 - PASTED + 1, 2))
        image.paste(_square(root / "img_imagenet1000" / things[index]["file"], PASTED), (left, top))
        placed.append(Placed(image, things[index]["label"], (left, top, left + PASTED, top + PASTED)))
    return placed


def measure_pointing(cases: Sequence[Placed], encoders: Mapping[str, Encoder], name: str) -> list[Row]:
    """Measures how often attention lands on the named thing, beside the thing's share of the area."""
    hits, strangers, shares = list[bool](), list[bool](), list[float]()
    for index, case in enumerate(cases):
        other = next(c.thing for c in (*cases[index + 1 :], *cases) if c.thing != case.thing)
        cells = _cells(case, encoders)
        for thing, found in ((case.thing, hits), (other, strangers)):
            grid = _attention(case.image, ASKED[index % len(ASKED)].format(thing), encoders)
            found.append(grid is not None and bool(cells[int(np.argmax(grid))]))
        shares.append(float(np.mean(cells)))
    hit, share = 100 * float(np.mean(hits)), 100 * float(np.mean(shares))
    peer = Peer("share of the area", share)
    return [
        Row(f"{name} ({len(cases)}): attention lands on what is named", hit, "%", peer=peer),
        Row(f"{name}: as a multiple of the share of the area", hit / share, "times", at_least=2),
        percent(f"{name}: lands there when another thing is named", float(np.mean(strangers))),
    ]


def _attention(image: Image.Image, text: str, encoders: Mapping[str, Encoder]) -> FloatArray | None:
    """The attention (7, 7) that a sentence draws, if it names a class."""
    space = SharedSpace()
    shares = named_classes(encoders[ANCHOR].encode([text]), encoders, space)
    return None if shares is None else attend(shares, encoders[CLASSIFIED].encode([Picture(image)])[0], space)


def _cells(case: Placed, encoders: Mapping[str, Encoder]) -> FloatArray:
    """(49,): whether the middle of each part that the encoder sees lies within the box."""
    left, top, right, bottom = field_of([encoders[CLASSIFIED]], case.image.size)
    across = (left + (np.arange(GRID) + 0.5) / GRID * (right - left)) * case.image.width
    down = (top + (np.arange(GRID) + 0.5) / GRID * (bottom - top)) * case.image.height
    inside = (across >= case.box[0]) & (across < case.box[2]), (down >= case.box[1]) & (down < case.box[3])
    cells: FloatArray = np.outer(inside[1], inside[0]).ravel().astype(np.float32)
    return cells


def _square(path: Path, side: int) -> Image.Image:
    """The middle of a picture, `side` pixels wide and high."""
    with Image.open(path) as image:
        edge = min(image.size)
        left, top = (image.width - edge) // 2, (image.height - edge) // 2
        return image.convert("RGB").crop((left, top, left + edge, top + edge)).resize((side, side))
