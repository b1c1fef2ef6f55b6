"""Trains the fusion strategies in torch, seeded.

The batched strategies are the same arithmetic as `assistant.fusion`, which a test holds together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from assistant.fusion.layers import HEADS
from assistant.fusion.projection import DIMENSION
from assistant.terminal.steps import StepProgress, tracked
from assistant.training.episodes import Episode
from assistant.types import MODALITIES, FloatArray

__all__ = ["FORWARD", "RATES", "Batch", "collate", "initial_weights", "learn", "predict"]

WIDTH = 64
BOTTLENECK = 4
Weights = Mapping[str, Tensor]
BATCH = 64
RATES = {"late": 2e-2, "attention": 1e-3, "early": 1e-3}


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
            logits = FORWARD[name](weights | frozen, batch)
            loss = torch.nn.functional.nll_loss(logits, batch.labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            if name == "late":
                with torch.no_grad():
                    weights["trust"].clamp_(0.2, 5.0)
    return {key: value.detach().numpy() for key, value in weights.items()}


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
