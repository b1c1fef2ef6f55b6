"""What explanations point at carries the decision, and the measure can tell."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.encoders.factory import create_encoders
from assistant.evaluation.explanations import _fitted, _plugin_intents, measure_pictures, measure_words, summarise
from assistant.explanation.covering import attribute_regions
from assistant.inputs.image_file import read_picture
from assistant.settings import Settings


def test_the_measure_tells_a_good_explanation_from_a_bad_one() -> None:
    from assistant.evaluation.explanations import _Case

    worth = np.array([0.4, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0])

    def probability(parts: Sequence[int], only: bool) -> float:
        kept = float(worth[list(parts)].sum())
        return 0.2 + (kept if only else worth.sum() - kept)

    case = _Case({"good": worth.astype(np.float32), "bad": -worth.astype(np.float32)}, 0.9, probability)
    good, bad = summarise([case] * 20, (1, 2), seed=0)
    assert good.rows[0].deletion == pytest.approx(0.4)
    assert good.rows[1].insertion == pytest.approx(0.9)
    assert good.rows[0].interval[0] > 0.2
    assert bad.rows[0].interval[1] < 0.0


def _root() -> Path:
    if not (root := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA is not set")
    return Path(root)


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(900)
def test_words_pointed_at_carry_the_decision_on_real_sentences() -> None:
    folder = _root() / "text_banking77"
    faded, attention = measure_words(folder / "train_10.csv", folder / "fewshot_test.csv", Settings(), 30, seed=0)
    assert all(row.interval[0] > 0.15 for row in faded.rows)
    assert all(row.insertion > row.random_insertion + 0.15 for row in faded.rows)
    assert faded.rows[0].deletion > attention.rows[0].deletion + 0.1


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(900)
def test_parts_of_pictures_pointed_at_carry_the_decision() -> None:
    root = _root()
    covered = measure_pictures(root / "pairs_intents" / "pairs.csv", root, Settings(), 12, seed=0)[0]
    assert all(row.deletion > row.random_deletion + 0.02 for row in covered.rows)
    assert all(row.insertion > row.random_insertion + 0.05 for row in covered.rows)


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(900)
def test_the_heat_lies_on_the_lesion() -> None:
    """Dark parts of skin pictures weigh more than pale ones: over some pictures, rank correlation is above chance."""
    folder = _root() / "img_skin_ham10000" / "images"
    encoders = {encoder.name: encoder for encoder in create_encoders(Settings())}
    model = _fitted(_plugin_intents(Settings()), encoders, Settings())
    looking = [encoder for encoder in encoders.values() if encoder.modality == "image"]
    agreement = []
    for file in sorted(folder.iterdir())[3:80:13]:
        picture = read_picture(file, 100)
        heat = attribute_regions(model.decide, picture, looking, "medical_triage.review_skin")
        (left, top, right, bottom), (width, height) = heat.box, picture.image.size
        seen = picture.image.crop((int(left * width), int(top * height), int(right * width), int(bottom * height)))
        darkness = -np.asarray(seen.convert("L").resize((7, 7), Image.Resampling.BOX), np.float32).ravel()
        ranks = [np.argsort(np.argsort(values)) for values in (heat.grid.ravel(), darkness)]
        agreement.append(float(np.corrcoef(*ranks)[0, 1]))
    assert np.mean(agreement) > 0.1, agreement
    assert np.median(agreement) > 0.1, agreement
