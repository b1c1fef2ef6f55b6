"""Finds the folders and tables that are measured on."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from assistant.errors import InputError

__all__ = ["data_folder", "read_table"]


def data_folder(name: str, given: Path | None = None) -> Path:
    """Returns the folder given, else the one of that name in the folder that ``ASSISTANT_DATA`` points to.

    Raises:
        InputError: it is not there.
    """
    root = os.environ.get("ASSISTANT_DATA", "")
    folder = given or (Path(root) / name if root else None)
    if folder is None or not folder.is_dir():
        raise InputError(f"There is no {name} to measure on; set ASSISTANT_DATA to the folder that holds it")
    return folder


def read_table(path: Path) -> list[dict[str, str]]:
    """Reads the rows of a CSV file; bytes that are not UTF-8 are replaced.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}") from error
