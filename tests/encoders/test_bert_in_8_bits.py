"""The shipped BERT with 8-bit weights beside the same one with all its bits, on real questions."""

from __future__ import annotations

import csv
import os
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from assistant.encoders.checkpoints import locate
from assistant.encoders.text import BertEncoder
from assistant.intents.logistic import fit_logistic
from assistant.types import FloatArray

pytestmark = [pytest.mark.data, pytest.mark.models]

SETS = ("text_banking77", "text_clinc150")


@cache
def encoders() -> tuple[BertEncoder, BertEncoder]:
    return BertEncoder(), BertEncoder(f"dir:{locate('minilm-l6')}")  # only the name has 8-bit weights


def rows(name: str, part: str) -> list[tuple[str, str]]:
    if not (root := os.environ.get("ASSISTANT_DATA")):
        pytest.skip("ASSISTANT_DATA does not name the folder of data")
    with (Path(root) / name / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]


def vectors(encoder: BertEncoder, texts: list[str]) -> FloatArray:
    return np.stack([encoding.pooled for encoding in encoder.encode(texts)])


def test_the_finer_models_vectors_are_the_same_to_a_thousandth() -> None:
    texts = [text for name in SETS for text, _ in rows(name, "test")[:50]]
    few, full = (vectors(BertEncoder(model), texts) for model in ("mpnet-base", f"dir:{locate('mpnet-base')}"))
    assert (few * full).sum(axis=1).min() >= 0.999


def test_vectors_of_a_thousand_questions_are_the_same_to_a_thousandth() -> None:
    texts = [text for name in SETS for text, _ in rows(name, "test")[:500]]
    few, full = (vectors(encoder, texts) for encoder in encoders())
    assert (few * full).sum(axis=1).min() >= 0.999


@pytest.mark.parametrize("name", SETS)
def test_questions_are_classified_as_well(name: str) -> None:
    train, test = rows(name, "train_10"), rows(name, "test")
    labels = sorted({label for _, label in train})
    number = {label: index for index, label in enumerate(labels)}
    y = np.array([number[label] for _, label in train])
    truth = np.array([number.get(label, -1) for _, label in test])
    accuracy = []
    for encoder in encoders():
        weights = fit_logistic(vectors(encoder, [text for text, _ in train]), y, len(labels))
        logits = vectors(encoder, [text for text, _ in test]) @ weights[:-1] + weights[-1]
        accuracy.append(100 * float((logits.argmax(axis=1) == truth).mean()))
    print(name, accuracy)
    assert accuracy[0] >= accuracy[1] - 0.1
