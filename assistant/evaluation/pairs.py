"""Does joining help our own plugins? Words and a real picture together, against either alone and every control.

Two sets: turns that mean an intent (``pairs_intents``), and photographs of everyday things under words that only
point (``img_imagenet1000``, ``img_coco_qa``), which belong to nobody and should lead to a question.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from assistant.encoders.encoder import Encoder
from assistant.evaluation.data import data_folder, read_table
from assistant.training.features import Progress
from assistant.types import Decision, Encoding, Picture

__all__ = ["Decide", "PairsReport", "Share", "evaluate_pairs", "is_right"]

Decide = Callable[[Sequence[Encoding]], Decision]
"""encodings of a turn → what is decided: `IntentModel.decide`"""
NONE = "none"
"""label of turns that belong to no domain"""
AMBIGUOUS = "ambiguous_text"
"""kind of turns whose words only point"""
EVERYDAY = ("img_imagenet1000", "img_coco_qa")
POINTING = (
    *("so, what do we have here", "mind having a quick look", "this is the thing", "I wonder about this"),
    *("well, here it is", "could you tell me more about that one", "look what I found", "your thoughts, please"),
)
"""words that only point; none of them is among the sentences that anything was trained on"""


@dataclass(frozen=True)
class Share:
    """A share of turns."""

    share: float
    """0 to 1"""
    turns: int
    """how many turns it rests on"""


@dataclass(frozen=True)
class PairsReport:
    """What came of every kind of turn under every condition."""

    right: Mapping[str, Mapping[str, Share]]
    """condition → kind of turn → decided rightly; a turn of nobody's is right when nothing is answered"""
    by_label: Mapping[str, Share]
    """label → decided rightly, of pointing words with a picture"""
    everyday: Mapping[str, Mapping[str, Share]]
    """folder of everyday photographs → "answer", "clarify" or "out_of_scope" → how often pointing words end so"""

    def to_json(self) -> dict[str, Any]:
        """Shares rounded, beside their numbers of turns."""

        def plain(shares: Mapping[str, Share]) -> dict[str, Any]:
            return {name: {"share": round(found.share, 4), "turns": found.turns} for name, found in shares.items()}

        return {
            "right": {condition: plain(kinds) for condition, kinds in self.right.items()},
            "by_label": plain(self.by_label),
            "everyday": {folder: plain(outcomes) for folder, outcomes in self.everyday.items()},
        }


def evaluate_pairs(
    decide: Decide, texts: Sequence[Encoder], vision: Sequence[Encoder], progress: Progress, seed: int = 0
) -> PairsReport:
    """Decide every pair together, by words alone, by its picture alone, and with another turn's picture.

    Args:
        decide: the intent model, fitted on the shipped plugins.
        texts: text encoders.
        vision: image encoders.
        progress: told how far it is.
        seed: of the shuffle.

    Raises:
        InputError: the data is not there.
    """
    root = data_folder(".")
    rows = read_table(data_folder("pairs_intents") / "pairs.csv")
    words = _read(POINTING, texts) | _read((row["text"] for row in rows), texts)
    seen = _look((root / row["image"] for row in rows if row["image"]), vision, "looking at the pairs", progress)
    shown = {"": list[Encoding]()} | {str(path.relative_to(root)): found for path, found in seen.items()}
    other = _derange([row["label"] for row in rows], np.random.default_rng(seed))
    conditions: dict[str, Callable[[int], list[Encoding]]] = {
        "together": lambda i: words[rows[i]["text"]] + shown[rows[i]["image"]],
        "words only": lambda i: words[rows[i]["text"]],
        "picture only": lambda i: shown[rows[i]["image"]],
        "shuffled pictures": lambda i: words[rows[i]["text"]] + shown[rows[int(other[i])]["image"]],
    }
    found: dict[str, dict[str, list[bool]]] = defaultdict(lambda: defaultdict(list))
    by_label: dict[str, list[bool]] = defaultdict(list)
    for done, (condition, evidence) in enumerate(conditions.items(), 1):
        for index, row in enumerate(rows):
            encodings = evidence(index)
            if not encodings or (condition != "together" and not (row["text"] and row["image"])):
                continue
            right = is_right(decide(encodings), row["label"])
            found[condition][row["kind"] + (", nobody's" if row["label"] == NONE else "")].append(right)
            if condition == "together" and row["kind"] == AMBIGUOUS:
                by_label[row["label"]].append(right)
        progress("deciding the pairs", done, len(conditions))
    return PairsReport(
        {condition: _shares(kinds) for condition, kinds in found.items()},
        _shares(by_label),
        {name: _everyday(name, decide, words, vision, progress) for name in EVERYDAY},
    )


def is_right(decision: Decision, label: str) -> bool:
    """Whether the intent is answered as it should be; for nobody's turns, whether no intent is answered."""
    if label == NONE:
        return decision.outcome != "answer"
    return decision.outcome == "answer" and decision.intent == label


def _everyday(
    name: str, decide: Decide, words: Mapping[str, list[Encoding]], vision: Sequence[Encoder], progress: Progress
) -> dict[str, Share]:
    """How pointing words with each photograph of a folder end."""
    folder = data_folder(name)
    files = sorted({folder / row["file"] for row in read_table(folder / "manifest.csv")})
    seen = _look(files, vision, f"looking at {name}", progress)
    said = [words[POINTING[index % len(POINTING)]] for index in range(len(files))]
    ends = Counter(decide(text + seen[file]).outcome for text, file in zip(said, files, strict=True))
    return {end: Share(ends[end] / len(files), len(files)) for end in ("answer", "clarify", "out_of_scope")}


def _shares(outcomes: Mapping[str, Sequence[bool]]) -> dict[str, Share]:
    return {kind: Share(float(np.mean(found)), len(found)) for kind, found in sorted(outcomes.items())}


def _read(texts: Iterable[str], encoders: Sequence[Encoder]) -> dict[str, list[Encoding]]:
    unique = sorted(set(texts) - {""})
    columns = [encoder.encode(unique) for encoder in encoders]
    return {"": []} | {text: list(row) for text, row in zip(unique, zip(*columns, strict=True), strict=True)}


def _look(
    files: Iterable[Path], encoders: Sequence[Encoder], step: str, progress: Progress
) -> dict[Path, list[Encoding]]:
    unique = sorted(set(files))
    seen: dict[Path, list[Encoding]] = {}
    for path in unique:
        with Image.open(path) as image:
            picture = Picture(image.convert("RGB"), str(path))
        seen[path] = [encoder.encode([picture])[0] for encoder in encoders]
        progress(step, len(seen), len(unique))
    return seen


def _derange(labels: Sequence[str], rng: np.random.Generator) -> NDArray[np.int64]:
    """For each row another row of a different label, as often as that can be."""
    order = rng.permutation(len(labels))
    for _ in range(20):
        wrong = [i for i in range(len(labels)) if labels[order[i]] == labels[i]]
        for i in wrong:
            j = int(rng.integers(len(labels)))
            order[i], order[j] = order[j], order[i]
    return order
