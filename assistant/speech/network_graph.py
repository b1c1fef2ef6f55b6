"""Writes Whisper's network as three ONNX graphs: what is heard, what the decoder attends to of it, and its steps.

Linear layers are in float32 or in 8 bits: each row that is read and each column of weights has a scale of its own. The
vocabulary, which is read for one token at a time, has a scale for each `VOCABULARY_BLOCK` weights: that is read faster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.onnx_graph import Graph
from assistant.speech.spectrogram import Dimensions
from assistant.types import FloatArray

__all__ = ["export_decoder", "export_encoder", "export_sound"]

EPSILON = 1e-5
"""of the layer norms"""
VOCABULARY_BLOCK = 128
"""weights of the vocabulary that share one scale in 8 bits"""


Shape = tuple[str, Sequence[str | int]]


class _Writer:
    """A graph of Whisper's layers under construction."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], in_8_bits: bool) -> None:
        self.graph = Graph()
        self._weights = weights
        self._in_8_bits = in_8_bits

    def tensor(self, name: str) -> FloatArray:
        return self._weights[name].astype(np.float32)

    def constant(self, name: str) -> str:
        return self.graph.constant(name, self.tensor(name))

    def stacked(self, *parts: str) -> tuple[FloatArray, FloatArray]:
        """The weights (n, k) and biases of several linear layers as one; Whisper's keys have no bias."""
        matrices = [self.tensor(f"{part}.weight") for part in parts]
        biases = [
            self.tensor(f"{part}.bias") if f"{part}.bias" in self._weights else np.zeros(len(matrix), np.float32)
            for part, matrix in zip(parts, matrices, strict=True)
        ]
        return np.concatenate(matrices), np.concatenate(biases)

    def linear(self, rows: str, *parts: str) -> tuple[str, str]:
        """Multiplies rows; returns the names of the product and of the bias that is still to be added."""
        weight, bias = self.stacked(*parts)
        return self.product(rows, parts[0], weight), self.graph.constant(f"{parts[0]}.biases", bias)

    def product(self, rows: str, name: str, weight: FloatArray) -> str:
        graph, output = self.graph, f"{name}.product"
        if not self._in_8_bits:
            return graph.linear(rows, output, weight)
        scale = np.abs(weight).max(axis=1) / 127.0
        scale[scale == 0.0] = 1.0
        codes = graph.constant(f"{name}.codes", np.round(weight / scale[:, None]).astype(np.int8).T)
        columns = graph.constant(f"{name}.scales", scale.astype(np.float32))
        one, middle = self._once("one", np.float32(1.0)), self._once("middle", np.uint8(128))
        axis, top = self._once("last", np.array([-1])), self._once("top", np.float32(1.0 / 127.0))
        least = self._once("least", np.float32(1e-8))
        size = graph.add("Abs", [rows], f"{name}.size")
        loudest = graph.add("Max", [graph.add("ReduceMax", [size, axis], f"{name}.most"), least], f"{name}.loudest")
        scales = graph.add("Mul", [loudest, top], f"{name}.rows")
        scaled = graph.add("Div", [rows, scales], f"{name}.scaled")
        read = graph.add("QuantizeLinear", [scaled, one, middle], f"{name}.read")
        whole = graph.add_fused("MatMulIntegerToFloat", [read, codes, one, columns, middle], f"{name}.whole")
        return graph.add("Mul", [whole, scales], output)

    def _once(self, name: str, value: Any) -> str:
        return self.graph.constant_once(name, np.asarray(value))

    def add_bias(self, product: tuple[str, str], output: str) -> str:
        return self.graph.add("Add", product, output)

    def gelu(self, product: tuple[str, str], output: str) -> str:
        return self.graph.add_fused("BiasGelu", product, output)

    def norm(self, rows: str, name: str, output: str) -> str:
        inputs = [rows, self.constant(f"{name}.weight"), self.constant(f"{name}.bias")]
        return self.graph.add("LayerNormalization", inputs, output, epsilon=EPSILON)

    def add_and_norm(self, product: tuple[str, str], skip: str, name: str, output: str) -> tuple[str, str]:
        """Adds a product, its bias and what it is a residual of; returns the sum, and the sum normalised."""
        inputs = [product[0], skip, self.constant(f"{name}.weight"), self.constant(f"{name}.bias"), product[1]]
        total = f"{output}.sum"
        self.graph.add_fused("SkipLayerNormalization", inputs, output, outputs=["", "", total], epsilon=EPSILON)
        return total, output

    def mlp(self, normal: str, rows: str, block: str, following: str, output: str) -> tuple[str, str]:
        wide = self.gelu(self.linear(normal, f"{block}.mlp.0"), f"{block}.wide")
        return self.add_and_norm(self.linear(wide, f"{block}.mlp.2"), rows, following, output)

    def split(self, rows: str, names: Sequence[str]) -> Sequence[str]:
        self.graph.add("Split", [rows], names[0], outputs=names[1:], axis=-1, num_outputs=len(names))
        return names

    def by_head(self, rows: str, heads: int, width: int, output: str) -> str:
        """(batch, n, d) → (batch, heads, n, d / heads)."""
        shape = self._once("by head", np.array([0, 0, heads, width // heads]))
        split = self.graph.add("Reshape", [rows, shape], f"{output}.split")
        return self.graph.add("Transpose", [split], output, perm=[0, 2, 1, 3])


def export_encoder(dims: Dimensions, weights: Mapping[str, NDArray[Any]], in_8_bits: bool) -> bytes:
    """From "mel" (1, 2 n, 3 n_mels), each step with its neighbours, to "frames" (1, n, d).

    "positions" are (1, n, d); "silent key.i" and "silent value.i" (1, m, d) is what layer i attends to besides its
    own; "bias.i" (1, 1, n, n + m) is added to what it attends with. Its own, "key.i" and "value.i", come out too.
    """
    writer, width = _Writer(weights, in_8_bits), dims.n_audio_state
    graph = writer.graph
    first = writer.tensor("encoder.conv1.weight").transpose(0, 2, 1).reshape(width, -1)
    product = graph.linear("mel", "conv1", first), writer.constant("encoder.conv1.bias")
    steps = writer.gelu(product, "steps")
    # The second convolution sees the step before each pair of steps, and the pair.
    pairs = graph.add("Reshape", [steps, graph.constant("paired", np.array([1, -1, 2 * width]))], "pairs")
    graph.add("Split", [pairs], "even", outputs=["odd"], axis=-1, num_outputs=2)
    start = graph.constant("start", np.zeros((1, 1, width), np.float32))
    later = graph.add("Concat", [start, "odd"], "later", axis=1)
    ends = [graph.constant(name, np.array([value])) for name, value in (("from", 0), ("to", -1), ("axis", 1))]
    before = graph.add("Slice", [later, *ends], "before")
    seen = graph.add("Concat", [before, pairs], "seen", axis=-1)
    second = writer.tensor("encoder.conv2.weight").transpose(0, 2, 1).reshape(width, -1)
    product = writer.product(seen, "conv2", second), writer.constant("encoder.conv2.bias")
    rows = graph.add("Add", [writer.gelu(product, "heard"), "positions"], "rows")
    inputs: dict[str, Shape] = {
        "mel": ("FLOAT", (1, "2n", 3 * dims.n_mels)),
        "positions": ("FLOAT", (1, "n", width)),
    }
    outputs: dict[str, Shape] = {"frames": ("FLOAT", (1, "n", width))}
    normal = writer.norm(rows, "encoder.blocks.0.attn_ln", "normal")
    for index in range(dims.n_audio_layer):
        block = f"encoder.blocks.{index}"
        parts = [f"{block}.attn.{part}" for part in ("query", "key", "value")]
        both = writer.add_bias(writer.linear(normal, *parts), f"{block}.qkv")
        query, key, value = writer.split(both, [f"query.{index}", f"key.{index}", f"value.{index}"])
        inputs[f"bias.{index}"] = ("FLOAT", (1, 1, "n", "all"))
        for name in (key, value):
            inputs[f"silent {name}"] = ("FLOAT", (1, "m", width))
            outputs[name] = ("FLOAT", (1, "n", width))
            graph.add("Concat", [name, f"silent {name}"], f"all {name}", axis=1)
        attended = graph.add_fused(
            "MultiHeadAttention",
            [query, f"all {key}", f"all {value}", "", "", f"bias.{index}"],
            f"{block}.attended",
            num_heads=dims.n_audio_head,
        )
        rows, normal = writer.add_and_norm(
            writer.linear(attended, f"{block}.attn.out"), rows, f"{block}.mlp_ln", f"{block}.listened"
        )
        last = index == dims.n_audio_layer - 1
        following = "encoder.ln_post" if last else f"encoder.blocks.{index + 1}.attn_ln"
        rows, normal = writer.mlp(normal, rows, block, following, "frames" if last else f"{block}.normal")
    return graph.finish(inputs, outputs)


def export_sound(dims: Dimensions, weights: Mapping[str, NDArray[Any]], in_8_bits: bool) -> bytes:
    """From "frames" (1, n, d) to the "key.i" and "value.i" (1, heads, n, d / heads) of each layer of the decoder."""
    writer = _Writer(weights, in_8_bits)
    width, heads = dims.n_text_state, dims.n_text_head
    outputs: dict[str, Shape] = {}
    for index in range(dims.n_text_layer):
        block = f"decoder.blocks.{index}.cross_attn"
        both = writer.add_bias(writer.linear("frames", f"{block}.key", f"{block}.value"), f"{block}.both")
        for name in writer.split(both, [f"rows of key.{index}", f"rows of value.{index}"]):
            output = writer.by_head(name, heads, width, name.removeprefix("rows of "))
            outputs[output] = ("FLOAT", (1, heads, "n", width // heads))
    return writer.graph.finish({"frames": ("FLOAT", (1, "n", dims.n_audio_state))}, outputs)


def export_decoder(dims: Dimensions, weights: Mapping[str, NDArray[Any]], in_8_bits: bool) -> bytes:
    """From "tokens" (batch, n, d), embedded and with their positions, to "logits" (batch, k, n_vocab).

    "asked" (k) are the places of the tokens after which these come.
    "past key.i" and "past value.i" are (batch, heads, before, d / heads), of the tokens before, and come out as
    "present key.i" and "present value.i"; "key.i" and "value.i" are the sound's, from `export_sound`; "bias.i"
    (1, 1, n, m) is added to what the decoder attends to the sound with. Optional outputs "query.i" are its queries.
    """
    writer, width, heads = _Writer(weights, in_8_bits), dims.n_text_state, dims.n_text_head
    graph = writer.graph
    kept, heard = ("batch", heads, "before", width // heads), ("batch", heads, "m", width // heads)
    inputs: dict[str, Shape] = {
        "tokens": ("FLOAT", ("batch", "n", width)),
        "asked": ("INT64", ("k",)),
    }
    outputs: dict[str, Shape] = {"logits": ("FLOAT", ("batch", "k", dims.n_vocab))}
    rows, normal = "tokens", writer.norm("tokens", "decoder.blocks.0.attn_ln", "normal")
    for index in range(dims.n_text_layer):
        block = f"decoder.blocks.{index}"
        parts = [f"{block}.attn.{part}" for part in ("query", "key", "value")]
        both = writer.add_bias(writer.linear(normal, *parts), f"{block}.qkv")
        own = writer.split(both, [f"{block}.query", f"{block}.key", f"{block}.value"])
        past, present = ([f"{when} {part}.{index}" for part in ("key", "value")] for when in ("past", "present"))
        attended = graph.add_fused(
            "MultiHeadAttention",
            [*own, "", "", "", *past],
            f"{block}.attended",
            outputs=present,
            num_heads=heads,
            unidirectional=1,
        )
        rows, normal = writer.add_and_norm(
            writer.linear(attended, f"{block}.attn.out"), rows, f"{block}.cross_attn_ln", f"{block}.said"
        )
        query = writer.add_bias(writer.linear(normal, f"{block}.cross_attn.query"), f"query.{index}")
        attended = graph.add_fused(
            "MultiHeadAttention",
            [query, f"key.{index}", f"value.{index}", "", "", f"bias.{index}"],
            f"{block}.heard",
            num_heads=heads,
        )
        rows, normal = writer.add_and_norm(
            writer.linear(attended, f"{block}.cross_attn.out"), rows, f"{block}.mlp_ln", f"{block}.listened"
        )
        following = "decoder.ln" if index == dims.n_text_layer - 1 else f"decoder.blocks.{index + 1}.attn_ln"
        rows, normal = writer.mlp(normal, rows, block, following, f"{block}.normal")
        inputs[f"bias.{index}"] = ("FLOAT", (1, 1, "n", "m"))
        inputs |= dict.fromkeys(past, ("FLOAT", kept)) | dict.fromkeys(
            (f"key.{index}", f"value.{index}"), ("FLOAT", heard)
        )
        outputs |= dict.fromkeys(present, ("FLOAT", ("batch", heads, "after", width // heads)))
        outputs[f"query.{index}"] = ("FLOAT", ("batch", "n", width))
    asked = graph.add("Gather", [normal, "asked"], "asked rows", axis=1)
    vocabulary, shared = writer.tensor("decoder.token_embedding.weight"), min(VOCABULARY_BLOCK, width)
    graph.linear(asked, "logits", vocabulary, in_8_bits=in_8_bits, block=shared)
    return graph.finish(inputs, outputs)
