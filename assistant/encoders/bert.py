"""BERT's encoder in ONNX Runtime (Devlin et al. 2019, https://arxiv.org/abs/1810.04805), and MPNet's.

It reads the checkpoints of `transformers.BertModel` and `MPNetModel` and gives the same numbers (a test holds them
together), without the import of torch. The shipped checkpoint runs with 8-bit weights, all but those of the attention:
a third of the time and a quarter of the memory, at a cosine of at least 0.999 to the original's sentence vectors (a
test too). MPNet differs by a bias of the attention that depends on how far two pieces are apart (Song et al. 2020,
https://arxiv.org/abs/2004.09297).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.checkpoints import read_json, read_weights
from assistant.encoders.exported import load_exported
from assistant.types import FloatArray

__all__ = ["BertConfig", "BertModel"]

Tensors = Mapping[str, NDArray[Any]]
FARTHEST = 128
"""pieces apart from which MPNet tells distances no longer"""
_DISTANCES = "encoder.relative_attention_bias.weight"
_OF_MPNET = (
    (".attention.attn.q.", ".attention.self.query."),
    (".attention.attn.k.", ".attention.self.key."),
    (".attention.attn.v.", ".attention.self.value."),
    (".attention.attn.o.", ".attention.output.dense."),
    (".attention.LayerNorm.", ".attention.output.LayerNorm."),
)
"""parts of the names of an MPNet's tensors, and BERT's names for them"""


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
        if kind not in ("bert", "mpnet") or activation != "gelu":
            raise ValueError(
                f"model type {kind!r} with activation {activation!r} is not supported; a BERT or MPNet with gelu is"
            )
        if kind == "mpnet":  # the first two places are never used, and there are no token types
            settings = {**settings, "max_position_embeddings": settings.get("max_position_embeddings", 514) - 2}
            settings["type_vocab_size"] = 1
        return cls(**{name: settings[name] for name in cls.__dataclass_fields__ if name in settings})


class BertModel:
    """The encoder: word pieces in, one contextual vector per word piece out. Safe to call from several threads.

    Args:
        folder: ``config.json`` and ``model.safetensors``, also of a model with a task's head.
        in_8_bits: keep the weights outside the attention in 8 bits.

    Raises:
        KeyError: the checkpoint lacks a tensor.
        ValueError: the settings are not a BERT's, or a tensor has another shape than they say.
        ModelUnavailable: a file is missing or damaged.
    """

    def __init__(self, folder: Path, *, in_8_bits: bool = False) -> None:
        self.config = BertConfig.from_dict(read_json(folder / "config.json"))
        path = folder / "model.safetensors"
        read = read_weights(path)
        prefix = next((p for p in ("bert.", "mpnet.") if f"{p}embeddings.word_embeddings.weight" in read), "")
        weights: Tensors = {name.removeprefix(prefix): values for name, values in read.items()}
        self._distances = weights[_DISTANCES].astype(np.float32) if _DISTANCES in weights else None
        if self._distances is not None:
            weights = _as_bert(weights)
        _check_shapes(self.config, weights)
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = (
            weights["embeddings.position_embeddings.weight"].astype(np.float32)
            + weights["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = [weights[f"embeddings.LayerNorm.{part}"].astype(np.float32) for part in ("weight", "bias")]
        kind = "bert-8bit" if in_8_bits else "bert"
        self._session = load_exported(path, kind, lambda: _export(self.config, weights, in_8_bits), threads=1)

    def __call__(
        self, ids: NDArray[np.int64], lengths: NDArray[np.int64] | None = None, gains: FloatArray | None = None
    ) -> FloatArray:
        """Encode.

        Args:
            ids: (batch, n), word pieces.
            lengths: (batch,), pieces of each row; the rest is padding. None when nothing is.
            gains: (batch, n), float32, what each piece's embedding is multiplied by; None is 1 throughout.

        Returns:
            (batch, n, hidden_size), float32.
        """
        embedded = self._words[ids].astype(np.float32, copy=False)
        if gains is not None:
            embedded = embedded * gains[..., None]
        rows = embedded + self._places[: ids.shape[1]]
        rows -= rows.mean(axis=-1, keepdims=True)
        rows /= np.sqrt(np.square(rows).mean(axis=-1, keepdims=True) + self.config.layer_norm_eps)
        rows = rows * self._norm[0] + self._norm[1]
        mask = np.arange(ids.shape[1]) < (np.full(len(ids), ids.shape[1]) if lengths is None else lengths)[:, None]
        inputs = {"rows": rows, "mask": mask.astype(np.int32)}
        if self._distances is not None:
            inputs["near"] = self._distances[_buckets(ids.shape[1], len(self._distances))].transpose(2, 0, 1)[None]
        states: FloatArray = self._session.run(None, inputs)[0]
        return states


def _as_bert(weights: Tensors) -> Tensors:
    """An MPNet's tensors under BERT's names."""
    renamed = {}
    for name, values in weights.items():
        for theirs, ours in _OF_MPNET:
            name = name.replace(theirs, ours)
        renamed[name] = values
    places = "embeddings.position_embeddings.weight"
    renamed[places] = renamed[places][2:]
    renamed["embeddings.token_type_embeddings.weight"] = np.zeros_like(renamed[places][:1])
    return renamed


def _buckets(n: int, buckets: int) -> NDArray[np.int64]:
    """(n, n): the class of each distance between two pieces; near ones have one each, far ones share."""
    apart = np.arange(n)[:, None] - np.arange(n)
    half = buckets // 2
    exact = half // 2
    far = np.log(np.maximum(np.abs(apart), 1) / exact) / np.log(FARTHEST / exact) * (half - exact)
    within = np.where(np.abs(apart) < exact, np.abs(apart), np.minimum(exact + far.astype(np.int64), half - 1))
    result: NDArray[np.int64] = within + half * (apart < 0)
    return result


def _check_shapes(config: BertConfig, weights: Tensors) -> None:
    width, wide = config.hidden_size, config.intermediate_size
    shapes = {
        "embeddings.word_embeddings": (config.vocab_size, width),
        "embeddings.position_embeddings": (config.max_position_embeddings, width),
        "embeddings.token_type_embeddings": (config.type_vocab_size, width),
    }
    for index in range(config.num_hidden_layers):
        layer = f"encoder.layer.{index}"
        shapes |= {f"{layer}.attention.self.{part}": (width, width) for part in ("query", "key", "value")}
        shapes[f"{layer}.attention.output.dense"] = (width, width)
        shapes[f"{layer}.intermediate.dense"] = (wide, width)
        shapes[f"{layer}.output.dense"] = (width, wide)
    for name, shape in shapes.items():
        if (found := weights[f"{name}.weight"].shape) != shape:
            raise ValueError(f"{name}.weight is {found}, not {shape}")


def _export(config: BertConfig, weights: Tensors, in_8_bits: bool) -> bytes:
    """The layers as an ONNX graph from "rows" (batch, n, d) and "mask" (batch, n) to "states" (batch, n, d).

    MPNet's has a third input, "near" (1, heads, n, n): the attention's bias by distance.
    """
    from assistant.encoders.onnx_graph import BLOCK, Graph  # its library is needed for this only

    in_8_bits = in_8_bits and config.hidden_size % BLOCK == 0 and config.intermediate_size % BLOCK == 0
    graph = Graph()

    def tensor(name: str) -> FloatArray:
        return weights[name].astype(np.float32)

    def constant(name: str) -> str:
        return graph.constant(name, tensor(name))

    def add_and_normalise(rows: str, skip: str, part: str, output: str) -> str:
        norm = [constant(f"{part}.LayerNorm.{kind}") for kind in ("weight", "bias")]
        inputs = [rows, skip, *norm, constant(f"{part}.dense.bias")]
        return graph.add_fused("SkipLayerNormalization", inputs, output, epsilon=config.layer_norm_eps)

    rows, near = "rows", ["near"] if _DISTANCES in weights else []
    for index in range(config.num_hidden_layers):
        layer = f"encoder.layer.{index}"
        attention, parts = f"{layer}.attention", ("query", "key", "value")
        stacked = np.concatenate([tensor(f"{attention}.self.{part}.weight") for part in parts])
        bias = graph.constant(
            f"{attention}.bias", np.concatenate([tensor(f"{attention}.self.{part}.bias") for part in parts])
        )
        projected = graph.linear(rows, f"{attention}.projected", stacked)
        query, key, value = (f"{attention}.{part}" for part in parts)
        graph.add("Split", [projected], query, outputs=[key, value], axis=-1, num_outputs=3)
        heads = config.num_attention_heads
        attended = graph.add_fused(
            "MultiHeadAttention", [query, key, value, bias, "mask", *near], f"{attention}.attended", num_heads=heads
        )
        out = graph.linear(
            attended, f"{attention}.out", tensor(f"{attention}.output.dense.weight"), in_8_bits=in_8_bits
        )
        rows = add_and_normalise(out, rows, f"{attention}.output", f"{attention}.rows")
        wide = graph.linear(rows, f"{layer}.wide", tensor(f"{layer}.intermediate.dense.weight"), in_8_bits=in_8_bits)
        active = graph.add_fused("BiasGelu", [wide, constant(f"{layer}.intermediate.dense.bias")], f"{layer}.active")
        out = graph.linear(active, f"{layer}.out", tensor(f"{layer}.output.dense.weight"), in_8_bits=in_8_bits)
        last = index == config.num_hidden_layers - 1
        rows = add_and_normalise(out, rows, f"{layer}.output", "states" if last else f"{layer}.rows")
    shape = ("batch", "n", config.hidden_size)
    inputs: dict[str, tuple[str, tuple[str | int, ...]]] = {"rows": ("FLOAT", shape), "mask": ("INT32", shape[:2])}
    if near:
        inputs["near"] = ("FLOAT", (1, config.num_attention_heads, "n", "n"))
    return graph.finish(inputs, {"states": ("FLOAT", shape)})
