"""The core knows no subject of any plugin: not in its code, its files' names, its settings or its help."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import assistant
from assistant.settings import shipped_dir

CORE = Path(assistant.__file__).parent
FOLDERS = (CORE, shipped_dir("config"))
TEXTS = {".py", ".toml", ".txt", ".md", ".json", ".html", ".js", ".css", ".service"}
PLUGINS = sorted(path.parent.name for path in shipped_dir("plugins").glob("*/picture_kinds.safetensors"))
SUBJECTS = re.compile(
    r"\bx[- ]?rays?\b|radiograph|\bskin\b|\bmoles?\b|\brash(?:es)?\b|dermat|lesions?\b|symptom|triage|red flag"
    r"|diagnos[ie]s|headache|sore throat|medicines?\b|medication|\bpills?\b|ibuprofen|pharmac|hospital|\bpatients\b"
    r"|receipts?\b|invoice|refund|parcel|warranty|customer|\bshops?\b|\bmy orders?\b|order number|track.?order"
    r"|\bdamage\b|lecture|\blessons?\b|\bquiz(?:zes)?\b|exercise|homework|tutor\b|(?<!of )\bcourses?\b"
    r"|photosynth|osmosis"
    r"|" + "|".join(PLUGINS),
    re.IGNORECASE,
)
"""words of the shipped plugins' subjects; not those that mean something in general too: order, return, claim, case"""
ALLOWED = (
    ("encoders/imagenet_names.txt", "shop medicine pill", "names of ImageNet's thousand classes"),
    ("language/common_words.toml", "refund", "the commonest words of spoken requests, by which a language is guessed"),
    ("language/understood.toml", "quiz", "kinds of sentences, of which it is told what is understood where"),
    ("intents/sentences/foreign.txt", "pharmac shop", "sentences about anything, as examples out of every domain"),
    (
        "training/material/sentences.toml",
        "shop invoice refund parcel headache medicine hospital homework lesson rash my order exercise",
        "captions of ImageNet's classes, and everyday words that are spoken in training",
    ),
    ("training/clauses/", "shop medicine lesson patient customer", "what the turns are about that people may say"),
    (
        "understanding/",
        "refund customer my order quiz parcel invoice",
        "everyday verbs and nouns that requests and refusals are made of",
    ),
    (
        "evaluation/",
        "headache parcel sore throat photosynth rash lesson my order triage receipt",
        "sentences that benchmarks put to the shipped plugins, or speak",
    ),
    ("cli/evaluate", "receipt triage", "commands of the shipped plugins"),
    (
        "retrieval/library/questions.toml",
        "receipt invoice refund lecture",
        "names of the papers and recordings that people look for in their own files",
    ),
)
"""file or folder, words that it may hold, and why"""


def texts() -> Iterator[tuple[str, str]]:
    """Every text file's path below its folder, and the file's name and text."""
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*")):
            if path.suffix in TEXTS and "_plugins" not in path.parts:
                yield path.relative_to(folder).as_posix(), f"{path.name}\n{path.read_text(encoding='utf-8')}"


def allowed(path: str, word: str) -> bool:
    return any(path.startswith(place) and found_in(word, words) for place, words, _ in ALLOWED)


def found_in(word: str, words: str) -> bool:
    return re.search(rf"\b{re.escape(word.lower().rstrip('s'))}", words) is not None


def test_the_core_names_no_subject_of_a_plugin() -> None:
    found = [
        f"{path}: {match.group()}"
        for path, text in texts()
        for match in SUBJECTS.finditer(text)
        if not allowed(path, match.group())
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("word", ["X-ray", "xrays", "receipt", "a mole", "quizzes", "order number 5", PLUGINS[0]])
def test_a_subject_would_be_found(word: str) -> None:
    assert SUBJECTS.search(word)


@pytest.mark.parametrize("text", ["in sorted order", "of course", "a damaged file", "patiently", "return value"])
def test_general_words_are_no_subject(text: str) -> None:
    assert not SUBJECTS.search(text)


def test_the_plugins_do_bring_picture_kinds() -> None:
    assert len(PLUGINS) == 3
