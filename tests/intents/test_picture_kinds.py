"""A plugin's own file of picture kinds decides what a picture means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assistant.fusion.late import LateFusion
from assistant.fusion.picture_kinds import ENCODER, PictureKind, roots, write_detector
from assistant.fusion.pictures import PictureLogits
from assistant.intents import IntentModel
from assistant.intents.fusion_input import beside
from assistant.intents.head import Reading
from assistant.settings import load_settings
from assistant.training.picture_kinds import Samples, fit_detector
from assistant.types import Encoding

TILE, LEAF, NEITHER = 3, 700, 1100
"""the feature that pictures of a tile, of a leaf, and of neither show most"""


def pictures(feature: int, count: int = 12) -> np.ndarray:
    rows = np.random.default_rng(feature).uniform(0, 0.3, (count, 1280)).astype(np.float32)
    rows[:, feature] = 60.0
    return rows


def seen(feature: int) -> list[Encoding]:
    row = pictures(feature, 13)[-1]
    return [Encoding("image", ENCODER, row[None], np.ones(1, np.bool_), row)]


@pytest.fixture
def kinds(tmp_path: Path, read: Any) -> Path:
    """A file that knows tiles and leaves."""
    known = (PictureKind("tile", ("a cracked tile",)), PictureKind("leaf", ("a withered leaf",)))
    rows = {"tile": pictures(TILE), "leaf": pictures(LEAF), "photo": pictures(NEITHER)}
    samples = Samples({name: roots(part) for name, part in rows.items()})
    phrases = [read(kind.phrases[0], "bert")[0].pooled[None] for kind in known]
    write_detector(tmp_path / "kinds.safetensors", fit_detector(known, samples, phrases))
    return tmp_path / "kinds.safetensors"


def fitted(encoders: Any, make_intent: Any, kinds: Path) -> tuple[IntentModel, tuple[str, ...]]:
    intents = [
        make_intent("floor.mend", "mend my floor", "the floor is broken", looks_like=["a cracked tile"]),
        make_intent("garden.water", "water the garden", "the plants are dry", looks_like=["a withered leaf"]),
    ]
    model = IntentModel(encoders, LateFusion(), load_settings())
    report = model.fit([replace(intents[0], picture_kinds=kinds), intents[1]])
    return model, report.warnings


def test_a_picture_of_a_kind_means_the_intent_that_looks_like_it(encoders: Any, make_intent: Any, kinds: Path) -> None:
    model, warnings = fitted(encoders, make_intent, kinds)
    assert not warnings
    for feature, intent in ((TILE, "floor.mend"), (LEAF, "garden.water")):
        decision = model.decide(seen(feature))
        assert (decision.outcome, decision.intent) == ("answer", intent)
        likely = model.picture_kinds(seen(feature))
        assert max(likely, key=lambda name: likely[name]) == {TILE: "tile", LEAF: "leaf"}[feature]
    assert model.decide(seen(NEITHER)).outcome != "answer"
    assert sum(model.picture_kinds(seen(NEITHER)).values()) < 0.5
    assert model.picture_kinds([]) == {}


def test_a_picture_of_another_intent_makes_it_likelier_that_words_only_point() -> None:
    def after(pointing: float, said: Sequence[float], shown: Sequence[float], reliability: float) -> float:
        reading = Reading(np.log(np.array(said, np.float32)), in_scope=0.5, deictic=pointing)
        picture = PictureLogits(np.log(np.array(shown, np.float32)), reliability, {})
        return beside(picture, reading).deictic

    vague, sure, elsewhere = [0.5, 0.3, 0.2], [0.97, 0.02, 0.01], [0.01, 0.01, 0.98]
    assert after(0.4, vague, elsewhere, 0.95) > 0.5, "how bad is it, beside an X-ray"
    assert after(0.4, vague, elsewhere, 0.0) == pytest.approx(0.4), "an everyday picture tells nothing"
    assert after(0.02, sure, elsewhere, 0.95) < 0.1, "what is said outranks what is shown"
    assert after(0.02, sure, sure, 0.95) == pytest.approx(0.02, abs=0.002), "both say the same"


def test_a_damaged_file_is_named_once_and_words_still_decide(
    encoders: Any, make_intent: Any, kinds: Path, read: Any
) -> None:
    kinds.write_bytes(b"not a detector")
    model, warnings = fitted(encoders, make_intent, kinds)
    assert [line for line in warnings if "holds no picture kinds" in line and line.startswith("floor:")] == [*warnings]
    assert len(warnings) == 1
    assert model.decide(seen(TILE)).outcome != "answer"
    assert model.decide(read("please mend my broken floor")).intent == "floor.mend"
