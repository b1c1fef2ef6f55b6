"""Examples in one language and questions in another; names that teach and names that say nothing; unequal intents."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from assistant.fusion.late import LateFusion
from assistant.intents import IntentModel
from assistant.intents.fitting import Corpus, fit_text_head
from assistant.intents.head import TextHead, languages_of
from assistant.intents.training_set import language_read, reads
from assistant.settings import load_settings
from assistant.types import FloatArray

WIDTH = 24
KNOWN = frozenset(["wake", "me", "at", "seven", "what", "is", "the", "play", "song", "some"])


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("wake me at seven", "en"),
        ("laat alle wekkers zien", ""),  # Dutch without one of its commonest words
        ("sæt vækkeuret", ""),  # Danish, which is not among the languages told apart
        ("wann fährt der Zug", "de"),
        ("明天七点叫我", "zh"),
        ("أضف the final countdown إلى القائمة", ""),
        ("", "en"),
        ("12 345", "en"),
    ],
)
def test_an_encoder_of_english_reads_what_its_vocabulary_knows(text: str, language: str) -> None:
    found = language_read(text, KNOWN.__contains__)
    assert found in (language, "ar" if "\u0600" < text[:1] < "\u06ff" else language)
    assert reads("bert", found) == (language == "en")
    assert reads("use", found)


def test_languages_are_those_of_the_examples_but_not_of_a_stray_one() -> None:
    assert languages_of(["what is the time"] * 30 + ["你好吗"] * 30 + ["wo ist der Bahnhof"]) == ("en", "zh")


def draw(rng: np.random.Generator, centre: FloatArray, n: int) -> FloatArray:
    rows = centre + rng.normal(0.0, 0.25, (n, WIDTH))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def fitted(sizes: tuple[int, ...], hints: FloatArray | None = None) -> tuple[TextHead, list[FloatArray]]:
    """A head of one view, with intents of these sizes around random centres, and the centres."""
    rng = np.random.default_rng(3)
    centres = [row / np.linalg.norm(row) for row in rng.normal(size=(len(sizes), WIDTH)).astype(np.float32)]
    labels = np.repeat(np.arange(len(sizes)), sizes)
    names = np.zeros((0, WIDTH), np.float32) if hints is None else hints
    corpus = Corpus(
        views=(np.concatenate([draw(rng, centre, n) for centre, n in zip(centres, sizes, strict=True)]),),
        texts=tuple(f"what is {label} {row}" for row, label in enumerate(labels)),
        labels=labels,
        classes=len(sizes),
        hints=(names,),
        hint_texts=("name",) * len(names),
        hint_labels=np.arange(len(names)),
        foreign=(draw(rng, np.zeros(WIDTH, np.float32), 40),),
        foreign_texts=("strange",) * 40,
        deictic=(draw(rng, np.ones(WIDTH, np.float32), 20),),
        unlike=(np.zeros((0, WIDTH), np.float32),),
    )
    return fit_text_head(corpus, coverage=0.95, retention=0.95), centres


def test_five_hundred_examples_do_not_drown_three() -> None:
    head, centres = fitted((500, 3, 3))
    rng = np.random.default_rng(9)
    for index, centre in enumerate(centres):
        found = head.read([draw(rng, centre, 50)], ["what"] * 50)
        assert np.mean([reading.log_probs.argmax() == index for reading in found]) >= 0.8


def test_a_language_without_examples_is_asked_for_less_nearness() -> None:
    head, centres = fitted((12, 12, 12, 12))
    rng = np.random.default_rng(4)
    rows = [draw(rng, centres[0] * 0.8, 60)]
    assert head.languages == ("en",)
    own, other, unknown = (
        np.mean([reading.in_scope for reading in head.read(rows, ["what"] * 60, [language] * 60)])
        for language in ("en", "fr", "")
    )
    assert own < unknown < other
    assert head.read(rows, ["what"] * 60)[0].in_scope == head.read(rows, ["what"] * 60, ["en"] * 60)[0].in_scope


def test_names_teach_only_where_they_agree_with_the_examples() -> None:
    sizes = (6, 6, 6, 6)
    plain, centres = fitted(sizes)
    wrong, _ = fitted(sizes, np.stack(centres[1:] + centres[:1]))
    right, _ = fitted(sizes, np.stack(centres))
    assert np.array_equal(plain.weights, wrong.weights)
    assert not np.array_equal(plain.weights, right.weights)


def test_a_temperature_of_few_examples_stays_near_the_usual_one() -> None:
    head, _ = fitted((5, 5, 5))
    assert 0.2 < head.temperature < 1.0


def test_three_hundred_examples_of_another_language_are_learned_like_any(
    encoders: Any, make_intent: Any, read: Any
) -> None:
    rng = random.Random(0)
    things = {"lamp": "het licht in de keuken", "muziek": "een liedje van mijn lijst", "trein": "de trein naar de stad"}
    verbs = ("zet", "doe", "geef", "toon", "start", "zoek", "maak", "neem", "laat", "breng")
    endings = ("alstublieft", "nu", "voor mij", "vanavond", "morgen", "graag", "weer", "even", "straks", "snel")
    model = IntentModel(encoders, LateFusion(), load_settings())
    said = {name: [f"{verb} {thing} {end}" for verb in verbs for end in endings] for name, thing in things.items()}
    report = model.fit([make_intent(f"huis.{name}", *rng.sample(texts, 100)) for name, texts in said.items()])
    assert report.examples == 300
    for name, thing in things.items():
        assert model.decide(read(f"zoek {thing} nu graag")).intent == f"huis.{name}"
    assert model.decide(read("the moon pulls the tides twice a day")).outcome == "out_of_scope"
