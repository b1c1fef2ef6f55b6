"""Measures whether what an explanation points at carries the decision: without it, and with nothing else.

Deletion and insertion as in Petsiuk et al. 2018, "RISE", section 4.3, at a few fixed sizes, against the same number
of random parts, with a paired bootstrap interval. Parts of pictures are taken away by blurring, half as strong as the
explanation's own where it shows a part alone; where it takes one away, it covers it with a colour.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.errors import InputError
from assistant.evaluation.intents import create_model
from assistant.evaluation.labelled import encoders_of, intents_of, read_rows
from assistant.evaluation.metrics import low_end
from assistant.evaluation.pointing_game import drawn_things, measure_pointing, pasted_things
from assistant.explanation.contrast import explained_intent
from assistant.explanation.covering import GRID, attribute_regions, field_of
from assistant.explanation.words import attribute_words, without
from assistant.inputs.image_file import read_picture
from assistant.intents import IntentModel
from assistant.plugins.api import Intent
from assistant.settings import Settings
from assistant.terminal.plugin_commands import load_plugins
from assistant.terminal.report import Peer, Report, Row
from assistant.terminal.steps import StepProgress
from assistant.types import OUT_OF_SCOPE, Encoding, FloatArray, Picture

__all__ = ["Case", "evaluate_explanations", "measure_pictures", "measure_words", "summarise"]

WORDS = (1, 2, 3)
"""number of words taken away or kept"""
REGIONS = (5, 10, 15)
"""number of the 49 parts of a picture"""
SENTENCES, PICTURES = 100, 60
"""measured, drawn at random"""
DRAWS = 5
"""random choices per case"""
POINTED_AT = 200
"""things that words name in the pointing game, of each set"""

Probability = Callable[[Sequence[int], bool], float]
"""the winner's probability without some parts, or (True) with nothing but them"""


@dataclass(frozen=True, eq=False)
class Case:
    """One explained decision."""

    weights: FloatArray
    """of each part"""
    whole: float
    """the winner's probability"""
    probability: Probability


def evaluate_explanations(
    settings: Settings,
    progress: StepProgress,
    train: Path | None,
    test: Path | None,
    pictures: Path | None,
    data_root: Path | None,
    seed: int,
) -> Report:
    """Measures the pointing game, sentences and pictures of the public sets, or of the files that are named.

    Raises:
        InputError: no file is named, and ``ASSISTANT_DATA`` is not set.
    """
    rows, read = list[Row](), list[str]()
    if (root := os.environ.get("ASSISTANT_DATA")) and test is None and pictures is None:
        data_root, encoders = Path(root), encoders_of(settings)
        rows += measure_pointing(pasted_things(data_root, POINTED_AT, seed), encoders, "pasted photographs")
        rows += measure_pointing(drawn_things(POINTED_AT // 4, seed), encoders, "things drawn by our own code")
        read.append(f"{POINTED_AT} things in photographs and as many drawn ones")
        train, test = data_root / "text_banking77/train_10.csv", data_root / "text_banking77/fewshot_test.csv"
        pictures = data_root / "pairs_intents/pairs.csv"
    if test is not None:
        known = intents_of(read_rows(train)) if train else load_plugins(settings).intents
        rows += measure_words(known, [row.text for row in read_rows(test)], settings, SENTENCES, seed)
        read.append(f"{SENTENCES} sentences of {test.name}")
    if pictures is not None:
        files = {row.image for row in read_rows(pictures, data_root) if row.image and row.label != "none"}
        unseen = sorted(files)[1::2]  # how parts are weighed was chosen on the others
        rows += measure_pictures(unseen, settings, PICTURES, seed)
        read.append(f"{min(PICTURES, len(unseen))} pictures of {pictures.name}")
    if not read:
        raise InputError("Name a CSV of sentences with --test or of pictures with --pictures, or set ASSISTANT_DATA.")
    return Report("evaluate explanations", ", ".join(read), rows)


def measure_words(
    intents: Sequence[Intent], texts: Sequence[str], settings: Settings, sample: int, seed: int
) -> list[Row]:
    """Measures on sentences of 4 to 20 words."""
    encoders = {encoder.name: encoder for encoder in create_encoders(settings) if encoder.modality == "text"}
    model = create_model("attention", encoders, settings)
    model.fit(intents)
    chosen = [text for text in texts if 4 <= len(text.split()) <= 20]
    random.Random(seed).shuffle(chosen)
    cases = [case for text in chosen[:sample] if (case := _sentence(text, model, encoders))]
    return summarise(cases, WORDS, "words", seed)


def measure_pictures(files: Sequence[Path], settings: Settings, sample: int, seed: int) -> list[Row]:
    """Measures on pictures, each on its own, with the plugins' intents."""
    encoders = {encoder.name: encoder for encoder in create_encoders(settings)}
    model = create_model("attention", encoders, settings)
    model.fit(load_plugins(settings).intents)
    paths = sorted(set(files))
    random.Random(seed).shuffle(paths)
    looking = [encoder for encoder in encoders.values() if encoder.modality == "image"]
    cases: list[Case] = []
    for file in paths:
        picture = read_picture(file, settings.vision.max_megapixels)
        if len(cases) < sample and (case := _picture(picture, model, looking)):
            cases.append(case)
    return summarise(cases, REGIONS, "parts of a picture", seed)


def summarise(cases: Sequence[Case], sizes: Sequence[int], what: str, seed: int) -> list[Row]:
    """Deletion and insertion at each size beside random choices, and the low end of the difference's interval."""

    def measured(case: Case, parts: NDArray[np.int64]) -> tuple[float, float]:
        chosen = parts[:size].tolist()
        return case.whole - case.probability(chosen, False), case.probability(chosen, True)

    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for size in sizes if cases else ():
        own = np.array([measured(case, np.argsort(-case.weights)) for case in cases])
        drawn = [[measured(case, rng.permutation(len(case.weights))) for _ in range(DRAWS)] for case in cases]
        random = np.array(drawn).mean(axis=1)
        low = low_end(own - random, rng)
        for column, name in enumerate((f"lost without {size} {what}", f"left with only {size} {what}")):
            mine, chance = 100 * own.mean(axis=0)[column], 100 * random.mean(axis=0)[column]
            rows.append(Row(name, float(mine), "%", peer=Peer("random ones", float(chance))))
            rows.append(Row(f"{name}, ahead of random at 97.5 %", 100 * float(low[column]), "%", at_least=0))
    return rows


def _sure(model: IntentModel, encodings: Sequence[Encoding], intent: str) -> float:
    return sum(c.confidence for c in model.decide(encodings).candidates if c.intent == intent)


def _sentence(text: str, model: IntentModel, encoders: Mapping[str, Encoder]) -> Case | None:
    def read(words: str) -> list[Encoding]:
        return [encoding for encoder in encoders.values() for encoding in encoder.encode([words or "."])]

    encodings = read(text)
    decision = model.decide(encodings)
    intent = explained_intent(decision)
    passage = attribute_words(model.decide, encodings, "text", encoders, intent)
    if passage is None or len(passage.words) <= max(WORDS):
        return None
    spans = [(word.start, word.end) for word in passage.words]

    def probability(parts: Sequence[int], only: bool) -> float:
        gone = [span for index, span in enumerate(spans) if (index in parts) != only]
        return _sure(model, read(without(text, gone)), intent)

    weights = np.array([word.weight for word in passage.words], np.float32)
    return Case(weights, _sure(model, encodings, intent), probability)


def _picture(picture: Picture, model: IntentModel, looking: Sequence[Encoder]) -> Case | None:
    small = picture.image.copy()
    small.thumbnail((512, 512))
    picture = Picture(small)

    def look(image: Image.Image) -> list[Encoding]:
        return [getattr(encoder, "inner", encoder).encode([Picture(image)])[0] for encoder in looking]

    encodings = look(small)
    decision = model.decide(encodings)
    if decision.intent == OUT_OF_SCOPE:
        return None
    intent, box = explained_intent(decision), field_of(looking, small.size)
    blurred = small.filter(ImageFilter.GaussianBlur(min(small.size) / 16))

    def probability(parts: Sequence[int], only: bool) -> float:
        gone = [part for part in range(GRID * GRID) if (part in parts) != only]
        return _sure(model, look(_blurred(small, blurred, box, gone)), intent)

    grid = attribute_regions(model.decide, picture, looking, intent).grid
    return Case(grid.ravel(), _sure(model, encodings, intent), probability)


def _blurred(
    image: Image.Image, blurred: Image.Image, box: tuple[float, float, float, float], parts: Sequence[int]
) -> Image.Image:
    """The picture with some parts of its grid blurred."""
    left, top, right, bottom = np.multiply(box, image.size * 2)
    across, down = np.linspace(left, right, GRID + 1), np.linspace(top, bottom, GRID + 1)
    result = image.copy()
    for row, column in (divmod(part, GRID) for part in parts):
        corners = (across[column], down[row], across[column + 1], down[row + 1])
        area = tuple(round(float(np.clip(edge, 0, most))) for edge, most in zip(corners, image.size * 2, strict=True))
        result.paste(blurred.crop(area), area[:2])  # type: ignore[arg-type]
    return result
