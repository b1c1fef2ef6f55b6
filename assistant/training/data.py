"""Finds the folders and tables that are learned from and measured on."""

from __future__ import annotations

import csv
import os
from pathlib import Path

from assistant.errors import InputError

__all__ = ["data_folder", "read_table"]


def data_folder(name: str, given: Path | None = None, need: str = "") -> Path:
    """Returns the folder given, else the one of that name in the folder that ``ASSISTANT_DATA`` points to.

    `need` says in the message why it is needed.

    Raises:
        InputError: it is not there.
    """
    root = os.environ.get("ASSISTANT_DATA", "")
    folder = given or (Path(root) / name if root else None)
    if folder is None or not folder.is_dir():
        raise InputError(f"{need or f'There is no {name}'}; set ASSISTANT_DATA to the folder that holds {name}")
    return folder


def read_table(path: Path, *columns: str) -> list[dict[str, str]]:
    """Reads the rows of a CSV file; bytes that are not UTF-8 are replaced.

    Raises:
        InputError: it cannot be read, or lacks one of the columns.
    """
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            table = csv.DictReader(file)
            there, rows = set(table.fieldnames or ()), list(table)
    except (OSError, csv.Error) as error:
        raise InputError(f"Cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if missing := set(columns) - there:
        raise InputError(f"{path} needs the columns {', '.join(columns)}; it has no {', '.join(sorted(missing))}")
    return rows
