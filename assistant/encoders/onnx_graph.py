"""Writes networks as ONNX graphs; ONNX Runtime reads them a hundred times faster than torch is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from assistant.types import FloatArray

__all__ = ["BLOCK", "Graph"]

FUSED = "com.microsoft"
"""the domain of ONNX Runtime's own operators"""
BLOCK = 16
"""weights that share one scale when they are kept in 8 bits"""
INT8_ACTIVATIONS = 4
"""ONNX Runtime's `accuracy_level` at which 8-bit weights are multiplied by 8-bit activations"""


class Graph:
    """A graph under construction: `add` an operator for each step, then `finish`."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def add(
        self, operator: str, inputs: Sequence[str], output: str, *, outputs: Sequence[str] = (), **attributes: Any
    ) -> str:
        """Add an operator of standard ONNX and return the name of its first output.

        Args:
            operator: its type.
            inputs: names of tensors; "" leaves an optional one out.
            output: name of its first output.
            outputs: names of further outputs.
            attributes: its attributes.
        """
        self._nodes.append(helper.make_node(operator, list(inputs), [output, *outputs], **attributes))
        return output

    def add_fused(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Add one of ONNX Runtime's own operators."""
        return self.add(operator, inputs, output, domain=FUSED, **attributes)

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Add a tensor of weights and return its name."""
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def constant_once(self, name: str, values: NDArray[Any]) -> str:
        """Add a tensor that several operators share, at its first use, and return its name."""
        return name if any(constant.name == name for constant in self._constants) else self.constant(name, values)

    def linear(self, rows: str, output: str, weight: FloatArray, *, in_8_bits: bool = False, block: int = BLOCK) -> str:
        """Multiply rows (..., k) by a weight (n, k), transposed.

        In 8 bits each `block` neighbours along k share a scale; k must be a multiple of it.
        """
        if not in_8_bits:
            return self.add("MatMul", [rows, self.constant(f"{output}.weight", weight.T)], output)
        n, k = weight.shape
        blocks = weight.reshape(n, k // block, block)
        scales = np.abs(blocks).max(axis=-1, keepdims=True) / 127.0
        scales[scales == 0.0] = 1.0
        codes = (np.round(blocks / scales) + 128.0).astype(np.uint8)
        inputs = [
            rows,
            self.constant(f"{output}.weight", codes),
            self.constant(f"{output}.scales", scales[..., 0].astype(np.float32)),
        ]
        settings = {"K": k, "N": n, "bits": 8, "block_size": block, "accuracy_level": INT8_ACTIVATIONS}
        return self.add_fused("MatMulNBits", inputs, output, **settings)

    def finish(
        self,
        inputs: Mapping[str, tuple[str, Sequence[str | int]]],
        outputs: Mapping[str, tuple[str, Sequence[str | int]]],
    ) -> bytes:
        """The model file.

        Args:
            inputs: name → type of its elements ("FLOAT", "INT32", …) and shape; a name as a dimension is any size.
            outputs: likewise.
        """
        inside, outside = (
            [
                helper.make_tensor_value_info(name, TensorProto.DataType.Value(kind), shape)
                for name, (kind, shape) in side.items()
            ]
            for side in (inputs, outputs)
        )
        graph = helper.make_graph(self._nodes, "encoder", inside, outside, self._constants)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(FUSED, 1)]
        model: onnx.ModelProto = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        return bytes(model.SerializeToString(deterministic=True))
