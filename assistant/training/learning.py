"""Trains the fusion strategies in torch, seeded, and adapts shipped ones to another task with few examples.

The batched strategies are the same arithmetic as `assistant.fusion`, which a test holds together.

What is adapted goes on from the shipped weights, but attention begins as late fusion: its gate is shut, and opens
faster than the rest changes. Tokens are left out at random, of all epochs the one counts that foretells some examples
kept aside best, and several runs, each with other examples aside, are averaged. All strategies get the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from assistant.fusion.layers import HEADS
from assistant.fusion.projection import DIMENSION
from assistant.fusion.shipped import load_weights
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.episodes import Episode
from assistant.types import MODALITIES, FloatArray

__all__ = ["FORWARD", "Batch", "adapt", "collate", "guess", "initial_weights", "learn", "predict"]

WIDTH = 64
BOTTLENECK = 4
Weights = Mapping[str, Tensor]
BATCH = 64
RATES = {"late": 2e-2, "attention": 1e-3, "early": 1e-3}
EPOCHS, RATE, GATE_RATE = 10, 0.3, 100.0
"""of adapting; rates are against the strategy's own, and of attention's gate against the rest"""
DECAY, GATE_DECAY = 0.1, 0.01
DROPPED = 0.3
"""share of tokens left out while adapting"""
SILENCED = 0.125
"""share of examples that lack their picture, and share that lack their words, while adapting"""


def collate(episodes: Sequence[Episode]) -> Batch:
    """Pad episodes to one batch."""
    count = len(episodes)
    most_tokens = max(len(e.evidence.mask) for e in episodes)
    most_intents = max(len(e.evidence.queries) for e in episodes)
    width = episodes[0].evidence.tokens.shape[1]
    tokens = np.zeros((count, most_tokens, width), np.float32)
    queries = np.zeros((count, most_intents, width), np.float32)
    modalities, mask = np.zeros((count, most_tokens), np.int64), np.zeros((count, most_tokens), np.bool_)
    intents = np.zeros((count, most_intents), np.bool_)
    logits = np.zeros((count, len(MODALITIES), most_intents), np.float32)
    for row, episode in enumerate(episodes):
        evidence = episode.evidence
        n, k = len(evidence.mask), len(evidence.queries)
        tokens[row, :n], modalities[row, :n], mask[row, :n] = evidence.tokens, evidence.modalities, evidence.mask
        queries[row, :k], intents[row, :k], logits[row, :, :k] = evidence.queries, True, evidence.logits
    present = np.stack([e.evidence.present for e in episodes])
    reliability = np.stack([e.evidence.reliability for e in episodes])
    labels = np.array([e.label for e in episodes])
    arrays = (tokens, modalities, mask, queries, intents, logits, present, reliability, labels)
    return Batch(*(torch.from_numpy(array) for array in arrays))


def predict(name: str, weights: Mapping[str, FloatArray], episodes: Sequence[Episode]) -> NDArray[np.int64]:
    """The best intent (n,) of each episode."""
    tensors = {key: torch.from_numpy(value) for key, value in weights.items()}
    parts = (collate(episodes[start : start + 256]) for start in range(0, len(episodes), 256))
    with torch.inference_mode():
        found = [FORWARD[name](tensors, part).argmax(dim=1).numpy() for part in parts]
    return np.concatenate(found)


def learn(
    name: str,
    episodes: Sequence[Episode],
    *,
    epochs: int,
    seed: int,
    fixed: dict[str, FloatArray] | None = None,
    progress: StepProgress,
) -> dict[str, FloatArray]:
    """Trains a strategy ("late", "attention" or "early") by AdamW on the cross-entropy of the intents.

    `fixed` are weights that it needs and does not change.
    """
    weights = initial_weights(name, seed)
    for value in weights.values():
        value.requires_grad_()
    frozen = {key: torch.from_numpy(value) for key, value in (fixed or {}).items()}
    optimizer = torch.optim.AdamW(weights.values(), lr=RATES[name], weight_decay=0.0)
    for epoch in tracked(progress, f"training {name} fusion", range(epochs)):
        generator = torch.Generator().manual_seed(seed * 1000 + epoch)
        for group in optimizer.param_groups:
            group["lr"] = RATES[name] * (1 - epoch / epochs)
        for rows in torch.split(torch.randperm(len(episodes), generator=generator), BATCH):
            batch = collate([episodes[row] for row in rows.tolist()])
            _step(optimizer, name, weights | frozen, batch)
            if name == "late":
                with torch.no_grad():
                    weights["trust"].clamp_(0.2, 5.0)
    return {key: value.detach().numpy() for key, value in weights.items()}


def adapt(name: str, examples: Batch, learnt: Tensor, aside: Tensor, seed: int, fixed: Weights) -> dict[str, Tensor]:
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
    kept = examples.of(aside)
    best, least = _copy(weights), _kept_loss(name, {**weights, **fixed}, kept)
    for _ in range(EPOCHS):
        for rows in torch.split(learnt[torch.randperm(len(learnt), generator=generator)], BATCH):
            _step(optimizer, name, {**weights, **fixed}, _thinned(examples.of(rows), generator))
        schedule.step()
        now = _kept_loss(name, {**weights, **fixed}, kept)
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
    return replace(
        batch,
        present=present,
        reliability=batch.reliability * present,
        logits=batch.logits * present[:, :, None],
        mask=batch.mask & stays & present.gather(1, batch.modalities),
    )


def _loss(name: str, weights: Weights, batch: Batch) -> Tensor:
    return functional.nll_loss(FORWARD[name](weights, batch), batch.labels)


def _kept_loss(name: str, weights: Weights, batch: Batch) -> float:
    with torch.no_grad():
        return float(_loss(name, weights, batch))


def _step(optimizer: torch.optim.Optimizer, name: str, weights: Weights, batch: Batch) -> None:
    optimizer.zero_grad()
    _loss(name, weights, batch).backward()  # type: ignore[no-untyped-call]
    optimizer.step()


def _copy(weights: Weights) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in weights.items()}


@dataclass(frozen=True, eq=False)
class Batch:
    """Evidence of b turns, padded to n tokens and k intents."""

    tokens: Tensor
    """(b, n, 384)"""
    modalities: Tensor
    """(b, n), int64"""
    mask: Tensor
    """(b, n), bool"""
    queries: Tensor
    """(b, k, 384)"""
    intents: Tensor
    """(b, k), bool: False where an intent is padding"""
    logits: Tensor
    """(b, 3, k)"""
    present: Tensor
    """(b, 3), bool"""
    reliability: Tensor
    """(b, 3)"""
    labels: Tensor
    """(b,), int64"""

    def of(self, rows: Tensor) -> Batch:
        """Some of the turns."""
        return Batch(*(getattr(self, field.name)[rows] for field in fields(self)))


def initial_weights(name: str, seed: int) -> dict[str, Tensor]:
    """Fresh weights of a strategy: "late", "attention" (its gate at zero) or "early"."""
    generator = torch.Generator().manual_seed(seed)
    made: dict[str, Tensor] = {}

    def layer(key: str, outputs: int, inputs: int) -> None:
        made[f"{key}.weight"] = torch.randn(outputs, inputs, generator=generator) / inputs**0.5
        made[f"{key}.bias"] = torch.zeros(outputs)

    def mixing(key: str) -> None:
        for part in ("query", "key", "value", "out"):
            layer(f"{key}.{part}", WIDTH, WIDTH)

    def thinking(key: str) -> None:
        layer(f"{key}.up", 2 * WIDTH, WIDTH)
        layer(f"{key}.down", WIDTH, 2 * WIDTH)

    if name == "late":
        return {"trust": torch.ones(3)}
    layer("tokens", WIDTH, DIMENSION)
    layer("intents", WIDTH, DIMENSION)
    layer("opinions", WIDTH, 9)
    made["tokens.weight"] *= DIMENSION**0.5  # tokens have length 1, not √384
    made["intents.weight"] *= DIMENSION**0.5
    made["modality"] = torch.randn(3, WIDTH, generator=generator)
    if name == "attention":
        made["bottleneck"] = torch.randn(BOTTLENECK, WIDTH, generator=generator)
        made["gate"] = torch.zeros(1)
        mixing("gather")
        thinking("think")
        mixing("ask")
        layer("score.up", WIDTH, 2 * WIDTH)
        layer("score.down", 1, WIDTH)
    else:
        for index in range(2):
            mixing(f"layer{index}.mix")
            thinking(f"layer{index}.think")
        layer("score", 1, WIDTH)
    return made


def _linear(w: Weights, name: str, x: Tensor) -> Tensor:
    return functional.linear(x, w[f"{name}.weight"], w[f"{name}.bias"])


def _normalise(x: Tensor) -> Tensor:
    return x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


def _think(w: Weights, name: str, x: Tensor) -> Tensor:
    return x + _linear(w, f"{name}.down", functional.relu(_linear(w, f"{name}.up", _normalise(x))))


def _mix(w: Weights, name: str, x: Tensor, context: Tensor, mask: Tensor) -> Tensor:
    def split(rows: Tensor) -> Tensor:
        return rows.reshape(*rows.shape[:2], HEADS, -1).transpose(1, 2)

    asked, heard = _normalise(x), _normalise(context)
    query, key = split(_linear(w, f"{name}.query", asked)), split(_linear(w, f"{name}.key", heard))
    value = split(_linear(w, f"{name}.value", heard))
    joined = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask[:, None, None, :])
    return x + _linear(w, f"{name}.out", joined.transpose(1, 2).flatten(2))


def _opinion_weights(batch: Batch, trust: Tensor) -> Tensor:
    """(b, 3): see `assistant.fusion.modality_logits.input_weights`."""
    weight = torch.where(batch.present, trust * batch.reliability.clamp_min(1e-3), torch.zeros(()))
    return weight / weight.amax(dim=1, keepdim=True).clamp_min(1e-9)


def _features(batch: Batch, weights: Tensor) -> Tensor:
    counts = weights[:, :, None].expand_as(batch.logits)
    heard = counts > 0
    parts = [batch.logits.clamp_min(-10.0) / 5.0 * heard, batch.logits.clamp_max(0.0).exp() * heard, counts]
    return torch.cat(parts, dim=1).transpose(1, 2)


def _close(batch: Batch, logits: Tensor) -> Tensor:
    return logits.masked_fill(~batch.intents, -1e4).log_softmax(dim=1)


def _late_logits(w: Weights, batch: Batch) -> Tensor:
    """(b, k): late fusion."""
    weights = _opinion_weights(batch, w["trust"])
    return _close(batch, (weights[:, :, None] * batch.logits).sum(dim=1))


def _attention_logits(w: Weights, batch: Batch) -> Tensor:
    """(b, k): attention fusion; ``trust`` is among the weights."""
    weights = _opinion_weights(batch, w["trust"])
    heard = batch.mask & (weights > 0).gather(1, batch.modalities)
    tokens = _linear(w, "tokens", batch.tokens) + w["modality"][batch.modalities]
    neck = w["bottleneck"].expand(len(tokens), -1, -1)
    neck = _think(w, "think", _mix(w, "gather", neck, tokens, heard))
    intents = _linear(w, "intents", batch.queries) + _linear(w, "opinions", _features(batch, weights))
    informed = _mix(w, "ask", intents, neck, torch.ones(neck.shape[:2], dtype=torch.bool))
    seen = _normalise(torch.cat([informed, informed * intents], dim=2))
    correction = _linear(w, "score.down", functional.relu(_linear(w, "score.up", seen)))[..., 0]
    several = ((weights > 0).sum(dim=1) > 1)[:, None]
    return _close(batch, _late_logits(w, batch) + torch.tanh(w["gate"]) * correction * several)


def _early_logits(w: Weights, batch: Batch) -> Tensor:
    """(b, k): early fusion."""
    weights = _opinion_weights(batch, torch.ones(3))
    heard = batch.mask & (weights > 0).gather(1, batch.modalities)
    tokens = _linear(w, "tokens", batch.tokens) + w["modality"][batch.modalities]
    intents = _linear(w, "intents", batch.queries) + _linear(w, "opinions", _features(batch, weights))
    row, mask = torch.cat([intents, tokens], dim=1), torch.cat([batch.intents, heard], dim=1)
    for index in range(2):
        row = _think(w, f"layer{index}.think", _mix(w, f"layer{index}.mix", row, row, mask))
    return _close(batch, _linear(w, "score", _normalise(row[:, : intents.shape[1]]))[..., 0])


FORWARD: dict[str, Callable[[Weights, Batch], Tensor]] = {
    "late": _late_logits,
    "attention": _attention_logits,
    "early": _early_logits,
}
"""strategy → its batched forward pass"""
