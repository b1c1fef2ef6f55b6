"""Fits how likely an English request ends with its words so far, to requests and all their beginnings."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import nn

from assistant.fusion.shipped import save_weights
from assistant.settings import Settings, shipped_dir
from assistant.speech.unfinished import BUCKETS, WEIGHTS, ending_features
from assistant.terminal.report import Report, Row
from assistant.terminal.steps import StepProgress

__all__ = ["train_endings"]

CLAUSES = Path(__file__).parent / "clauses"
LONGEST = 16
"""words"""
PENALTY = 0.5
"""L2, on half of the squared weights"""


def train_endings(settings: Settings, progress: StepProgress, out: Path | None) -> Report:
    """Learns from the examples of the shipped plugins and the labelled turns of a source checkout."""
    beginnings, ended, shares = [], [], []
    requests = sorted(_requests())
    for words in requests:
        for count in range(1, len(words) + 1):
            beginnings.append(ending_features(list(words[:count])))
            ended.append(float(count == len(words)))
            shares.append(1.0 if count == len(words) else 1.0 / (len(words) - 1))
    given, wanted, share = torch.tensor(beginnings), torch.tensor(ended), torch.tensor(shares)
    weight, bias = torch.zeros(BUCKETS, requires_grad=True), torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=200, line_search_fn="strong_wolfe")
    loss_of = nn.BCEWithLogitsLoss(share, reduction="sum")

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_of(weight[given].sum(1) + bias, wanted) + PENALTY * weight.square().sum()
        loss.backward()
        return float(loss)

    optimizer.step(step)  # type: ignore[no-untyped-call]
    path = out or WEIGHTS
    save_weights(path.stem, {"weight": weight.detach().numpy(), "bias": bias.detach().numpy()}, path.parent)
    return Report("train endings", f"{len(requests)} requests", [Row("weights", BUCKETS + 1)], [f"Written to {path}"])


def _requests() -> Iterator[tuple[str, ...]]:
    """English requests and answers, as words in small letters; each once."""
    said = [text for path in shipped_dir("plugins").glob("*/examples.toml") for text in _texts(path)]
    for path in sorted(CLAUSES.glob("*/*.jsonl")):
        if path.parent.name != "held_out":
            said += [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines()]
    firsts = (re.split(r"(?<=[.?!;]) ", re.sub(r"\{\w+\}", "five", text))[0] for text in said if text.isascii())
    known = {tuple(re.findall(r"[a-z']+|\d+", text.lower())) for text in firsts}
    yield from (words for words in known if 2 <= len(words) <= LONGEST)


def _texts(path: Path) -> Iterator[str]:
    pending: list[Any] = [tomllib.loads(path.read_text("utf-8"))]
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict | list):
            pending += each.values() if isinstance(each, dict) else each
