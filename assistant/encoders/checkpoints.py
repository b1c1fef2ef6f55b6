"""Finds a model's files: by a name from the catalogue, in a local folder, or on the model hub."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.encoders.memory import lacks_memory
from assistant.errors import ModelUnavailable

__all__ = ["locate", "read_json", "read_weights"]

HUB_FILES = ["*.json", "*.txt", "*.safetensors", "*.model"]
"""what may be fetched from the hub: settings, vocabularies and safetensors; never pickles or code"""
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1"}
"""safetensors' types as numpy's"""


def locate(model: str) -> Path:
    """The folder that holds a model's files, fetched if need be.

    Args:
        model: a name from ``config/models.toml``, ``"dir:/path/to/folder"``, or ``"hub:owner/name"``.

    Raises:
        ModelUnavailable: it is not found, or cannot be fetched.
    """
    kind, _, rest = model.partition(":")
    if kind == "dir" and rest:
        folder = Path(rest).expanduser()
        if not folder.is_dir():
            raise ModelUnavailable(f"There is no folder {folder}; it must hold config.json and model.safetensors")
        return folder
    if kind == "hub" and rest:
        return _from_hub(rest)
    from assistant.weights import ensure_model

    return ensure_model(model)


def _from_hub(repository: str) -> Path:
    from huggingface_hub import snapshot_download

    from assistant.weights.fetching import offline

    with contextlib.suppress(Exception):  # not fetched before, or only in part: ask the hub
        folder = Path(snapshot_download(repository, allow_patterns=HUB_FILES, local_files_only=True))
        if (folder / "config.json").exists() and any(folder.glob("*.safetensors")):
            return folder
    try:
        return Path(snapshot_download(repository, allow_patterns=HUB_FILES, local_files_only=offline()))
    except Exception as error:  # the hub client raises its own, its transport's and the operating system's errors
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ModelUnavailable(
            f"Cannot fetch {repository} from the model hub ({reason}); fetch it where there is a network, and set "
            f'the model to "dir:" and its folder'
        ) from error


def read_json(path: Path) -> dict[str, Any]:
    """A model's settings file.

    Raises:
        ModelUnavailable: it is missing or damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"Cannot read {path}: {error}; fetch the model again") from error
    if not isinstance(content, dict):
        raise ModelUnavailable(f"{path} does not hold a model's settings; fetch the model again")
    return content


def read_weights(path: Path) -> dict[str, NDArray[Any]]:
    """The tensors of a safetensors file by name, mapped into memory: only what is used is read from the disk.

    Tensors of type bfloat16, which numpy does not know, are copied to float32.

    Raises:
        ModelUnavailable: the file is missing or damaged.
    """
    try:
        with path.open("rb") as file:
            start = 8 + int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(min(start, path.stat().st_size) - 8))
        content = np.memmap(path, np.uint8, "r", offset=start)
        return {name: _tensor(content, entry) for name, entry in header.items() if name != "__metadata__"}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        if lacks_memory(error):
            raise ModelUnavailable(f"There is too little memory to read {path}") from error
        raise ModelUnavailable(f"Cannot read the weights in {path}: {error}; fetch the model again") from error


def _tensor(content: NDArray[np.uint8], entry: Mapping[str, Any]) -> NDArray[Any]:
    begin, end = entry["data_offsets"]
    raw, kind = content[begin:end], entry["dtype"]
    values = (raw.view("<u2").astype("<u4") << 16).view("<f4") if kind == "BF16" else raw.view(_DTYPES[kind])
    return values.reshape(entry["shape"])
