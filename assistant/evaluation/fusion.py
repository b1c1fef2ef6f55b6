"""Does joining help? Text and pictures together against either alone, with every control that could prove it wrong.

`evaluate_pairs` puts our own plugins' intents to turns of words and a real picture; `evaluate_retrieval` looks for
pictures by their captions. `assistant.evaluation.sentiment` trains a small head on tweets. All read ``ASSISTANT_DATA``.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assistant.contracts import Encoder
from assistant.errors import InputError
from assistant.fusion import SharedSpace
from assistant.fusion.projection import ANCHOR
from assistant.messages import Decision, Encoding, Picture
from assistant.training.alignment import recall_at

__all__ = ["Decide", "PairsReport", "data_folder", "evaluate_pairs", "evaluate_retrieval", "is_right", "read_rows"]

Decide = Callable[[Sequence[Encoding]], Decision]
"""encodings of a turn → what is decided: `IntentModel.decide`"""
NONE = "none"
"""label of turns that belong to no domain"""


@dataclass
class PairsReport:
    """Shares of right decisions, 0 to 1."""

    right: dict[str, float] = field(default_factory=dict)
    """condition and kind of turn, such as "together: ambiguous_text", → share right; a "none" turn is right when
    nothing is answered"""
    by_label: dict[str, float] = field(default_factory=dict)
    """label → share right of ambiguous words with a picture"""
    count: dict[str, int] = field(default_factory=dict)
    """how many turns each share of `right` rests on"""


def data_folder(name: str) -> Path:
    """A folder of the data that ``ASSISTANT_DATA`` points to.

    Raises:
        InputError: it is not there.
    """
    folder = Path(os.environ.get("ASSISTANT_DATA", "")) / name
    if not os.environ.get("ASSISTANT_DATA") or not folder.is_dir():
        raise InputError(f"There is no {name} to measure on; set ASSISTANT_DATA to the folder that holds it")
    return folder


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file; bytes that are not UTF-8 are replaced."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return list(csv.DictReader(file))


def evaluate_pairs(decide: Decide, texts: Sequence[Encoder], vision: Sequence[Encoder], seed: int = 0) -> PairsReport:
    """Decide every pair together, by words alone, by its picture alone, and with another turn's picture.

    Args:
        decide: the intent model, fitted on the shipped plugins.
        texts: text encoders.
        vision: image encoders.
        seed: of the shuffle.
    """
    rows = read_rows(data_folder("pairs_intents") / "pairs.csv")
    words = _read_all([row["text"] for row in rows], texts)
    pictures = _look_at_all([row["image"] for row in rows], data_folder("."), vision)
    shuffled = _derange([row["label"] for row in rows], np.random.default_rng(seed))
    conditions: dict[str, Callable[[int], list[Encoding]]] = {
        "together": lambda i: words[rows[i]["text"]] + pictures[rows[i]["image"]],
        "words only": lambda i: words[rows[i]["text"]],
        "picture only": lambda i: pictures[rows[i]["image"]],
        "shuffled pictures": lambda i: words[rows[i]["text"]] + pictures[rows[int(shuffled[i])]["image"]],
    }
    report = PairsReport()
    for condition, evidence in conditions.items():
        outcomes: dict[str, list[bool]] = {}
        for index, row in enumerate(rows):
            encodings = evidence(index)
            if not encodings or (condition != "together" and not (row["text"] and row["image"])):
                continue
            right = is_right(decide(encodings), row["label"])
            kind = f"{row['kind']}, nobody's" if row["label"] == NONE else row["kind"]
            outcomes.setdefault(kind, []).append(right)
            if condition == "together" and row["kind"] == "ambiguous_text":
                outcomes.setdefault(f"={row['label']}", []).append(right)
        for kind, found in sorted(outcomes.items()):
            if kind.startswith("="):
                report.by_label[kind[1:]] = float(np.mean(found))
            else:
                report.right[f"{condition}: {kind}"] = float(np.mean(found))
                report.count[f"{condition}: {kind}"] = len(found)
    return report


def is_right(decision: Decision, label: str) -> bool:
    """Whether the intent is answered as it should be; for nobody's turns, whether no intent is answered."""
    if label == NONE:
        return decision.outcome != "answer"
    return decision.outcome == "answer" and decision.intent == label


def evaluate_retrieval(texts: Encoder, vision: Encoder, count: int = 200) -> tuple[float, float]:
    """R@1 and R@10 of finding one of `count` photographs by a caption, over the five captions of each.

    The photographs are the last of the set in alphabetical order; nothing is trained on them.
    """
    folder = data_folder("img_flickr8k")
    captions: dict[str, list[str]] = {}
    for row in read_rows(folder / "manifest.csv"):
        captions.setdefault(row["file"], []).append(row["caption"])
    chosen = sorted(captions)[-count:]
    space = SharedSpace()
    seen = np.stack([_look(folder / name, [vision])[0].pooled for name in chosen])
    projected = space.project(vision.name, seen)
    scores = []
    for turn in range(5):
        said = texts.encode([captions[name][turn] for name in chosen])
        scores.append(recall_at(space.project(ANCHOR, np.stack([e.pooled for e in said])), projected))
    first, tenth = np.mean(scores, axis=0)
    return float(first), float(tenth)


def _read_all(texts: Sequence[str], encoders: Sequence[Encoder]) -> dict[str, list[Encoding]]:
    unique = sorted(set(texts) - {""})
    columns = [encoder.encode(unique) for encoder in encoders]
    return {"": []} | {text: list(row) for text, row in zip(unique, zip(*columns, strict=True), strict=True)}


def _look_at_all(names: Sequence[str], folder: Path, encoders: Sequence[Encoder]) -> dict[str, list[Encoding]]:
    return {"": []} | {name: _look(folder / name, encoders) for name in sorted(set(names) - {""})}


def _look(path: Path, encoders: Sequence[Encoder]) -> list[Encoding]:
    with Image.open(path) as image:
        picture = Picture(image.convert("RGB"), str(path))
    return [encoder.encode([picture])[0] for encoder in encoders]


def _derange(labels: Sequence[str], rng: np.random.Generator) -> NDArray[np.int64]:
    """For each row another row of a different label, as often as that can be."""
    order = rng.permutation(len(labels))
    for _ in range(20):
        wrong = [i for i in range(len(labels)) if labels[order[i]] == labels[i]]
        for i in wrong:
            j = int(rng.integers(len(labels)))
            order[i], order[j] = order[j], order[i]
    return order
