"""Where the data to measure on lies, and how its tables are read."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from assistant.errors import InputError

__all__ = ["data_folder", "read_table"]


def data_folder(name: str) -> Path:
    """A folder of the data that ``ASSISTANT_DATA`` points to.

    Raises:
        InputError: it is not there.
    """
    folder = Path(os.environ.get("ASSISTANT_DATA", "")) / name
    if not os.environ.get("ASSISTANT_DATA") or not folder.is_dir():
        raise InputError(f"There is no {name} to measure on; set ASSISTANT_DATA to the folder that holds it")
    return folder


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file; bytes that are not UTF-8 are replaced.

    Raises:
        InputError: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"Cannot read {path}: {error.strerror}") from error
