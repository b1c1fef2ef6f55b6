"""Measures how well a library finds pictures by sentences, sentences by pictures, passages by questions.

Three tasks. Photographs (``img_flickr8k``): each of five captions looks for its picture, and each picture for its
captions; with a voice, the caption is spoken first. Passages (``text_banking77``): a test question looks for the
training questions of the same intent. Every way of asking is measured alone and beside the others joined.
What was chosen (how much each ranking counts) was chosen on other pictures and other questions.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.encoders.models import Models
from assistant.evaluation.metrics import low_end, mean
from assistant.inputs.image_file import read_picture
from assistant.loading import create_models
from assistant.retrieval.asking import make_query, ranking_weights
from assistant.retrieval.items import SHOWS, Item, Kind, Query, Source
from assistant.retrieval.lance_table import LibraryTable
from assistant.settings import Settings
from assistant.speech import Synthesizer
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import data_folder, read_captions, read_table

__all__ = ["HYBRID", "Question", "compare_ways", "evaluate_retrieval"]

DEPTH = 10
HYBRID = "hybrid"

WAYS: dict[str, Callable[[Query], Query]] = {
    HYBRID: lambda query: query,
    "shared": lambda query: Query("", query.shared),
    "meaning": lambda query: Query("", None, query.meaning),
    "words": lambda query: Query(query.words),
}


def evaluate_retrieval(
    settings: Settings, progress: StepProgress, pictures: int, questions: int, spoken: int
) -> Report:
    """Measures all tasks on the last `pictures` photographs, `questions` of all intents, and `spoken` captions."""
    models = create_models(settings, keep_encodings=False)
    with tempfile.TemporaryDirectory() as folder:
        rows = _photographs(models, Path(folder), pictures, spoken, progress)
        rows += _passages(models, Path(folder), questions, progress)
    data = f"{pictures} photographs, {questions} questions, {spoken} spoken captions"
    return Report("evaluate retrieval", data, rows)


def _photographs(models: Models, folder: Path, count: int, spoken: int, progress: StepProgress) -> list[Row]:
    data, captions = read_captions()
    chosen = [*captions][-count:]
    seen = [models.describe_picture(read_picture(data / name)) for name in tracked(progress, "pictures", chosen)]
    said = [(name, caption) for name in chosen for caption in captions[name]]
    shared, meaning = models.embed_texts([caption for _, caption in said])
    table = _fill(
        folder / "photographs",
        [
            Item(name, 0, "image", "", view.shared, view.meaning, metadata={SHOWS: ", ".join(view.names)})
            for name, view in zip(chosen, seen, strict=True)
        ]
        + [Item(f"{n} {row}", 0, "text", c, shared[row], meaning[row]) for row, (n, c) in enumerate(said)],
    )
    asked = [
        Question(Query(c, shared[row], meaning[row], ranking_weights(c)), frozenset([name]))
        for row, (name, c) in enumerate(said)
    ]
    mine = {name: frozenset(f"{name} {row}" for row, (of, _) in enumerate(said) if of == name) for name in chosen}
    shown = [
        Question(Query(" ".join(view.names), view.shared, view.meaning, ranking_weights("")), mine[name])
        for name, view in zip(chosen, seen, strict=True)
    ]
    figures = compare_ways("sentence → picture", table, asked, "image")
    figures += compare_ways("picture → sentence", table, shown, "text")
    if spoken:
        voice = Synthesizer("hibari")
        heard = [
            Question(make_query(models, clip=voice.recording(caption)), frozenset([name]))
            for name, caption in tracked(progress, "spoken captions", said[:: max(1, len(said) // spoken)][:spoken])
        ]
        figures += compare_ways("spoken sentence → picture", table, heard, "image")
    return figures


def _passages(models: Models, folder: Path, count: int, progress: StepProgress) -> list[Row]:
    data = data_folder("text_banking77")
    known, asked = read_table(data / "train.csv"), read_table(data / "test.csv")
    asked = asked[:: max(1, len(asked) // count)][:count]
    starts = tracked(progress, "passages", range(0, len(known), 256))
    parts = [models.embed_texts([row["text"] for row in known[start : start + 256]]) for start in starts]
    shared, meaning = (np.concatenate(rows) for rows in zip(*parts, strict=True))
    items = [Item(f"{n}", 0, "text", row["text"], shared[n], meaning[n]) for n, row in enumerate(known)]
    right: dict[str, set[str]] = defaultdict(set)
    for n, row in enumerate(known):
        right[row["label"]].add(str(n))
    ours, theirs = models.embed_texts([row["text"] for row in asked])
    questions = [
        Question(Query(row["text"], ours[n], theirs[n], ranking_weights(row["text"])), frozenset(right[row["label"]]))
        for n, row in enumerate(asked)
    ]
    return compare_ways("question → passages", _fill(folder / "passages", items), questions, "text")


def _fill(folder: Path, items: Sequence[Item]) -> LibraryTable:
    table = LibraryTable(folder)
    table.replace([Source(item.source, "", 0, 0.0, 1) for item in items], items)
    table.settle()
    return table


@dataclass(frozen=True, eq=False)
class Question:
    """A question and its right results."""

    query: Query
    right: frozenset[str]
    """sources that answer it"""


def compare_ways(task: str, table: LibraryTable, questions: Sequence[Question], kind: Kind) -> list[Row]:
    """Asks all questions (one at least) in every way that they can be asked.

    Returns:
        The hybrid first, then each other way; nDCG after Järvelin and Kekäläinen 2002, with gains of 0 and 1.
    """
    first = questions[0].query
    there = {"words": bool(first.words), "meaning": first.meaning is not None, "shared": first.shared is not None}
    results = {
        way: [_ask(table, ask(question.query), question.right, kind) for question in questions]
        for way, ask in WAYS.items()
        if there.get(way, True)
    }
    gains = {way: np.array([gain for _, gain in found]) for way, found in results.items()}
    rows = []
    for way, found in results.items():
        rows.append(percent(f"{task}, {way}: R@1", mean(hits[0] for hits, _ in found)))
        rows.append(percent(f"{task}, {way}: R@{DEPTH}", mean(any(hits) for hits, _ in found)))
        rows.append(percent(f"{task}, {way}: nDCG@{DEPTH}", float(gains[way].mean())))
        if way != HYBRID:
            ahead = float(low_end(gains[HYBRID] - gains[way], np.random.default_rng(0)))
            rows.append(percent(f"{task}, hybrid ahead of {way}: nDCG@{DEPTH} at 97.5 %", ahead))
    return rows


def _ask(table: LibraryTable, query: Query, right: frozenset[str], kind: Kind) -> tuple[list[bool], float]:
    found = [hit.source in right for hit in table.search(query, DEPTH, kind)]
    found += [False] * (DEPTH - len(found))
    discounts = 1.0 / np.log2(np.arange(2, DEPTH + 2))
    return found, float(discounts[found].sum() / discounts[: len(right)].sum())
