"""Whether an explanation is faithful: taking away what it points at must hurt, and what it points at must suffice.

Deletion and insertion as in Petsiuk et al. 2018, "RISE", section 4.3, at a few fixed sizes, against the same number
of random parts, with a paired bootstrap interval. Parts of pictures are taken away by blurring, while the
explanation covers them with a colour, so that it is not measured with its own ruler.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from assistant.bus import Bus
from assistant.encoders.encoder import Encoder
from assistant.encoders.factory import create_encoders
from assistant.evaluation.intents import intents_of, read_rows
from assistant.explanation.contrast import explained_intent
from assistant.explanation.covering import GRID, attribute_regions, field_of
from assistant.explanation.patches import attribute_patches
from assistant.explanation.words import attribute_words, without
from assistant.fusion import create_fusion
from assistant.inputs.image_file import read_picture
from assistant.intents import IntentModel
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.settings import Settings
from assistant.types import OUT_OF_SCOPE, Encoding, FloatArray, Picture

__all__ = ["Faithfulness", "Step", "measure_pictures", "measure_words", "summarise"]

WORDS = (1, 2, 3)
"""how many words are taken away or kept"""
REGIONS = (5, 10, 15)
"""how many of the 49 parts of a picture"""
DRAWS = 5
"""random choices per case"""
BOOTSTRAP = 2000

Probability = Callable[[Sequence[int], bool], float]
"""the winner's probability without some parts, or (True) with nothing but them"""


@dataclass(frozen=True)
class Step:
    """One number of parts; means over all cases."""

    parts: int
    deletion: float
    """fall of the winner's probability without the parts that counted most"""
    random_deletion: float
    interval: tuple[float, float]
    """95 % bootstrap interval of the difference of the two falls"""
    insertion: float
    """the winner's probability with nothing but the parts that counted most"""
    random_insertion: float
    insertion_interval: tuple[float, float]
    """95 % bootstrap interval of the difference of the two insertions"""


@dataclass(frozen=True)
class Faithfulness:
    """One way to explain."""

    method: str
    cases: int
    rows: tuple[Step, ...]

    def to_json(self) -> dict[str, Any]:
        """Rounded."""
        rows = [
            {k: [round(x, 4) for x in v] if isinstance(v, tuple) else round(v, 4) for k, v in vars(row).items()}
            for row in self.rows
        ]
        return {"method": self.method, "cases": self.cases, "steps": rows}


@dataclass(frozen=True, eq=False)
class _Case:
    weights: Mapping[str, FloatArray]
    """method → weight of each part"""
    whole: float
    probability: Probability


def measure_words(train: Path | None, test: Path, settings: Settings, sample: int, seed: int) -> list[Faithfulness]:
    """Measure on sentences of at least four words.

    Raises:
        InputError: a file cannot be read.
        ModelUnavailable: weights are missing.
    """
    encoders = {encoder.name: encoder for encoder in create_encoders(settings) if encoder.modality == "text"}
    model = _fitted(intents_of(read_rows(train)) if train else _plugin_intents(settings), encoders, settings)
    texts = [row.text for row in read_rows(test) if 4 <= len(row.text.split()) <= 20]
    random.Random(seed).shuffle(texts)
    cases = [case for text in texts[:sample] if (case := _sentence(text, model, encoders))]
    return summarise(cases, WORDS, seed)


def measure_pictures(path: Path, root: Path | None, settings: Settings, sample: int, seed: int) -> list[Faithfulness]:
    """Measure on the pictures of a CSV, each on its own, with the plugins' intents.

    Raises:
        InputError: a file cannot be read.
        ModelUnavailable: weights are missing.
    """
    encoders = {encoder.name: encoder for encoder in create_encoders(settings)}
    model = _fitted(_plugin_intents(settings), encoders, settings)
    paths = sorted({row.image for row in read_rows(path, root) if row.image is not None and row.label != "none"})
    random.Random(seed).shuffle(paths)
    looking = [encoder for encoder in encoders.values() if encoder.modality == "image"]
    cases: list[_Case] = []
    for file in paths:
        picture = read_picture(file, settings.vision.max_megapixels)
        if len(cases) < sample and (case := _picture(picture, model, looking)):
            cases.append(case)
    return summarise(cases, REGIONS, seed)


def summarise(cases: Sequence[_Case], sizes: Sequence[int], seed: int) -> list[Faithfulness]:
    """Deletion and insertion of every method, against the same random choices."""
    rng = np.random.default_rng(seed)
    chance = [[_by_chance(case, size, rng) for size in sizes] for case in cases]
    found = []
    for method in cases[0].weights if cases else ():
        steps = []
        for column, size in enumerate(sizes):
            pairs = np.array([_measured(case, np.argsort(-case.weights[method])[:size]) for case in cases])
            other = np.array([row[column] for row in chance])
            steps.append(_step(size, pairs, other, rng))
        found.append(Faithfulness(method, len(cases), tuple(steps)))
    return found


def _step(size: int, pairs: np.ndarray[Any, Any], other: np.ndarray[Any, Any], rng: np.random.Generator) -> Step:
    means = (pairs - other)[rng.integers(0, len(pairs), (BOOTSTRAP, len(pairs)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975), axis=0)
    own, chance = pairs.mean(axis=0), other.mean(axis=0)
    falls, kept = ((float(low[column]), float(high[column])) for column in (0, 1))
    return Step(size, float(own[0]), float(chance[0]), falls, float(own[1]), float(chance[1]), kept)


def _measured(case: _Case, parts: Sequence[int] | np.ndarray[Any, Any]) -> tuple[float, float]:
    chosen = [int(part) for part in parts]
    return case.whole - case.probability(chosen, False), case.probability(chosen, True)


def _by_chance(case: _Case, size: int, rng: np.random.Generator) -> tuple[float, float]:
    count = len(next(iter(case.weights.values())))
    draws = [_measured(case, rng.permutation(count)[:size]) for _ in range(DRAWS)]
    falls, kept = zip(*draws, strict=True)
    return float(np.mean(falls)), float(np.mean(kept))


def _fitted(intents: Sequence[Intent], encoders: Mapping[str, Encoder], settings: Settings) -> IntentModel:
    fusion = create_fusion("attention")
    assert fusion is not None
    model = IntentModel(encoders, fusion, settings)
    model.fit(intents)
    return model


def _plugin_intents(settings: Settings) -> Sequence[Intent]:
    plugins = PluginManager(settings, Bus())
    plugins.load()
    return plugins.intents


def _sure(model: IntentModel, encodings: Sequence[Encoding], intent: str) -> float:
    return sum(c.confidence for c in model.decide(encodings).candidates if c.intent == intent)


def _sentence(text: str, model: IntentModel, encoders: Mapping[str, Encoder]) -> _Case | None:
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

    attended = {word: share for _, word, share in decision.attended}
    weights = {
        "gradient × embedding": np.array([word.weight for word in passage.words], np.float32),
        "attention alone": np.array([attended.get(word.text, 0.0) for word in passage.words], np.float32),
    }
    return _Case(weights, _sure(model, encodings, intent), probability)


def _picture(picture: Picture, model: IntentModel, looking: Sequence[Encoder]) -> _Case | None:
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

    grids = {"covering": attribute_regions(model.decide, picture, looking, intent).grid}
    if layers := attribute_patches(model.decide, encodings, intent):
        grids["gradient × activation"] = layers[0][1]
    weights = {name: grid.ravel() for name, grid in grids.items() if grid.size == GRID * GRID}
    return _Case(weights, _sure(model, encodings, intent), probability)


def _blurred(
    image: Image.Image, blurred: Image.Image, box: tuple[float, float, float, float], parts: Sequence[int]
) -> Image.Image:
    """The picture with some parts of its grid blurred; whatever lies outside the grid stays."""
    across, down = (box[2] - box[0]) / GRID * image.width, (box[3] - box[1]) / GRID * image.height
    result = image.copy()
    for part in parts:
        left, top = box[0] * image.width + part % GRID * across, box[1] * image.height + part // GRID * down
        area = tuple(
            round(min(max(edge, 0), most))
            for edge, most in zip((left, top, left + across, top + down), image.size * 2, strict=True)
        )
        result.paste(blurred.crop(area), area[:2])  # type: ignore[arg-type]
    return result
