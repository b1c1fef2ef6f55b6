"""Language models in GGUF files that the user has added; they are run by the plugin `llm`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from assistant.errors import InputError, StorageError
from assistant.folders import private_folder
from assistant.settings import data_dir

__all__ = ["add_language_model", "find_language_model", "language_models"]

MAGIC = b"GGUF"
SMALLEST = 1_000_000
"""bytes"""


def language_models() -> list[Path]:
    """The files that were added, by name."""
    return sorted((data_dir() / "language_models").glob("*.gguf"))


def find_language_model(name: str) -> Path | None:
    """The file of a model by its name, with or without ``.gguf``, or by its path; None where it is no such name."""
    known = {path.name: path for path in language_models()} | {path.stem: path for path in language_models()}
    if name in known:
        return known[name]
    return Path(name).expanduser() if name.lower().endswith(".gguf") else None


def add_language_model(path: Path) -> Path:
    """Keep a GGUF file with the user's data, as a second name of the same file where the disk allows; its new path.

    Raises `InputError` for another file, and `StorageError` where there is no room.
    """
    try:
        with path.open("rb") as file:
            right = file.read(4) == MAGIC and path.stat().st_size >= SMALLEST
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    if not right:
        raise InputError(f"{path} is not a GGUF file, the format of llama.cpp's language models")
    name = path.name if path.suffix == ".gguf" else f"{path.name}.gguf"
    target = private_folder(data_dir() / "language_models") / name
    if target.exists() and target.samefile(path):
        return target
    partial = target.with_suffix(".partial")
    try:
        partial.unlink(missing_ok=True)
        try:
            os.link(path.resolve(), partial)
        except OSError:  # another disk
            shutil.copyfile(path, partial)
        partial.replace(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageError(f"{target} cannot be written: {error.strerror}") from error
    return target
