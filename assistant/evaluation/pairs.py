"""Measures words with a real picture on the plugins' intents, against either alone and with another turn's picture.

Two sets: turns that mean an intent (``pairs_intents``), and photographs of everyday things under words that only
point (``img_imagenet1000``, ``img_coco_qa``), which belong to no intent and should lead to a question.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from assistant.encoders.factory import create_encoders
from assistant.evaluation.encoded_turns import EncodedTurn, conditions, encode_turns
from assistant.evaluation.intents import create_model, plugin_intents
from assistant.evaluation.labelled import NOBODY, LabelledTurn, read_rows
from assistant.intents import IntentModel
from assistant.settings import Settings
from assistant.speech import SpeechRecognizer
from assistant.terminal.report import Report, Row, percent
from assistant.terminal.steps import StepProgress
from assistant.training.data import data_folder, read_table
from assistant.types import Decision

__all__ = ["evaluate_pairs", "is_right"]

AMBIGUOUS = "ambiguous_text"
"""kind of turns whose words only point"""
EVERYDAY = ("img_imagenet1000", "img_coco_qa")
POINTING = (
    *("so, what do we have here", "mind having a quick look", "this is the thing", "I wonder about this"),
    *("well, here it is", "could you tell me more about that one", "look what I found", "your thoughts, please"),
)
"""words that only point; none of them is among the sentences that anything was trained on"""
SHOWN = {
    "together": "together",
    "image missing": "words only",
    "text missing": "picture only",
    "image shuffled": "shuffled pictures",
}
"""condition → its name in the report"""


def evaluate_pairs(settings: Settings, progress: StepProgress, fusion: str = "attention", seed: int = 0) -> Report:
    """Decides every pair together, by words alone, by its picture alone, and with another turn's picture."""
    rows = read_rows(data_folder("pairs_intents") / "pairs.csv", data_folder("."))
    everyday = {name: list(_everyday(name)) for name in EVERYDAY}
    encoders = {encoder.name: encoder for encoder in create_encoders(settings)}
    model = create_model(fusion, encoders, settings)
    model.fit(plugin_intents(settings))
    recognizer = SpeechRecognizer.from_settings(settings)

    def encode(turns: Sequence[LabelledTurn], name: str) -> list[EncodedTurn]:
        def told(step: str, done: int, total: int) -> None:
            progress(f"{name}: {step}", done, total)

        return encode_turns(turns, encoders, recognizer, settings, told)

    figures = list(_pairs(model, encode(rows, "pairs"), seed))
    for name, turns in everyday.items():
        ends = Counter(model.decide(turn.encodings).outcome for turn in encode(turns, name))
        figures.append(percent(f"pointing words, {name}: answered by a domain", ends["answer"] / len(turns)))
        figures.append(percent(f"pointing words, {name}: asked back", ends["clarify"] / len(turns)))
    data = f"{len(rows)} pairs, {sum(map(len, everyday.values()))} everyday photographs; {fusion}"
    return Report("evaluate pairs", data, figures)


def _pairs(model: IntentModel, turns: Sequence[EncodedTurn], seed: int) -> Iterator[Row]:
    for condition in conditions(turns, "together", seed):
        if condition.name not in SHOWN:
            continue
        found: dict[str, list[bool]] = defaultdict(list)
        labels: dict[str, list[bool]] = defaultdict(list)
        for turn in condition.turns:
            row = turn.row
            right = is_right(model.decide(turn.encodings), row.label)
            found[row.kind + (", out of scope" if row.label in NOBODY else "")].append(right)
            if condition.name == "together" and row.kind == AMBIGUOUS:
                labels[row.label].append(right)
        for kind, rights in sorted(found.items()):
            yield percent(f"{SHOWN[condition.name]}: {kind} ({len(rights)})", float(np.mean(rights)))
        for label, rights in sorted(labels.items()):
            yield percent(f"pointing words with a picture: {label} ({len(rights)})", float(np.mean(rights)))


def is_right(decision: Decision, label: str) -> bool:
    """Whether the intent is answered as it should be; for out-of-scope turns, whether no intent is answered."""
    if label in NOBODY:
        return decision.outcome != "answer"
    return decision.outcome == "answer" and decision.intent == label


def _everyday(name: str) -> Iterator[LabelledTurn]:
    """Each photograph of a folder, under words that only point."""
    folder = data_folder(name)
    files = sorted({folder / row["file"] for row in read_table(folder / "manifest.csv")})
    for number, file in enumerate(files):
        yield LabelledTurn(POINTING[number % len(POINTING)], "none", file, where=f"{folder.name}, {file.name}")
