"""How well a library finds: pictures by sentences, sentences by pictures, passages by questions.

Three tasks. Photographs (``img_flickr8k``): each of five captions looks for its picture, and each picture for its
captions; with a voice, the caption is spoken first. Passages (``text_banking77``): a test question looks for the
training questions of the same intent. Every way of asking is measured alone and beside the others joined.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.evaluation.data import data_folder, read_table
from assistant.inputs.image_file import read_picture
from assistant.library import Perception
from assistant.messages import AudioClip
from assistant.retrieval import Item, Kind, LibraryTable, Query, Source
from assistant.settings import load_settings

__all__ = ["RetrievalFigures", "evaluate_retrieval"]

DEPTH = 10
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class RetrievalFigures:
    """Shares from 0 to 1."""

    task: str
    way: str
    """"hybrid", or the one ranking that was asked"""
    queries: int
    among: int
    """items that could be found"""
    recall_1: float
    """queries with a right item first"""
    recall_5: float
    recall_10: float
    ndcg_10: float
    """Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques", with gains of 0 and 1"""

    def to_json(self) -> dict[str, Any]:
        """Rounded."""
        return {key: round(v, 4) if isinstance(v, float) else v for key, v in asdict(self).items()}


@dataclass(frozen=True, eq=False)
class _Question:
    query: Query
    right: frozenset[str]
    """sources that answer it"""


def evaluate_retrieval(pictures: int, questions: int, spoken: int, progress: Progress) -> list[RetrievalFigures]:
    """Measure all tasks.

    Args:
        pictures: how many photographs, the last of the set in alphabetical order; nothing is trained on them.
        questions: how many test questions of the passage search, spread over all intents.
        spoken: how many captions are spoken; 0 leaves that out.
        progress: told how far it is.

    Raises:
        InputError: the data are not there.
        SettingsError: the extra packages are not installed.
    """
    perception = Perception.from_settings(load_settings())
    with tempfile.TemporaryDirectory() as folder:
        figures = _photographs(perception, Path(folder), pictures, spoken, progress)
        return figures + _passages(perception, Path(folder), questions, progress)


def _photographs(
    perception: Perception, folder: Path, count: int, spoken: int, progress: Progress
) -> list[RetrievalFigures]:
    data = data_folder("img_flickr8k")
    captions: dict[str, list[str]] = {}
    for row in read_table(data / "manifest.csv"):
        captions.setdefault(row["file"], []).append(row["caption"])
    chosen = sorted(captions)[-count:]
    seen = []
    for number, name in enumerate(chosen, 1):
        seen.append(perception.look(read_picture(data / name)))
        progress("pictures", number, len(chosen))
    said = [(name, caption) for name in chosen for caption in captions[name]]
    shared, meaning = perception.encode([caption for _, caption in said])
    items = [Item(name, 0, "image", "", vector) for name, vector in zip(chosen, seen, strict=True)]
    items += [Item(f"{n} {row}", 0, "text", c, shared[row], meaning[row]) for row, (n, c) in enumerate(said)]
    table = _fill(folder, "photographs", items)
    asked = [_Question(Query("", shared[row]), frozenset([name])) for row, (name, _) in enumerate(said)]
    mine = {name: frozenset(f"{name} {row}" for row, (of, _) in enumerate(said) if of == name) for name in chosen}
    shown = [_Question(Query("", vector), mine[name]) for name, vector in zip(chosen, seen, strict=True)]
    figures = [
        _measure("sentence → picture", "hybrid", table, asked, "image", len(chosen)),
        _measure("picture → sentence", "hybrid", table, shown, "text", len(said)),
    ]
    if spoken:
        heard = _spoken(perception, said[:: max(1, len(said) // spoken)][:spoken], progress)
        figures.append(_measure("spoken sentence → picture", "hybrid", table, heard, "image", len(chosen)))
    return figures


def _spoken(perception: Perception, said: Sequence[tuple[str, str]], progress: Progress) -> list[_Question]:
    import soxr

    from assistant.speech import Synthesizer

    voice = Synthesizer("hibari")
    questions = []
    for number, (name, caption) in enumerate(said, 1):
        clip = voice.say(caption)
        samples = soxr.resample(clip.samples, clip.sample_rate, 16_000)
        query = perception.ask(clip=AudioClip(np.clip(samples, -1, 1).astype(np.float32)))
        questions.append(_Question(Query("", query.shared), frozenset([name])))
        progress("spoken captions", number, len(said))
    return questions


def _passages(perception: Perception, folder: Path, count: int, progress: Progress) -> list[RetrievalFigures]:
    data = data_folder("text_banking77")
    known, asked = read_table(data / "train.csv"), read_table(data / "test.csv")
    asked = asked[:: max(1, len(asked) // count)][:count]
    shared, meaning = _encode(perception, [row["text"] for row in known], progress)
    items = [Item(f"{n}", 0, "text", row["text"], shared[n], meaning[n]) for n, row in enumerate(known)]
    table = _fill(folder, "passages", items)
    right: dict[str, frozenset[str]] = {}
    for label in {row["label"] for row in known}:
        right[label] = frozenset(str(n) for n, row in enumerate(known) if row["label"] == label)
    ours, theirs = perception.encode([row["text"] for row in asked])
    questions = [_Question(Query(row["text"], ours[n], theirs[n]), right[row["label"]]) for n, row in enumerate(asked)]
    ways: dict[str, Callable[[Query], Query]] = {
        "hybrid": lambda query: query,
        "shared": lambda query: Query("", query.shared),
        "meaning": lambda query: Query("", None, query.meaning),
        "words": lambda query: Query(query.words),
    }
    figures = []
    for way, ask in ways.items():
        narrowed = [replace(question, query=ask(question.query)) for question in questions]
        figures.append(_measure("question → passages", way, table, narrowed, "text", len(known)))
    return figures


def _encode(perception: Perception, texts: Sequence[str], progress: Progress, batch: int = 256) -> tuple[Any, Any]:
    parts = []
    for start in range(0, len(texts), batch):
        parts.append(perception.encode(texts[start : start + batch]))
        progress("passages", min(start + batch, len(texts)), len(texts))
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _fill(folder: Path, name: str, items: Sequence[Item]) -> LibraryTable:
    table = LibraryTable(folder / name)
    table.replace([Source(item.source, "", 0, 0.0, 1) for item in items], items)
    table.settle()
    return table


def _measure(
    task: str, way: str, table: LibraryTable, questions: Sequence[_Question], kind: Kind, among: int
) -> RetrievalFigures:
    ranks, gains = [], []
    for question in questions:
        found = [hit.source in question.right for hit in table.search(question.query, DEPTH, kind)]
        ranks.append(found.index(True) if any(found) else DEPTH)
        gains.append(_ndcg(found, len(question.right)))
    first, fifth, tenth = (float(np.mean([rank < k for rank in ranks])) for k in (1, 5, 10))
    return RetrievalFigures(task, way, len(questions), among, first, fifth, tenth, float(np.mean(gains)))


def _ndcg(found: Sequence[bool], right: int) -> float:
    discounts = 1.0 / np.log2(np.arange(2, DEPTH + 2))
    ideal = discounts[: min(right, DEPTH)].sum()
    return float(sum(discount for discount, hit in zip(discounts, found, strict=False) if hit) / ideal)
