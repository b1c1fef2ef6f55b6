"""Fits the network that splits turns and reads clauses, over the frozen states of the text encoders."""

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

__all__ = ["Sample", "fit_network", "sample"]

WIDTH, EMBEDDED, STATES, SIDES = 128, 32, 896, 64
EPOCHS, BATCH, RATE, DECAY, DROPOUT, SMOOTHING = 10, 48, 2e-3, 0.02, 0.3, 0.05
IMPORTANCE = {"act": 1.0, "polarity": 0.6, "time": 0.5, "whose": 0.4, "scope": 0.4}
SPLITTING = 0.7
"""weights of the parts of the loss"""
SIZES = [len(values) for values in FIELDS.values()]


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
    """What the network learns from one turn."""
    names, pairs = word_ids(words, tags)
    starts = np.zeros(len(words), np.int64)
    starts[list(begins)] = 1
    values = [[FIELDS[name].index(label[name]) for name in FIELDS] for label in labels]
    question = asked_ids(asked) if asked else np.zeros((0, 2), np.int64)
    return Sample(names, pairs, question, states, np.cumsum(starts), np.array(values, np.int64))


def fit_network(samples: Sequence[Sample], seed: int) -> dict[str, NDArray[Any]]:
    """Fit one network; on the same machine, the same samples and seed give the same weights.

    Returns:
        The weights for `assistant.understanding.network.ClauseNetwork`, in float16.
    """
    torch.manual_seed(seed)
    chance = random.Random(seed)
    network = _Network()
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * (len(samples) // BATCH + 1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps + 1, pct_start=0.15)
    for _ in range(EPOCHS):
        for batch in _batches(samples, chance):
            optimiser.zero_grad()
            network.loss(batch).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
    return {name: value.numpy().astype(np.float16) for name, value in network.state_dict().items()}


def _batches(samples: Sequence[Sample], chance: random.Random) -> list[list[Sample]]:
    """Turns of about the same length, in random order."""
    order = sorted(samples, key=lambda each: len(each.pairs) + 4 * chance.random())
    batches = [order[at : at + BATCH] for at in range(0, len(order), BATCH)]
    chance.shuffle(batches)
    return batches


class _Network(nn.Module):
    """See `assistant.understanding.network.ClauseNetwork`, which runs what is fitted here."""

    def __init__(self) -> None:
        super().__init__()
        self.names, self.pairs = nn.Embedding(NAMES, EMBEDDED), nn.Embedding(PAIRS, EMBEDDED)
        for table in (self.names, self.pairs):
            nn.init.normal_(table.weight, std=0.1)
        self.states = nn.Linear(STATES, WIDTH, bias=False)
        self.clues, self.asked = nn.Linear(4 * EMBEDDED, WIDTH), nn.Linear(4 * EMBEDDED, WIDTH)
        self.unasked = nn.Parameter(torch.zeros(WIDTH))
        self.norm, self.last = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.convolutions = nn.ModuleList(nn.Linear(3 * WIDTH, WIDTH) for _ in DILATIONS)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in DILATIONS)
        self.sides, self.gap = nn.Linear(2 * WIDTH, SIDES), nn.Linear(SIDES, 1)
        self.clause, self.fields = nn.Linear(5 * WIDTH, WIDTH), nn.Linear(WIDTH, sum(SIZES))

    def loss(self, batch: Sequence[Sample]) -> Tensor:
        """Of the split, per turn, and of the fields, per clause."""
        question = torch.stack([self._question(each.asked) for each in batch])
        words, inside = self._words(batch, question)
        clause = _padded([each.clause for each in batch])
        starts = functional.pad((clause[:, 1:] != clause[:, :-1]).float(), (1, 0))
        sides = torch.cat([words[:, :-1], words[:, 1:]], dim=-1)
        gaps = self.gap(functional.gelu(self.sides(sides), approximate="tanh"))[..., 0]
        split = functional.binary_cross_entropy_with_logits(gaps, starts[:, 1:], reduction="none")
        scores = self._fields(words, question, inside, clause, starts)
        labels = torch.from_numpy(np.concatenate([each.labels for each in batch])).T
        read = scores.new_zeros(())
        for part, label, weight in zip(torch.split(scores, SIZES, 1), labels, IMPORTANCE.values(), strict=True):
            read = read + weight * functional.cross_entropy(part, label, label_smoothing=SMOOTHING)
        return SPLITTING * (split * inside[:, 1:]).sum() / len(batch) + read

    def _words(self, batch: Sequence[Sample], question: Tensor) -> tuple[Tensor, Tensor]:
        names = self.names(_padded([each.names for each in batch]))
        pairs = self.pairs(_padded([each.pairs for each in batch]))
        inside = _padded([np.ones(len(each.pairs), np.bool_) for each in batch])
        word, cue, mark = names.unbind(2)
        clues = torch.cat([_dropped(word, 0.2), cue, _dropped(mark, 0.15), _dropped(pairs, 0.3)], dim=-1)
        states = self.states(functional.dropout(_padded([each.states for each in batch]), 0.2))
        x = states + self.clues(functional.dropout(clues, 0.2)) + question[:, None]
        x = functional.dropout(self.norm(functional.gelu(x, approximate="tanh")), DROPOUT)
        shown = inside[..., None].float()
        for convolution, norm, dilation in zip(self.convolutions, self.norms, DILATIONS, strict=True):
            padded = functional.pad(norm(x) * shown, (0, 0, dilation, dilation))
            taps = torch.cat([padded[:, at * dilation : at * dilation + x.shape[1]] for at in range(3)], dim=-1)
            x = x + functional.dropout(functional.gelu(convolution(taps), approximate="tanh"), DROPOUT)
        return functional.dropout(self.last(x), DROPOUT), inside

    def _fields(self, words: Tensor, question: Tensor, inside: Tensor, clause: Tensor, starts: Tensor) -> Tensor:
        counts = clause.max(dim=1).values + 1
        turn = torch.repeat_interleave(torch.arange(len(counts)), counts)
        at = (clause + (counts.cumsum(0) - counts)[:, None])[inside]
        flat, total = words[inside], int(counts.sum())
        mean = flat.new_zeros(total, WIDTH).index_add_(0, at, flat) / torch.bincount(at, minlength=total)[:, None]
        most = flat.new_full((total, WIDTH), -1e4).scatter_reduce(0, at[:, None].expand(-1, WIDTH), flat, "amax")
        starts = starts.bool() & inside
        starts[:, 0] = True
        whole = (words * inside[..., None]).sum(1) / inside.sum(1, keepdim=True)
        parts = torch.cat([most, mean, words[starts], whole[turn], question[turn]], dim=-1)
        hidden = functional.gelu(self.clause(parts), approximate="tanh")
        scores: Tensor = self.fields(functional.dropout(hidden, DROPOUT))
        return scores

    def _question(self, asked: NDArray[np.int64]) -> Tensor:
        if not len(asked):
            return self.unasked
        both = self.names(torch.from_numpy(asked)).flatten(1)
        question: Tensor = self.asked(torch.cat([both.mean(dim=0), both[0]]))
        return question


def _padded(rows: Sequence[NDArray[Any]]) -> Tensor:
    """One array per turn → (turns, most words, ...), the last padding zero."""
    padded = np.zeros((len(rows), max(map(len, rows)), *rows[0].shape[1:]), rows[0].dtype)
    for at, row in enumerate(rows):
        padded[at, : len(row)] = row
    return torch.from_numpy(padded)


def _dropped(x: Tensor, share: float) -> Tensor:
    """Whole words hidden, so that the network does not learn single turns by heart."""
    return x * (torch.rand(*x.shape[:2], 1) > share) / (1 - share)
