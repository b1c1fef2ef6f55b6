"""Fits the networks that split turns and read clauses, over the frozen states of the text encoders."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from assistant.understanding.features import Piece
from assistant.understanding.linear import FloatArray
from assistant.understanding.network import DILATIONS, NAMES, PAIRS, asked_ids, word_ids
from assistant.understanding.tokens import Word
from assistant.understanding.types import FIELDS

__all__ = ["Sample", "fit_networks", "sample"]

WIDTH, EMBEDDED, STATES, SIDES = 128, 32, 896, 64
EPOCHS, BATCH, RATE, DECAY, DROPOUT, SMOOTHING = 8, 48, 2e-3, 0.02, 0.3, 0.05
IMPORTANCE = {"act": 1.0, "polarity": 0.6, "time": 0.5, "whose": 0.4, "scope": 0.4}
SPLITTING = 0.7
"""weights of the parts of the loss"""
SIZES = [len(values) for values in FIELDS.values()]
LINEAR = {
    "clues": (4 * EMBEDDED, WIDTH),
    "asked": (4 * EMBEDDED, WIDTH),
    "sides": (2 * WIDTH, SIDES),
    "gap": (SIDES, 1),
    "clause": (5 * WIDTH, WIDTH),
    "fields": (WIDTH, sum(SIZES)),
}
"""name → inputs and outputs"""


@dataclass(frozen=True)
class Sample:
    """A labelled turn as the network reads it."""

    names: NDArray[np.int64]
    pairs: NDArray[np.int64]
    asked: NDArray[np.int64]
    states: FloatArray
    clause: NDArray[np.int64]
    """(n,): the clause that each word belongs to"""
    labels: NDArray[np.int64]
    """(clauses, fields): the place of each value in `FIELDS`"""


def sample(
    words: Sequence[Word],
    tags: Sequence[str],
    asked: Piece | None,
    states: FloatArray,
    begins: Sequence[int],
    labels: Sequence[Mapping[str, str]],
) -> Sample:
    """One turn as the network learns it."""
    names, pairs = word_ids(words, tags)
    starts = np.zeros(len(words), np.int64)
    starts[list(begins)] = 1
    values = [[FIELDS[name].index(label[name]) for name in FIELDS] for label in labels]
    question = asked_ids(asked) if asked else np.zeros((0, 2), np.int64)
    return Sample(names, pairs, question, states, np.cumsum(starts), np.array(values, np.int64))


def fit_networks(samples: Sequence[Sample], count: int, seed: int = 0) -> dict[str, FloatArray]:
    """Fit several networks side by side, with different initial weights and dropout.

    On the same machine, the same samples and seed give the same weights.

    Returns:
        The weights for `assistant.understanding.network.Networks`, in float32.
    """
    torch.manual_seed(seed)
    chance = random.Random(seed)
    networks = _Networks(count)
    optimiser = torch.optim.AdamW(networks.weights.values(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * (len(samples) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1, pct_start=0.15)
    for _ in range(EPOCHS):
        for batch in _batches(samples, chance):
            optimiser.zero_grad()
            networks.loss(batch).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(networks.weights.values(), count**0.5)
            optimiser.step()
            schedule.step()
    return {name: value.detach().numpy() for name, value in networks.weights.items()}


def _batches(samples: Sequence[Sample], chance: random.Random) -> list[list[Sample]]:
    """Turns of about the same length, in random order."""
    order = sorted(samples, key=lambda each: len(each.pairs) + 4 * chance.random())
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    chance.shuffle(batches)
    return batches


class _Networks:
    """See `assistant.understanding.network.Networks`, which run what is fitted here; k networks on the first axis."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.weights: dict[str, nn.Parameter] = {}
        for name, rows in (("names", NAMES), ("pairs", PAIRS)):
            self.weights[name] = nn.Parameter(0.1 * torch.randn(count, rows, EMBEDDED))
        self.weights["unasked"] = nn.Parameter(torch.zeros(count, WIDTH))
        self.weights["states"] = _uniform(count, STATES, WIDTH, fan=STATES)
        convolutions = {f"convolutions.{at}": (3 * WIDTH, WIDTH) for at in range(len(DILATIONS))}
        for name, (rows, columns) in {**LINEAR, **convolutions}.items():
            self.weights[name] = _uniform(count, rows, columns, fan=rows)
            self.weights[f"{name}.bias"] = _uniform(count, columns, fan=rows)
        for name in ("norm", "last", *(f"norms.{at}" for at in range(len(DILATIONS)))):
            self.weights[name] = nn.Parameter(torch.ones(count, WIDTH))
            self.weights[f"{name}.bias"] = nn.Parameter(torch.zeros(count, WIDTH))

    def loss(self, batch: Sequence[Sample]) -> Tensor:
        """Of the split, per turn, and of the fields, per clause; summed over the networks."""
        question = torch.stack([self._question(each.asked) for each in batch], dim=1)
        words, inside = self._words(batch, question)
        clause = _padded([each.clause for each in batch])
        starts = functional.pad((clause[:, 1:] != clause[:, :-1]).float(), (1, 0))
        sides = torch.cat([words[:, :, :-1], words[:, :, 1:]], dim=-1)
        gaps = self._linear("gap", _gelu(self._linear("sides", sides)))[..., 0]
        wanted = starts[None, :, 1:].expand_as(gaps)
        split = functional.binary_cross_entropy_with_logits(gaps, wanted, reduction="none")
        scores = self._fields(words, question, inside, clause, starts)
        labels = torch.from_numpy(np.concatenate([each.labels for each in batch])).T
        read = scores.new_zeros(())
        for part, label, weight in zip(torch.split(scores, SIZES, 2), labels, IMPORTANCE.values(), strict=True):
            flat, each = part.flatten(0, 1), label.repeat(self.count)
            read = read + weight * self.count * functional.cross_entropy(flat, each, label_smoothing=SMOOTHING)
        return SPLITTING * (split * inside[:, 1:]).sum() / len(batch) + read

    def _words(self, batch: Sequence[Sample], question: Tensor) -> tuple[Tensor, Tensor]:
        word, cue, mark = (self.weights["names"][:, ids] for ids in _padded([each.names for each in batch]).unbind(2))
        pairs = self.weights["pairs"][:, _padded([each.pairs for each in batch])]
        inside = _padded([np.ones(len(each.pairs), np.bool_) for each in batch])
        clues = torch.cat([_dropped(word, 0.2), cue, _dropped(mark, 0.15), _dropped(pairs, 0.3)], dim=-1)
        states = _padded([each.states for each in batch]).expand(self.count, -1, -1, -1)
        x = torch.einsum("kbni,kio->kbno", functional.dropout(states, 0.2), self.weights["states"])
        x = x + self._linear("clues", functional.dropout(clues, 0.2)) + question[:, :, None]
        x = functional.dropout(self._norm("norm", _gelu(x)), DROPOUT)
        shown = inside[..., None].float()
        for at, dilation in enumerate(DILATIONS):
            padded = functional.pad(self._norm(f"norms.{at}", x) * shown, (0, 0, dilation, dilation))
            taps = torch.cat([padded[:, :, i * dilation : i * dilation + x.shape[2]] for i in range(3)], dim=-1)
            x = x + functional.dropout(_gelu(self._linear(f"convolutions.{at}", taps)), DROPOUT)
        return functional.dropout(self._norm("last", x), DROPOUT), inside

    def _fields(self, words: Tensor, question: Tensor, inside: Tensor, clause: Tensor, starts: Tensor) -> Tensor:
        counts = clause.max(dim=1).values + 1
        turn = torch.repeat_interleave(torch.arange(len(counts)), counts)
        at = (clause + (counts.cumsum(0) - counts)[:, None])[inside]
        flat, total = words[:, inside], int(counts.sum())
        shape = (self.count, total, WIDTH)
        mean = flat.new_zeros(shape).index_add_(1, at, flat) / torch.bincount(at, minlength=total)[:, None]
        each = at[None, :, None].expand(self.count, -1, WIDTH)
        most = flat.new_full(shape, -1e4).scatter_reduce(1, each, flat, "amax")
        starts = starts.bool() & inside
        starts[:, 0] = True
        whole = (words * inside[..., None]).sum(2) / inside.sum(1, keepdim=True)
        parts = torch.cat([most, mean, words[:, starts], whole[:, turn], question[:, turn]], dim=-1)
        hidden = _gelu(self._linear("clause", parts))
        return self._linear("fields", functional.dropout(hidden, DROPOUT))

    def _question(self, asked: NDArray[np.int64]) -> Tensor:
        if not len(asked):
            return self.weights["unasked"]
        both = self.weights["names"][:, torch.from_numpy(asked)].flatten(2)
        return self._linear("asked", torch.cat([both.mean(dim=1), both[:, 0]], dim=1)[:, None])[:, 0]

    def _linear(self, name: str, x: Tensor) -> Tensor:
        flat = x.flatten(1, -2)
        y = torch.baddbmm(self.weights[f"{name}.bias"][:, None], flat, self.weights[name])
        return y.view(*x.shape[:-1], y.shape[-1])

    def _norm(self, name: str, x: Tensor) -> Tensor:
        shape = (self.count, *[1] * (x.dim() - 2), WIDTH)
        weight, bias = (self.weights[each].view(shape) for each in (name, f"{name}.bias"))
        return functional.layer_norm(x, (WIDTH,)) * weight + bias


def _uniform(*shape: int, fan: int) -> nn.Parameter:
    bound = fan**-0.5
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


def _gelu(x: Tensor) -> Tensor:
    return functional.gelu(x, approximate="tanh")


def _padded(rows: Sequence[NDArray[Any]]) -> Tensor:
    """One array per turn → (turns, most words, ...), the last padding zero."""
    padded = np.zeros((len(rows), max(map(len, rows)), *rows[0].shape[1:]), rows[0].dtype)
    for at, row in enumerate(rows):
        padded[at, : len(row)] = row
    return torch.from_numpy(padded)


def _dropped(x: Tensor, share: float) -> Tensor:
    """Whole words hidden, so that the network does not learn single turns by heart."""
    return x * (torch.rand(*x.shape[:3], 1) > share) / (1 - share)
