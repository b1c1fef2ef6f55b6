"""Answers to a confirmation are read strictly, in every language."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from assistant.understanding.consent import read_consent

ANSWERS: list[dict[str, Any]] = [
    json.loads(line) for line in Path(__file__).with_name("consent.jsonl").read_text("utf-8").splitlines()
]
CANCEL = "Cancel order A1002 and refund €49.00?"


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda a: f"{a['language']}: {a['text']}")
def test_answer_is_read_as_it_is_meant(answer: dict[str, Any]) -> None:
    assert read_consent(answer["text"], answer["language"], answer["asked"]) == answer["consent"]


def test_there_are_answers_of_every_kind_in_every_language() -> None:
    assert len(ANSWERS) >= 400
    languages = {answer["language"] for answer in ANSWERS} - {""}
    assert len(languages) == 15
    for language in languages:
        assert {"yes", "no", "unsure"} <= {a["consent"] for a in ANSWERS if a["language"] == language}


@pytest.mark.parametrize("answer", [a for a in ANSWERS if a["consent"] == "yes"], ids=lambda a: a["text"])
@pytest.mark.parametrize("addition", ["but {} maybe", "{} A1007", "{} tomorrow 5 zebras", "zebra {}", "not {}"])
def test_yes_with_anything_else_is_no_yes(answer: dict[str, Any], addition: str) -> None:
    assert read_consent(addition.format(answer["text"]), answer["language"], answer["asked"]) != "yes"


def test_answers_that_are_no_answer_are_never_yes() -> None:
    for text in ("", " ", "?!", "…", "\x00", "🦓", "yes " * 5000, "a" * 20000, "\ud800"):
        assert read_consent(text, "en", CANCEL) != "yes"


@pytest.mark.bench
def test_reading_an_answer_is_fast() -> None:
    for answer in ANSWERS:  # fills the caches of every language
        read_consent(answer["text"], answer["language"], answer["asked"])
    began = time.process_time()
    for answer in ANSWERS:
        read_consent(answer["text"], answer["language"], answer["asked"])
    assert (time.process_time() - began) / len(ANSWERS) < 0.0005


@pytest.mark.parametrize(("said", "language"), [("prima", "de"), ("ne", "fr")])
def test_a_word_that_differs_between_languages_is_unsure_until_the_language_is_known(said: str, language: str) -> None:
    assert read_consent(said) == "unsure"
    assert read_consent(said, language) == {"prima": "yes", "ne": "no"}[said]


def test_a_long_text_agrees_to_nothing() -> None:
    assert read_consent("yes " * 1_000) == "other"
    assert read_consent("") == "other"
