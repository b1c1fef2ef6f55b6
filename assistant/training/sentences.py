"""Makes the sentences of training from `material/sentences.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.errors import InputError

__all__ = ["ASKING", "POINTING", "SCENES", "SHOWING", "ask_about", "captions_of", "make_utterances", "need_material"]

MATERIAL = Path(__file__).parent / "material"


def need_material() -> None:
    """Checks that the sentences are here.

    Raises:
        InputError: this is an installed package, which holds none.
    """
    if not MATERIAL.is_dir():
        raise InputError("`assistant train` needs a source checkout: an installed package holds no training material")


need_material()
_READ = tomllib.loads((MATERIAL / "sentences.toml").read_text("utf-8"))
_PARTS: dict[str, list[str]] = _READ["spoken"]
POINTING: tuple[str, ...] = tuple(_READ["pointing"])
"""sentences that say nothing without a picture"""
ASKING: tuple[str, ...] = tuple(_READ["asking"])
"""sentences that name a subject"""
SHOWING: tuple[str, ...] = tuple(_READ["showing"])
"""phrases for a picture of a subject"""
SCENES: list[tuple[list[int], list[str]]] = [(scene["classes"], scene["captions"]) for scene in _READ["scenes"]]
"""numbers of ImageNet classes → captions of photographs in which they are seen"""


def captions_of(names: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Returns for each of the thousand classes the captions its photographs may have, its own name first."""
    captions = [[f"a photo of a {name}"] for name in names]
    for numbers, sentences in SCENES:
        for number in numbers:
            captions[number] += sentences
    return [tuple(lines) for lines in captions]


def make_utterances(count: int, seed: int, sayings: Sequence[str] = ()) -> list[str]:
    """Makes `count` different sentences, shuffled: `sayings`, `POINTING`, and scenes and requests in equal parts."""
    rng = np.random.default_rng(seed)
    found = dict.fromkeys([*sayings, *POINTING])
    while len(found) < count:
        made = _scene(rng) if len(found) % 2 else _one("ask", rng).format(_one("about", rng))
        found[made] = None
    return [list(found)[index] for index in rng.permutation(count)]


def ask_about(things: Sequence[str], seed: int) -> list[str]:
    """Makes one request about each thing."""
    rng = np.random.default_rng(seed)
    return [_one("ask", rng).format(f"the {thing}") for thing in things]


def _one(part: str, rng: np.random.Generator) -> str:
    return str(rng.choice(_PARTS[part]))


def _scene(rng: np.random.Generator) -> str:
    parts = [_one("who", rng)]
    if rng.random() < 0.5:
        parts.append(_one("wearing", rng))
    return " ".join([*parts, _one("does", rng), _one("where", rng)])
