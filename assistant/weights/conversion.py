"""Converts downloaded weight files to safetensors, once."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.weights.ctranslate2 import read_container

__all__ = [
    "CONVERTERS",
    "convert_checkpoint",
    "convert_whisper",
    "extract_archive",
    "whisper_dimensions",
    "whisper_weights",
    "write_safetensors",
]

Arrays = Mapping[str, NDArray[Any]]
NewArrays = dict[str, NDArray[Any]]

_TYPES = ("float16", "float32", "int32", "int64")
_LINEAR = {"weight": "weight", "bias": "bias"}
_NORM = {"weight": "gamma", "bias": "beta"}
_HEAD = 64
"""width of one attention head in every Whisper model"""


def write_safetensors(path: Path, arrays: Arrays) -> None:
    """Writes arrays in the safetensors format, which has one order, so that the catalogue can know the sha256.

    Raises `ValueError` for a type that is not one of float16, float32, int32 and int64.
    """
    from safetensors.numpy import save_file

    for name, array in arrays.items():
        if array.dtype.name not in _TYPES:
            raise ValueError(f"{name} is of type {array.dtype.name}")
    save_file({name: np.asarray(array, order="C") for name, array in arrays.items()}, path)


def _taken(source: Arrays, ours: str, theirs: str, kinds: Mapping[str, str] = _LINEAR) -> NewArrays:
    """The variables of one layer under our names; `kinds` says ours → theirs."""
    return {f"{ours}.{kind}": source[f"{theirs}/{name}"] for kind, name in kinds.items()}


def _attention(source: Arrays, ours: str, theirs: str, projections: int) -> NewArrays:
    """One attention block: CTranslate2 stacks query, key and value in `projections` layers, the key's bias zeros."""
    stacked = [f"{theirs}/linear_{number}" for number in range(projections)]
    query, key, value = np.split(np.concatenate([source[f"{name}/weight"] for name in stacked]), 3)
    query_bias, _, value_bias = np.split(np.concatenate([source[f"{name}/bias"] for name in stacked]), 3)
    return {
        f"{ours}.query.weight": query,
        f"{ours}.query.bias": query_bias,
        f"{ours}.key.weight": key,
        f"{ours}.value.weight": value,
        f"{ours}.value.bias": value_bias,
        **_taken(source, f"{ours}.out", f"{theirs}/linear_{projections}"),
        **_taken(source, f"{ours}_ln", f"{theirs}/layer_norm", _NORM),
    }


def _block(side: str, layer: int, source: Arrays) -> NewArrays:
    ours, theirs = f"{side}.blocks.{layer}", f"{side}/layer_{layer}"
    weights = _attention(source, f"{ours}.attn", f"{theirs}/self_attention", 1)
    if side == "decoder":
        weights |= _attention(source, f"{ours}.cross_attn", f"{theirs}/attention", 2)
    weights |= _taken(source, f"{ours}.mlp_ln", f"{theirs}/ffn/layer_norm", _NORM)
    weights |= _taken(source, f"{ours}.mlp.0", f"{theirs}/ffn/linear_0")
    return weights | _taken(source, f"{ours}.mlp.2", f"{theirs}/ffn/linear_1")


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


def whisper_weights(source: Arrays) -> NewArrays:
    """CTranslate2's variables under the names of ``whisper.model.Whisper``'s state dict, values unchanged."""
    weights = {
        **_taken(source, "encoder.conv1", "encoder/conv1"),
        **_taken(source, "encoder.conv2", "encoder/conv2"),
        "encoder.positional_embedding": source["encoder/position_encodings/encodings"],
        **_taken(source, "encoder.ln_post", "encoder/layer_norm", _NORM),
        "decoder.token_embedding.weight": source["decoder/embeddings/weight"],
        "decoder.positional_embedding": source["decoder/position_encodings/encodings"],
        **_taken(source, "decoder.ln", "decoder/layer_norm", _NORM),
    }
    for side in ("encoder", "decoder"):
        for layer in range(_layers(side, source)):
            weights |= _block(side, layer, source)
    return weights


def convert_whisper(source: Path, target: Path) -> None:
    """A CTranslate2 Whisper becomes ``model.safetensors`` and ``config.json`` (its `ModelDimensions`) in `target`.

    Raises `ValueError` for any other file.
    """
    try:
        arrays = read_container(source, "WhisperSpec")
        write_safetensors(target / "model.safetensors", whisper_weights(arrays))
        (target / "config.json").write_text(json.dumps(whisper_dimensions(arrays), indent=2) + "\n", "utf-8")
    except KeyError as error:
        raise ValueError(f"the container lacks {error.args[0]}") from error


def convert_checkpoint(source: Path, target: Path) -> None:
    """A PyTorch state dict becomes ``model.safetensors`` in `target`; only tensors are ever unpickled.

    A training checkpoint may hold it under "model_state". Raises `ValueError` for any other file.
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


def extract_archive(source: Path, target: Path) -> None:
    """A model's files in a zip, whatever folder they lie in, go into `target`; raises `ValueError` without them."""
    try:
        with zipfile.ZipFile(source) as archive:
            for name in ("config.json", "model.safetensors", "tokenizer.json"):
                # A sentence encoder's parts have a config.json each, further inside.
                inside = [path for path in archive.namelist() if PurePosixPath(path).name == name]
                if not inside:
                    raise ValueError(f"the archive lacks {name}")
                outermost = min(inside, key=lambda path: path.count("/"))
                with archive.open(outermost) as packed, (target / name).open("wb") as file:
                    shutil.copyfileobj(packed, file)
    except zipfile.BadZipFile as error:
        raise ValueError(f"not a whole zip archive: {error}") from error


CONVERTERS: Mapping[str, Callable[[Path, Path], None]] = {
    "ctranslate2-whisper": convert_whisper,
    "torch-checkpoint": convert_checkpoint,
    "zip": extract_archive,
}
"""catalogue's word → function (downloaded file, folder for the results)"""
