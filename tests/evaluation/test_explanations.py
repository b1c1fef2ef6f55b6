"""Tests that the highlighted evidence carries the decision, and that the measure detects when it does not."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from assistant.encoders.factory import create_encoders
from assistant.evaluation.explanations import Case, measure_pictures, measure_words, summarise
from assistant.evaluation.labelled import intents_of, read_rows
from assistant.evaluation.pointing_game import measure_pointing, pasted_things
from assistant.settings import Settings


def test_the_measure_tells_a_good_explanation_from_a_bad_one() -> None:
    worth = np.array([0.4, 0.3, 0.0, 0.0, 0.0, 0.0, 0.0], np.float32)

    def probability(parts: Sequence[int], only: bool) -> float:
        kept = float(worth[list(parts)].sum())
        return 0.2 + (kept if only else worth.sum() - kept)

    good, bad = (
        {row.metric: row for row in summarise([Case(weights, 0.9, probability)] * 20, (1, 2), "parts", seed=0)}
        for weights in (worth, -worth)
    )
    assert good["lost without 1 parts"].value == pytest.approx(40)
    assert good["left with only 2 parts"].value == pytest.approx(90)
    ahead = "lost without 1 parts, ahead of random at 97.5 %"
    assert good[ahead].value > 20
    assert bad[ahead].missed


def _root() -> Path:
    if not (root := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA is not set")
    return Path(root)


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(900)
def test_words_and_parts_of_pictures_pointed_at_carry_the_decision() -> None:
    root = _root()
    known = intents_of(read_rows(root / "text_banking77/train_10.csv"))
    texts = [row.text for row in read_rows(root / "text_banking77/fewshot_test.csv")]
    words = measure_words(known, texts, Settings(), 30, seed=0)
    assert all(row.value > 15 for row in words if "ahead" in row.metric)
    files = [row.image for row in read_rows(root / "pairs_intents/pairs.csv", root) if row.image]
    parts = [row for row in measure_pictures(files, Settings(), 12, seed=0) if row.peer]
    assert all(row.value > row.peer.value + 2 for row in parts if row.peer)


@pytest.mark.data
@pytest.mark.models
@pytest.mark.timeout(900)
def test_attention_lands_on_photographs_that_words_name() -> None:
    encoders = {encoder.name: encoder for encoder in create_encoders(Settings())}
    rows = measure_pointing(pasted_things(_root(), 60, seed=1), encoders, "pasted")
    found = {row.metric.partition(": ")[2]: row.value for row in rows}
    assert found["as a multiple of the share of the area"] > 2.5
    assert found["attention lands on what is named"] > found["lands there when another thing is named"] + 20
