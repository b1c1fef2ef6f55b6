"""Fits the weights by which words are decided in context, from the labelled turns in ``follow_ups/``."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.errors import InputError
from assistant.intents.follow_ups import (
    INTENT_FEATURES,
    NOTHING_FEATURES,
    WEIGHTS,
    FollowUpHead,
    Leaning,
    beside_the_point,
    joined_words,
)
from assistant.types import OUT_OF_SCOPE, Decision, FloatArray

if TYPE_CHECKING:
    from assistant.intents.model import IntentModel

__all__ = ["DATA", "FollowUpFigures", "FollowUpTurn", "fit_follow_ups", "read_follow_ups", "save_follow_ups"]

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
    author: str


@dataclass(frozen=True)
class FollowUpFigures:
    """Shares of turns that were decided rightly by weights and a head that never saw them, 0 to 1."""

    alone: dict[str, float]
    """by the words alone; keys "leaning", "own" and "nothing" """
    in_context: dict[str, float]
    spread: float
    """standard deviation of the share of all over the folds"""


def read_follow_ups(folder: Path = DATA) -> list[FollowUpTurn]:
    """Read the labelled turns.

    Raises:
        InputError: they are not there, or are none.
    """
    try:
        rows = [json.loads(line) for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
        turns = [
            FollowUpTurn(
                row["before"]["text"],
                row["before"]["intent"],
                row["text"],
                OUT_OF_SCOPE if row["intent"] == NOTHING else row["intent"],
                row["leans"],
                row["author"],
            )
            for row in rows
        ]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"Cannot read the labelled turns in {folder}: {error!r}") from error
    if not turns:
        raise InputError(f"{folder} holds no labelled turns; they are in the source repository")
    return [*turns, *_beside_the_point(turns)]


def _beside_the_point(turns: Sequence[FollowUpTurn]) -> list[FollowUpTurn]:
    """What means nothing after any turn: shipped sentences about other things, and letters without sense."""
    drawn = random.Random(0)
    letters = [" ".join(_letters(drawn) for _ in range(drawn.randint(1, 3))) for _ in range(GIBBERISH)]
    texts = [*beside_the_point(), *letters]
    return [
        FollowUpTurn(turn.before, turn.last, text, OUT_OF_SCOPE, leans=False, author="shipped")
        for text, turn in zip(texts, drawn.choices([each for each in turns if each.last], k=len(texts)), strict=True)
    ]


def _letters(drawn: random.Random) -> str:
    return "".join(drawn.choices("bcdfghjklmnpqrstvwxzaeiou", k=drawn.randint(3, 7)))


def fit_follow_ups(
    turns: Sequence[FollowUpTurn],
    model: IntentModel,
    read: Callable[[str], Decision],
    vectors: FloatArray,
    acting: Sequence[bool],
) -> tuple[FloatArray, FollowUpFigures]:
    """Fit the weights, and judge them by cross-validation.

    Args:
        turns: labelled.
        model: knows the intents.
        read: decides words.
        vectors: (n, d), of the turns' words alone.
        acting: whether each intent of the model changes something.
    """
    names = model.intents
    alone = [read(turn.text) for turn in turns]
    joint = [read(joined_words(turn.before, turn.text)) for turn in turns]
    labels = np.array([names.index(turn.intent) if turn.intent in names else len(names) for turn in turns])
    fold = np.random.default_rng(0).permutation(len(turns)) % FOLDS

    def rows(heads: FloatArray, at: int) -> FloatArray:
        turn = turns[at]
        return Leaning(names, acting, alone[at], joint[at], turn.last, turn.text, heads[at]).features()

    outside = _opinions(turns, vectors, names, fold)
    right = np.zeros(len(turns), bool)
    for held in range(FOLDS):
        inside = _opinions(turns, vectors, names, np.where(fold == held, -1, fold))
        learnt, others = np.flatnonzero(fold != held).tolist(), np.flatnonzero(fold == held).tolist()
        weights = _fit(np.stack([rows(inside, at) for at in learnt]), labels[learnt])
        right[others] = [(rows(outside, at) @ weights).argmax() == labels[at] for at in others]
    fitted = _fit(np.stack([rows(outside, at) for at in range(len(turns))]), labels)
    groups = {
        "leaning": np.array([turn.leans and turn.intent in names for turn in turns]),
        "own": np.array([not turn.leans and turn.intent in names for turn in turns]),
        "nothing": labels == len(names),
    }
    before = np.array(
        [
            made.outcome != "clarify" and (made.intent if made.outcome == "answer" else OUT_OF_SCOPE) == turn.intent
            for made, turn in zip(alone, turns, strict=True)
        ]
    )
    shares = [float(right[fold == held].mean()) for held in range(FOLDS)]
    return fitted, FollowUpFigures(
        {name: float(before[group].mean()) for name, group in groups.items()},
        {name: float(right[group].mean()) for name, group in groups.items()},
        float(np.std(shares)),
    )


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


def save_follow_ups(weights: FloatArray, path: Path = WEIGHTS) -> None:
    """Write the weights."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"weights": [round(float(each), 4) for each in weights]}) + "\n", "utf-8")
