"""The weights that come with the package: plain arrays in safetensors files, checked against their hashes."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import ModelUnavailable
from assistant.types import FloatArray

__all__ = ["SUMS", "WEIGHTS", "load_weights", "read_sums", "save_weights"]

WEIGHTS = Path(__file__).parent / "weights"
SUMS = "SHA256SUMS"
"""one line per file: hash, two spaces, name, as `sha256sum --check` reads it"""


def read_sums(folder: Path = WEIGHTS) -> dict[str, str]:
    """File name → SHA-256, as written when the weights were trained."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ModelUnavailable(f"The fusion weights are missing from {folder}; run `assistant train`") from error
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


@lru_cache(maxsize=16)
def load_weights(name: str, folder: Path = WEIGHTS) -> dict[str, FloatArray]:
    """The arrays of ``NAME.safetensors`` as float32.

    Raises:
        ModelUnavailable: the file is missing, or is not the one that was trained.
    """
    from safetensors.numpy import load

    file = f"{name}.safetensors"
    expected = read_sums(folder).get(file)
    try:
        data = (folder / file).read_bytes()
    except OSError as error:
        raise ModelUnavailable(f"{folder / file} is missing; reinstall, or run `assistant train`") from error
    if hashlib.sha256(data).hexdigest() != expected:
        raise ModelUnavailable(f"{folder / file} is damaged; reinstall, or run `assistant train`")
    return {key: value.astype(np.float32) for key, value in load(data).items()}


def save_weights(name: str, arrays: dict[str, Any], folder: Path) -> None:
    """Write arrays as float16 to ``NAME.safetensors`` and enter the file's hash in `SUMS`."""
    from safetensors.numpy import save

    folder.mkdir(parents=True, exist_ok=True)
    data = save({key: np.ascontiguousarray(value, dtype=np.float16) for key, value in arrays.items()})
    (folder / f"{name}.safetensors").write_bytes(data)
    sums = read_sums(folder) if (folder / SUMS).exists() else {}
    sums[f"{name}.safetensors"] = hashlib.sha256(data).hexdigest()
    lines = (f"{digest}  {file}\n" for file, digest in sorted(sums.items()))
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    load_weights.cache_clear()
