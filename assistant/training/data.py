"""Finds the folders, tables, labelled turns and drawings that are learned from and measured on."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import assistant
from assistant.errors import InputError

__all__ = ["TESTS", "data_folder", "load_from_tests", "read_captions", "read_labelled", "read_table"]

TESTS = Path(assistant.__file__).parents[1] / "tests"
"""in a source checkout only"""

T = TypeVar("T")


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


@cache
def load_from_tests(folder: str, what: str) -> ModuleType:
    """Imports the package in a folder of ``tests/`` under a private name; `what` begins the message without it.

    Raises:
        InputError: this is an installed package, which has no tests.
    """
    name, path = f"assistant_tests_{Path(folder).name}", TESTS / folder
    spec = importlib.util.spec_from_file_location(name, path / "__init__.py", submodule_search_locations=[str(path)])
    if not path.is_dir() or spec is None or spec.loader is None:
        raise InputError(f"{what} in a source checkout only, not in the installed package")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


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


def read_captions() -> tuple[Path, dict[str, list[str]]]:
    """The folder of the photographs of Flickr8k, and the captions of each of its files, in alphabetical order.

    Raises:
        InputError: the folder is not there.
    """
    folder = data_folder("img_flickr8k")
    captions: dict[str, list[str]] = {}
    for row in read_table(folder / "manifest.csv"):
        captions.setdefault(row["file"], []).append(row["caption"])
    return folder, dict(sorted(captions.items()))


def read_labelled(path: Path, make: Callable[[Any], T]) -> list[T]:
    """Reads labelled turns from a JSON-lines file, or from all those in a folder.

    Args:
        make: makes a turn of what its line holds.

    Raises:
        InputError: nothing is there, or a line is not a labelled turn.
    """
    turns: list[T] = []
    for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"Cannot read {file}: {error}") from error
        for number, line in enumerate(lines, start=1):
            try:
                turns += [make(json.loads(line))] if line.strip() else []
            except (ValueError, KeyError, TypeError, StopIteration) as error:
                raise InputError(f"{file}, line {number} is not a labelled turn: {error!r}") from error
    if not turns:
        raise InputError(f"{path} holds no labelled turns; they are in the source repository. Name a file or a folder.")
    return turns
