"""Fits the weights by which words are decided in context, from the labelled turns in ``follow_ups/``."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.factory import create_encoders
from assistant.fusion.late import LateFusion
from assistant.intents.follow_ups import (
    INTENT_FEATURES,
    NOTHING_FEATURES,
    WEIGHTS,
    FollowUpHead,
    Leaning,
    beside_the_point,
    joined_words,
)
from assistant.intents.model import MULTILINGUAL, IntentModel
from assistant.settings import Settings
from assistant.terminal.plugin_commands import load_plugins
from assistant.terminal.report import Peer, Report, Row, percent
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.data import read_labelled
from assistant.types import OUT_OF_SCOPE, Decision, FloatArray

__all__ = ["FollowUpTurn", "train_follow_ups"]

DATA = Path(__file__).parent / "follow_ups"
"""a JSON-lines file per language; in the source repository only"""
NOTHING = "none"
GIBBERISH = 40
"""turns of letters without sense"""
FOLDS = 5
PENALTY = 1.0
"""L2, on the squared weights; chosen by cross-validation"""


@dataclass(frozen=True)
class FollowUpTurn:
    """A turn of a conversation, and what it means there."""

    before: str
    """what the user said before it"""
    last: str
    """the intent of that"""
    text: str
    intent: str
    """`OUT_OF_SCOPE` where no intent serves it, or it asks for nothing"""
    leans: bool
    """whether it can be understood only with what was said before"""


def _turn(row: dict[str, Any]) -> FollowUpTurn:
    intent = OUT_OF_SCOPE if row["intent"] == NOTHING else row["intent"]
    return FollowUpTurn(row["before"]["text"], row["before"]["intent"], row["text"], intent, row["leans"])


def _beside_the_point(turns: Sequence[FollowUpTurn]) -> list[FollowUpTurn]:
    """Sentences that mean nothing after any turn: shipped sentences about other things, and random letters."""
    drawn = random.Random(0)

    def word() -> str:
        return "".join(drawn.choices("bcdfghjklmnpqrstvwxzaeiou", k=drawn.randint(3, 7)))

    texts = [*beside_the_point(), *(" ".join(word() for _ in range(drawn.randint(1, 3))) for _ in range(GIBBERISH))]
    return [
        FollowUpTurn(turn.before, turn.last, text, OUT_OF_SCOPE, leans=False)
        for text, turn in zip(texts, drawn.choices([each for each in turns if each.last], k=len(texts)), strict=True)
    ]


def train_follow_ups(settings: Settings, progress: StepProgress) -> Report:
    """Fit the weights, judge them by cross-validation, and write them to their place in the package."""
    settings, labelled = Settings(), read_labelled(DATA, _turn)
    turns = [*labelled, *_beside_the_point(labelled)]
    intents = load_plugins(settings).intents
    encoders = {each.name: each for each in create_encoders(settings) if each.modality == "text"}
    model = IntentModel(encoders, LateFusion(), settings)
    model.fit(intents)
    names = model.intents
    acting = [intent.may_act for name in names for intent in intents if intent.name == name]

    def read(step: str, texts: Sequence[str]) -> Iterator[Decision]:
        for text in tracked(progress, step, texts):
            yield model.decide([encoder.encode([text])[0] for encoder in encoders.values()])

    pooled = [each.pooled for each in encoders[MULTILINGUAL].encode([turn.text for turn in turns])]
    vectors = np.stack(pooled).astype(np.float32)
    alone = list(read("words alone", [turn.text for turn in turns]))
    joint = list(read("words in context", [joined_words(turn.before, turn.text) for turn in turns]))
    labels = np.array([names.index(turn.intent) if turn.intent in names else len(names) for turn in turns])
    fold = np.random.default_rng(0).permutation(len(turns)) % FOLDS

    def rows(heads: FloatArray, at: int) -> FloatArray:
        turn = turns[at]
        return Leaning(names, acting, alone[at], joint[at], turn.last, turn.text, heads[at]).features()

    outside = _opinions(turns, vectors, names, fold)
    right = np.zeros(len(turns), bool)
    for held in tracked(progress, "folds", range(FOLDS)):
        inside = _opinions(turns, vectors, names, np.where(fold == held, -1, fold))
        learnt, others = np.flatnonzero(fold != held).tolist(), np.flatnonzero(fold == held).tolist()
        weights = _fit(np.stack([rows(inside, at) for at in learnt]), labels[learnt])
        right[others] = [(rows(outside, at) @ weights).argmax() == labels[at] for at in others]
    fitted = _fit(np.stack([rows(outside, at) for at in range(len(turns))]), labels)
    WEIGHTS.write_text(json.dumps({"weights": [round(float(each), 4) for each in fitted]}) + "\n", "utf-8")
    shares = [float(right[fold == held].mean()) for held in range(FOLDS)]
    figures = [
        *_figures(turns, alone, labels == len(names), right),
        percent("spread of the folds", float(np.std(shares))),
    ]
    return Report("train follow-ups", f"{len(turns)} turns in five folds", figures, [f"Written to {WEIGHTS}"])


def _figures(
    turns: Sequence[FollowUpTurn], alone: Sequence[Decision], nothing: NDArray[np.bool_], right: NDArray[np.bool_]
) -> Iterator[Row]:
    """Shares of turns decided rightly by weights and a head that never saw them, beside the words alone."""
    leans = np.array([turn.leans for turn in turns])
    before = np.array(
        [
            made.outcome != "clarify" and (made.intent if made.outcome == "answer" else OUT_OF_SCOPE) == turn.intent
            for made, turn in zip(alone, turns, strict=True)
        ]
    )
    for name, group in {"leaning": leans & ~nothing, "own": ~leans & ~nothing, "nothing": nothing}.items():
        peer = Peer("by the words alone", 100 * float(before[group].mean()))
        yield replace(percent(f"{name}: right in context", float(right[group].mean())), peer=peer)


def _opinions(
    turns: Sequence[FollowUpTurn], vectors: FloatArray, names: Sequence[str], fold: NDArray[np.int64]
) -> FloatArray:
    """(n, k + 1): what heads say of turns of a fold that they have not seen; those of fold -1 are used by none."""
    found = np.zeros((len(turns), len(names) + 1), np.float32)
    for held in sorted(set(fold[fold >= 0].tolist())):
        learnt = np.flatnonzero((fold != held) & (fold >= 0)).tolist()
        head = FollowUpHead.fit([(turns[at].text, turns[at].intent) for at in learnt], vectors[learnt])
        if head is not None:
            for at in np.flatnonzero(fold == held).tolist():
                found[at] = head.log_probabilities(vectors[at], names)
    return found


def _fit(rows: FloatArray, labels: NDArray[np.int64]) -> FloatArray:
    """The weights (f,) of a conditional logit, from (n, k + 1, f) features."""
    import torch

    x, y = torch.from_numpy(rows), torch.from_numpy(labels)
    weights = torch.zeros(INTENT_FEATURES + NOTHING_FEATURES, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights], max_iter=200)

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        missed = torch.nn.functional.cross_entropy(x @ weights, y, reduction="sum")
        total = missed + PENALTY * weights.square().sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    found: FloatArray = weights.detach().numpy()
    return found
