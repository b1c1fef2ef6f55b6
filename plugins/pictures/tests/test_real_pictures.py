"""Tests the share of real pictures that are named rightly, and how often a sure statement is wrong."""

from __future__ import annotations

import asyncio
import csv
import os
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant import Picture
from assistant.encoders.cache import CachedClassifier, EncodingCache
from assistant.encoders.vision import VisionEncoder, imagenet_names
from assistant.inputs.image_file import read_picture
from assistant.testing import FakeServices
from assistant.types import FloatArray
from plugins.pictures.colours import COLOURS, colours_of, main_colours
from plugins.pictures.looking import View, look, map_of, things
from plugins.pictures.questions import things_named

pytestmark = [pytest.mark.data, pytest.mark.models, pytest.mark.timeout(3600)]

SHADES = {"tan": "brown", "golden": "brown", "gray": "grey", "navy": "blue", "blond": "beige", "blonde": "beige"}


class Eyes(FakeServices):
    """Services that really look."""

    encoder = CachedClassifier(VisionEncoder(), EncodingCache(8))

    async def classify(self, picture: Picture, top: int = 5) -> list[tuple[str, float]]:
        return self.encoder.classify(picture, top)

    async def locate(self, picture: Picture, names: Sequence[str]) -> FloatArray:
        return self.encoder.locate(picture, names)


@pytest.fixture(scope="module")
def data() -> Path:
    if not (folder := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA is not set: it names the folder with img_imagenet1000 and img_flickr8k")
    return Path(folder)


def rows_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "manifest.csv").read_text("utf-8").splitlines()))


def view_of(path: Path) -> View:
    return asyncio.run(look(read_picture(path), Eyes()))


def test_objects_of_imagenet_are_named(data: Path) -> None:
    counts: Counter[str] = Counter()
    for row in rows_of(data / "img_imagenet1000"):
        true = imagenet_names()[int(row["index_by_wnid"])]
        seen = view_of(data / "img_imagenet1000" / row["file"]).seen
        counts["all"] += 1
        counts["named"] += any(true in each.thing.classes for each in seen)
        sure = [each for each in seen if each.sure][:1]
        counts["sure"] += len(sure)
        counts["sure and right"] += sum(true in each.thing.classes for each in sure)
    print(dict(counts))
    assert counts["named"] >= 0.88 * counts["all"]
    assert counts["sure"] >= 0.7 * counts["all"]
    assert counts["sure and right"] >= 0.97 * counts["sure"]


def test_everyday_photos_of_dogs_and_the_colours_of_things(data: Path) -> None:
    captions: dict[str, list[str]] = defaultdict(list)
    for row in rows_of(data / "img_flickr8k"):
        captions[row["file"]].append(row["caption"].lower())
    counts: Counter[str] = Counter()
    for file in list(captions)[1::2]:  # thresholds were chosen on the others
        picture, text = read_picture(data / "img_flickr8k" / file), " ".join(captions[file])
        view = asyncio.run(look(picture, Eyes()))
        dog = any(each.sure and each.thing.english == "a dog" for each in view.seen)
        has_dog = bool(re.search(r"\bdogs?\b|\bpupp|\bhounds?\b", text))
        named = any(each.thing.english == "a dog" for each in view.seen)
        counts += Counter({"dogs": has_dog, "dogs named": named and has_dog})
        counts += Counter({"dogs said": dog, "dogs said rightly": dog and has_dog})
        counts += colours_right(view, captions[file])
    print(dict(counts))
    assert counts["dogs said rightly"] >= 0.97 * counts["dogs said"]
    assert counts["dogs said"] >= 0.5 * counts["dogs"]
    assert counts["a main colour is right"] >= 0.65 * counts["colours"]


def colours_right(view: View, captions: Sequence[str]) -> Counter[str]:
    """Things that captions give a colour and that are seen, and for how many a main colour is among those given."""
    shades = "|".join([*COLOURS, *SHADES])
    told: dict[str, set[str]] = defaultdict(set)
    for caption in captions:
        for found in re.finditer(rf"\b((?:{shades})(?:(?: ,| and| or)? (?:{shades}))*) (\w+)", caption):
            for thing in things_named(found[2], things())[-1:]:
                told[thing.english] |= {SHADES.get(each, each) for each in re.findall(shades, found[1])}
    counts: Counter[str] = Counter()
    for name, colours in told.items():
        thing = things().by_name[name]
        if things().probability(thing, view.classes) >= 0.15:
            shares = colours_of(view.picture.image, asyncio.run(map_of(view.picture, thing, Eyes())))
            names = main_colours(shares) or list(shares)[:1]
            counts += Counter({"colours": 1, "first colour is right": names[0] in colours})
            counts["a main colour is right"] += bool(colours & set(names))
    return counts
