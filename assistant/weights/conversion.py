"""Other people's weight files become safetensors, once, after the download."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.weights.ctranslate2 import read_container

__all__ = [
    "CONVERTERS",
    "convert_checkpoint",
    "convert_whisper",
    "whisper_dimensions",
    "whisper_weights",
    "write_safetensors",
]

Arrays = Mapping[str, NDArray[Any]]

_TYPE_NAMES = {"float16": "F16", "float32": "F32", "int32": "I32", "int64": "I64"}
_HEAD = 64
"""width of one attention head in every Whisper model"""


def write_safetensors(path: Path, arrays: Arrays) -> None:
    """Write arrays in the safetensors format.

    By hand, and in one fixed order (wide types first, then by name), because the catalogue knows the sha256 of
    the result: it must not depend on the version of a library.

    Raises:
        ValueError: an array's type is not one of float16, float32, int32 and int64.
    """
    header: dict[str, Any] = {}
    order = sorted(arrays, key=lambda name: (-arrays[name].itemsize, name))
    offset = 0
    for name in order:
        array = arrays[name]
        if array.dtype.name not in _TYPE_NAMES:
            raise ValueError(f"{name} is of type {array.dtype.name}")
        span = [offset, offset + array.nbytes]
        header[name] = {"dtype": _TYPE_NAMES[array.dtype.name], "shape": list(array.shape), "data_offsets": span}
        offset = span[1]
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the data begins at a multiple of eight
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in order:
            file.write(np.ascontiguousarray(arrays[name]).tobytes())


def _attention(ours: str, theirs: str, source: Arrays, *, cross: bool) -> dict[str, NDArray[Any]]:
    """Query, key, value and output of one block; CTranslate2 stacks them, and gives the key a bias of zeros."""
    if cross:
        parts = [f"{theirs}/linear_0/{{}}", f"{theirs}/linear_1/{{}}"]
        out = f"{theirs}/linear_2"
    else:
        parts = [f"{theirs}/linear_0/{{}}"]
        out = f"{theirs}/linear_1"
    weight = np.concatenate([source[part.format("weight")] for part in parts])
    bias = np.concatenate([source[part.format("bias")] for part in parts])
    (query, key, value), (query_bias, _, value_bias) = np.split(weight, 3), np.split(bias, 3)
    return {
        f"{ours}.query.weight": query,
        f"{ours}.query.bias": query_bias,
        f"{ours}.key.weight": key,
        f"{ours}.value.weight": value,
        f"{ours}.value.bias": value_bias,
        f"{ours}.out.weight": source[f"{out}/weight"],
        f"{ours}.out.bias": source[f"{out}/bias"],
        **_norm(f"{ours}_ln", f"{theirs}/layer_norm", source),
    }


def _norm(ours: str, theirs: str, source: Arrays) -> dict[str, NDArray[Any]]:
    return {f"{ours}.weight": source[f"{theirs}/gamma"], f"{ours}.bias": source[f"{theirs}/beta"]}


def _linear(ours: str, theirs: str, source: Arrays) -> dict[str, NDArray[Any]]:
    return {f"{ours}.{kind}": source[f"{theirs}/{kind}"] for kind in ("weight", "bias")}


def _block(side: str, layer: int, source: Arrays) -> dict[str, NDArray[Any]]:
    ours, theirs = f"{side}.blocks.{layer}", f"{side}/layer_{layer}"
    weights = _attention(f"{ours}.attn", f"{theirs}/self_attention", source, cross=False)
    if side == "decoder":
        weights |= _attention(f"{ours}.cross_attn", f"{theirs}/attention", source, cross=True)
    weights |= _norm(f"{ours}.mlp_ln", f"{theirs}/ffn/layer_norm", source)
    weights |= _linear(f"{ours}.mlp.0", f"{theirs}/ffn/linear_0", source)
    return weights | _linear(f"{ours}.mlp.2", f"{theirs}/ffn/linear_1", source)


def _layers(side: str, source: Arrays) -> int:
    return sum(
        name.startswith(f"{side}/layer_") and name.endswith("/self_attention/linear_0/weight") for name in source
    )


def whisper_dimensions(source: Arrays) -> dict[str, int]:
    """The fields of ``whisper.model.ModelDimensions``, read off the shapes of CTranslate2's variables."""
    state, mels, _ = source["encoder/conv1/weight"].shape
    vocabulary, text_state = source["decoder/embeddings/weight"].shape
    return {
        "n_mels": mels,
        "n_audio_ctx": source["encoder/position_encodings/encodings"].shape[0],
        "n_audio_state": state,
        "n_audio_head": state // _HEAD,
        "n_audio_layer": _layers("encoder", source),
        "n_vocab": vocabulary,
        "n_text_ctx": source["decoder/position_encodings/encodings"].shape[0],
        "n_text_state": text_state,
        "n_text_head": text_state // _HEAD,
        "n_text_layer": _layers("decoder", source),
    }


def whisper_weights(source: Arrays) -> dict[str, NDArray[Any]]:
    """CTranslate2's variables under the names of ``whisper.model.Whisper``'s state dict, values unchanged."""
    weights = {
        **_linear("encoder.conv1", "encoder/conv1", source),
        **_linear("encoder.conv2", "encoder/conv2", source),
        "encoder.positional_embedding": source["encoder/position_encodings/encodings"],
        **_norm("encoder.ln_post", "encoder/layer_norm", source),
        "decoder.token_embedding.weight": source["decoder/embeddings/weight"],
        "decoder.positional_embedding": source["decoder/position_encodings/encodings"],
        **_norm("decoder.ln", "decoder/layer_norm", source),
    }
    for side in ("encoder", "decoder"):
        for layer in range(_layers(side, source)):
            weights |= _block(side, layer, source)
    return weights


def convert_whisper(source: Path, target: Path) -> None:
    """A CTranslate2 Whisper becomes ``model.safetensors`` and ``config.json`` (its `ModelDimensions`) in `target`.

    Raises:
        ValueError: the file is not a Whisper in CTranslate2's container, or lacks a part.
    """
    try:
        arrays = read_container(source, "WhisperSpec")
        write_safetensors(target / "model.safetensors", whisper_weights(arrays))
        (target / "config.json").write_text(json.dumps(whisper_dimensions(arrays), indent=2) + "\n", "utf-8")
    except KeyError as error:
        raise ValueError(f"the container lacks {error.args[0]}") from error


def convert_checkpoint(source: Path, target: Path) -> None:
    """A PyTorch state dict becomes ``model.safetensors`` in `target`; only tensors are ever unpickled.

    A training checkpoint may hold it under "model_state".

    Raises:
        ValueError: the file is not a plain dictionary of tensors.
    """
    import pickle

    import torch  # takes seconds to import, and is needed for this only

    try:
        state = torch.load(source, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(f"not a checkpoint of tensors: {error}") from error
    state = state.get("model_state", state) if isinstance(state, dict) else state
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise ValueError("not a plain dictionary of tensors")
    write_safetensors(target / "model.safetensors", {name: value.numpy() for name, value in state.items()})


CONVERTERS: Mapping[str, Callable[[Path, Path], None]] = {
    "ctranslate2-whisper": convert_whisper,
    "torch-checkpoint": convert_checkpoint,
}
"""catalogue's word → function (downloaded file, folder for the results)"""
