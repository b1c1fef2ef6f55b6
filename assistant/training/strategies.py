"""The trained strategies in torch, batched: the same arithmetic as `assistant.fusion`, which a test holds together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from assistant.fusion.layers import HEADS
from assistant.fusion.projection import DIMENSION

__all__ = ["FORWARD", "Batch", "attention_logits", "early_logits", "initial_weights", "late_logits", "opinion_weights"]

WIDTH = 64
BOTTLENECK = 4
Weights = Mapping[str, Tensor]


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


def opinion_weights(batch: Batch, trust: Tensor) -> Tensor:
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


def late_logits(w: Weights, batch: Batch) -> Tensor:
    """(b, k): late fusion."""
    weights = opinion_weights(batch, w["trust"])
    return _close(batch, (weights[:, :, None] * batch.logits).sum(dim=1))


def attention_logits(w: Weights, batch: Batch) -> Tensor:
    """(b, k): attention fusion; ``trust`` is among the weights."""
    weights = opinion_weights(batch, w["trust"])
    heard = batch.mask & (weights > 0).gather(1, batch.modalities)
    tokens = _linear(w, "tokens", batch.tokens) + w["modality"][batch.modalities]
    neck = w["bottleneck"].expand(len(tokens), -1, -1)
    neck = _think(w, "think", _mix(w, "gather", neck, tokens, heard))
    intents = _linear(w, "intents", batch.queries) + _linear(w, "opinions", _features(batch, weights))
    informed = _mix(w, "ask", intents, neck, torch.ones(neck.shape[:2], dtype=torch.bool))
    seen = _normalise(torch.cat([informed, informed * intents], dim=2))
    correction = _linear(w, "score.down", functional.relu(_linear(w, "score.up", seen)))[..., 0]
    several = ((weights > 0).sum(dim=1) > 1)[:, None]
    return _close(batch, late_logits(w, batch) + torch.tanh(w["gate"]) * correction * several)


def early_logits(w: Weights, batch: Batch) -> Tensor:
    """(b, k): early fusion."""
    weights = opinion_weights(batch, torch.ones(3))
    heard = batch.mask & (weights > 0).gather(1, batch.modalities)
    tokens = _linear(w, "tokens", batch.tokens) + w["modality"][batch.modalities]
    intents = _linear(w, "intents", batch.queries) + _linear(w, "opinions", _features(batch, weights))
    row, mask = torch.cat([intents, tokens], dim=1), torch.cat([batch.intents, heard], dim=1)
    for index in range(2):
        row = _think(w, f"layer{index}.think", _mix(w, f"layer{index}.mix", row, row, mask))
    return _close(batch, _linear(w, "score", _normalise(row[:, : intents.shape[1]]))[..., 0])


FORWARD: dict[str, Callable[[Weights, Batch], Tensor]] = {
    "late": late_logits,
    "attention": attention_logits,
    "early": early_logits,
}
"""strategy → its batched forward pass"""
