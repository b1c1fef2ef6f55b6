"""BERT's encoder, and nothing else of it (Devlin et al. 2019, https://arxiv.org/abs/1810.04805).

It reads the checkpoints of `transformers.BertModel` and gives the same numbers (a test holds the two
together). It is here because importing the original takes three seconds, as long as everything else at the
start together, and because query, key and value in one product make a single sentence a third faster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from assistant.encoders.unfilled import unfilled

__all__ = ["BertConfig", "BertModel"]


@dataclass(frozen=True)
class BertConfig:
    """The sizes of a BERT, under the names of ``config.json``."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> BertConfig:
        """Read ``config.json``; keys that the encoder does not need are ignored.

        Raises:
            ValueError: the settings are not those of a BERT that this module computes.
        """
        kind, activation = settings.get("model_type", "bert"), settings.get("hidden_act", "gelu")
        if kind != "bert" or activation != "gelu":
            raise ValueError(
                f"model type {kind!r} with activation {activation!r} is not supported; a BERT with gelu is"
            )
        return cls(**{name: settings[name] for name in cls.__dataclass_fields__ if name in settings})


class _Layer(nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        width, eps = config.hidden_size, config.layer_norm_eps
        self.heads = config.num_attention_heads
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attention_output = nn.Linear(width, width)
        self.attention_norm = nn.LayerNorm(width, eps)
        self.intermediate = nn.Linear(width, config.intermediate_size)
        self.output = nn.Linear(config.intermediate_size, width)
        self.output_norm = nn.LayerNorm(width, eps)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        batch, length, width = x.shape
        stacked = self.query_key_value(x).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = stacked.permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        x = self.attention_norm(x + self.attention_output(attended.transpose(1, 2).reshape(batch, length, width)))
        normed: Tensor = self.output_norm(x + self.output(functional.gelu(self.intermediate(x))))
        return normed


class BertModel(nn.Module):
    """The encoder: word pieces in, one contextual vector per word piece out.

    Args:
        config: its sizes.
    """

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.config = config
        self.words = nn.Embedding(config.vocab_size, width)
        self.positions = nn.Embedding(config.max_position_embeddings, width)
        self.segments = nn.Embedding(config.type_vocab_size, width)
        self.norm = nn.LayerNorm(width, config.layer_norm_eps)
        self.layers = nn.ModuleList(_Layer(config) for _ in range(config.num_hidden_layers))

    def forward(self, ids: Tensor, mask: Tensor | None = None, gains: Tensor | None = None) -> Tensor:
        """Encode.

        Inputs:
            ids: (batch, n), int64, word pieces.
            mask: (batch, n), bool, False where padded; None when nothing is.
            gains: (batch, n), float32, what each piece's embedding is multiplied by; None is 1 throughout.

        Returns:
            (batch, n, hidden_size), float32.
        """
        embedded = self.words(ids) if gains is None else self.words(ids) * gains[..., None]
        x = embedded + (self.positions.weight[: ids.shape[1]] + self.segments.weight[0])
        x = self.norm(x)
        attention_mask = None if mask is None else mask[:, None, None, :]
        for layer in self.layers:
            x = layer(x, attention_mask)
        hidden: Tensor = x
        return hidden

    @classmethod
    def from_weights(cls, config: BertConfig, weights: Mapping[str, Tensor]) -> BertModel:
        """Build one from a checkpoint of `transformers.BertModel`, also one with a task's head and prefix.

        Raises:
            KeyError: the checkpoint lacks a tensor.
            RuntimeError: a tensor has another shape than the settings say.
        """
        with unfilled():
            model = cls(config)
        model.load_state_dict(_rename(config, weights), assign=True)
        model.eval()
        return model


def _rename(config: BertConfig, weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    prefix = "bert." if "bert.embeddings.word_embeddings.weight" in weights else ""
    renamed: dict[str, Tensor] = {}

    def take(ours: str, *theirs: str) -> None:
        for kind in ("weight", "bias"):
            if kind == "bias" and "_embeddings" in theirs[0]:
                continue
            parts = [weights[f"{prefix}{name}.{kind}"].float() for name in theirs]
            renamed[f"{ours}.{kind}"] = torch.cat(parts) if len(parts) > 1 else parts[0]

    take("words", "embeddings.word_embeddings")
    take("positions", "embeddings.position_embeddings")
    take("segments", "embeddings.token_type_embeddings")
    take("norm", "embeddings.LayerNorm")
    for index in range(config.num_hidden_layers):
        ours, theirs = f"layers.{index}", f"encoder.layer.{index}"
        take(f"{ours}.query_key_value", *(f"{theirs}.attention.self.{part}" for part in ("query", "key", "value")))
        take(f"{ours}.attention_output", f"{theirs}.attention.output.dense")
        take(f"{ours}.attention_norm", f"{theirs}.attention.output.LayerNorm")
        take(f"{ours}.intermediate", f"{theirs}.intermediate.dense")
        take(f"{ours}.output", f"{theirs}.output.dense")
        take(f"{ours}.output_norm", f"{theirs}.output.LayerNorm")
    return renamed
