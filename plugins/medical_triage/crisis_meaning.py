"""Crises told in words that no pattern knows: a linear model over what a sentence means, in sixteen languages.

It raises no alarm: whoever it hears gets the crisis lines with the doubt that it may have misunderstood.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from assistant import AssistantError, Services, UserError

__all__ = ["FILE", "CrisisModel", "fit", "read_said", "sounds_like_crisis"]

FILE = Path(__file__).parent / "crisis.safetensors"
SAID = Path(__file__).parent / "cases" / "said"
READ = ("training", "development", "everyday_development")
"""files of `SAID` to fit on; the others are for measuring"""
EXAMPLES = Path(__file__).parent.parent
"""the folder of the shipped plugins; what their intents are asked with is no crisis"""
INTENT = "crisis_support"
PENALTY = 0.1
"""L2, per sum over the sentences"""
CALM_LET_THROUGH = 0.993
"""the share of the calm sentences, each judged by a model that never read it, that stay below the threshold"""
FOLDS = 10
FEWEST_WORDS = 4
"""words below which too little is said; a Chinese, Japanese, Korean or Thai letter counts as half a word"""
MOST_SENTENCES = 6
SENTENCE = re.compile(r"(?<=[.!?;\n。！？；؟])\s*")
LETTERS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}|[^\W\d_]+")


@dataclass(frozen=True)
class CrisisModel:
    """The fitted model.

    Attributes:
        weights: (512,), float32, over the multilingual sentence space.
        threshold: the score from which a sentence counts.
    """

    weights: NDArray[np.float32]
    threshold: float

    def hears(self, vectors: NDArray[np.float32]) -> bool:
        """Whether one of (n, 512) sentences sounds like a crisis."""
        return vectors.shape[1] == len(self.weights) and bool((vectors @ self.weights).max() >= self.threshold)

    def save(self, path: Path = FILE) -> None:
        """Write the weights."""
        save_file({"weights": self.weights, "threshold": np.array([self.threshold], np.float32)}, path)


@cache
def _shipped() -> CrisisModel:
    numbers = load_file(FILE)
    return CrisisModel(numbers["weights"], float(numbers["threshold"][0]))


async def sounds_like_crisis(text: str, services: Services) -> bool:
    """Whether a text, or a sentence of it, means that somebody may not want to live; False without the encoder."""
    parts = [part for part in SENTENCE.split(text) if part.strip()][:MOST_SENTENCES]
    told = [part for part in dict.fromkeys([text, *parts]) if len(LETTERS.findall(part)) >= FEWEST_WORDS]
    if not told:
        return False
    try:
        return _shipped().hears(await services.encode_text(told))
    except AssistantError:  # without its encoder the patterns decide alone
        return False


def read_said(*files: Path) -> dict[str, bool]:
    """Sentences of case files with ``said`` and ``expected``, and whether each is a crisis.

    Raises:
        UserError: a file cannot be read.
    """
    try:
        entries = [json.loads(line) for path in files for line in path.read_text("utf-8").splitlines()]
    except (OSError, ValueError) as error:
        raise UserError(f"Fitting needs the written sentences of a source checkout: {error}") from error
    return {entry["said"]: entry["expected"] == "crisis" for entry in entries}


def _examples() -> dict[str, bool]:
    """What the shipped plugins' intents are asked with, without the braces around their slots."""
    found: dict[str, bool] = {}
    for path in sorted(EXAMPLES.glob("*/examples.toml")):
        for intent, entry in tomllib.loads(path.read_text("utf-8")).items():
            for texts in entry.values() if isinstance(entry, dict) else [entry]:
                found |= {re.sub(r"[{}]", "", text): intent == INTENT for text in texts if isinstance(text, str)}
    return found


def _conversations() -> dict[str, bool]:
    """What users say in the scripted conversations of the other shipped plugins."""
    scripts = (path for path in sorted(EXAMPLES.glob("*/tests/conversations/*.talk")) if path.parents[2] != FILE.parent)
    lines = (line for path in scripts for line in path.read_text("utf-8").splitlines())
    return {line.removeprefix("user:").strip(): False for line in lines if line.startswith("user:")}


async def fit(services: Services) -> tuple[CrisisModel, float, float]:
    """Logistic regression on the training and development sentences, and the plugins' examples and conversations.

    Returns:
        the model, and of sentences that the judging model never read the shares of crises and of calm ones heard.
    """
    sentences = _conversations() | _examples() | read_said(*(SAID / f"{name}.jsonl" for name in READ))
    vectors = np.asarray(await services.encode_text(list(sentences)), np.float32)
    crisis = np.array(list(sentences.values()))
    fold = np.random.default_rng(1).permutation(len(crisis)) % FOLDS
    scores = np.empty(len(crisis), np.float32)
    for number in range(FOLDS):
        held = fold == number
        scores[held] = vectors[held] @ _regress(vectors[~held], crisis[~held])
    threshold = float(np.quantile(scores[~crisis], CALM_LET_THROUGH))
    model = CrisisModel(_regress(vectors, crisis), threshold)
    return model, float((scores[crisis] >= threshold).mean()), float((scores[~crisis] >= threshold).mean())


def _regress(rows: NDArray[np.float32], labels: Sequence[bool] | NDArray[np.bool_]) -> NDArray[np.float32]:
    import torch

    x, y = torch.from_numpy(rows), torch.from_numpy(np.asarray(labels, np.float32))
    balance = torch.where(y > 0, (1 - y).sum() / y.sum(), torch.tensor(1.0))
    weights = torch.zeros(x.shape[1], requires_grad=True)
    bias = torch.zeros(1, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, bias], max_iter=500, tolerance_change=1e-9, line_search_fn="strong_wolfe")

    def loss() -> float:
        optimiser.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(x @ weights + bias, y, balance, reduction="sum")
        value = value + 0.5 * PENALTY * weights.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return float(value.detach())

    optimiser.step(loss)  # type: ignore[no-untyped-call]
    return weights.detach().numpy()
