"""Adapts a shipped fusion strategy to another task with few examples, without overfitting.

What is learnt goes on from the shipped weights, but attention begins as late fusion: its gate is shut, and opens
faster than the rest changes. Tokens are left out at random, of all epochs the one counts that foretells some examples
kept aside best, and several runs, each with other examples aside, are averaged. All strategies get the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import torch
from torch import Tensor
from torch.nn.functional import nll_loss

from assistant.fusion.shipped import load_weights
from assistant.training.learning import FORWARD, RATES, Batch, initial_weights

__all__ = ["adapt", "guess"]

EPOCHS, SIZE = 10, 64
RATE, GATE_RATE = 0.3, 100.0
"""of learning: against the strategy's own rate, and of attention's gate against the rest"""
DECAY, GATE_DECAY = 0.1, 0.01
DROPPED = 0.3
"""share of tokens left out"""
SILENCED = 0.125
"""share of examples that lack their picture, and share that lack their words"""


def _rows_of(batch: Batch, rows: Tensor) -> Batch:
    """Some examples of a batch."""
    return Batch(**{field.name: getattr(batch, field.name)[rows] for field in fields(Batch)})


def adapt(
    name: str, examples: Batch, learnt: Tensor, aside: Tensor, seed: int, fixed: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Adapts the weights of a strategy to the task of the examples.

    Args:
        name: "late", "attention" or "early".
        learnt: rows that are learnt from.
        aside: rows that say when to stop.
        fixed: weights the strategy needs and does not change.

    Returns:
        The weights of the epoch, or of none, that foretell `aside` best, with those in `fixed`.
    """
    weights = {key: torch.from_numpy(load_weights(name)[key].copy()) for key in initial_weights(name, seed)}
    gate = [weights[key].zero_().requires_grad_() for key in weights if key == "gate"]
    rest = [weights[key].requires_grad_() for key in weights if key != "gate"]
    generator = torch.Generator().manual_seed(seed)
    rate = RATE * RATES[name]
    groups = [{"params": rest, "weight_decay": DECAY if name != "late" else 0.0, "lr": rate}]
    groups += [{"params": gate, "weight_decay": GATE_DECAY, "lr": GATE_RATE * rate}] if gate else []
    optimizer = torch.optim.AdamW(groups)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 - epoch / EPOCHS)
    kept = _rows_of(examples, aside)
    best, least = _copy(weights), _loss(name, weights, kept, fixed)
    for _ in range(EPOCHS):
        for rows in torch.split(learnt[torch.randperm(len(learnt), generator=generator)], SIZE):
            part = _thinned(_rows_of(examples, rows), generator)
            loss = nll_loss(FORWARD[name]({**weights, **fixed}, part), part.labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        schedule.step()
        now = _loss(name, weights, kept, fixed)
        if now < least:
            best, least = _copy(weights), now
    return best | dict(fixed)


def guess(name: str, runs: list[dict[str, Tensor]], examples: Batch) -> Tensor:
    """The best label (n,) by the mean log-probability of several runs."""
    with torch.inference_mode():
        return torch.stack([FORWARD[name](weights, examples) for weights in runs]).mean(dim=0).argmax(dim=1)


def _thinned(batch: Batch, generator: torch.Generator) -> Batch:
    """Without some tokens, and some examples without one of their modalities."""
    draw = torch.rand(len(batch.labels), generator=generator)
    present = batch.present.clone()
    present[draw < SILENCED, 1] = False
    present[draw > 1 - SILENCED, 0] = False
    stays = torch.rand(batch.mask.shape, generator=generator) > DROPPED
    parts = {field.name: getattr(batch, field.name) for field in fields(Batch)}
    parts |= {"present": present, "reliability": batch.reliability * present}
    parts |= {"logits": batch.logits * present[:, :, None]}
    parts |= {"mask": batch.mask & stays & present.gather(1, batch.modalities)}
    return Batch(**parts)


def _loss(name: str, weights: Mapping[str, Tensor], batch: Batch, fixed: Mapping[str, Tensor]) -> float:
    with torch.no_grad():
        return float(nll_loss(FORWARD[name]({**weights, **fixed}, batch), batch.labels))


def _copy(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in weights.items()}
