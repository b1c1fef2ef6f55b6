"""Loads the file ``safety.py`` of each shipped plugin's folder, without the rest of the plugin."""

from __future__ import annotations

import importlib
import logging
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.types import Reply

__all__ = ["FILE", "FUNCTION", "Check", "has_checks", "load_checks", "loaded_package"]

LOG = logging.getLogger(__name__)
FILE, FUNCTION = "safety.py", "check_safety"
PACKAGE = "assistant_safety"


@dataclass(frozen=True)
class Check:
    """A shipped plugin's safety check."""

    plugin: str
    folder: Path
    function: Callable[[str], Reply | None]


def load_checks(folder: Path) -> tuple[list[Check], list[str]]:
    """Load every safety check below a folder of plugins.

    Returns:
        The checks, and one line for each that cannot be loaded.
    """
    found, problems = [], []
    for path in sorted(folder.glob(f"*/{FILE}")):
        try:
            found.append(_load(path.parent))
        except (KeyboardInterrupt, MemoryError):
            raise
        except BaseException as error:  # also SystemExit: a file must not end the program
            LOG.exception("The safety check in %s cannot be loaded.", path)
            problems.append(f"The safety check of {path.parent.name} does not work: {type(error).__name__}: {error}")
    return found, problems


def loaded_package(folder: Path) -> str | None:
    """The package that holds the safety check of a plugin's folder, and what it imports; None when none is loaded."""
    name = f"{PACKAGE}.{folder.name}"
    package = sys.modules.get(name)
    return name if package is not None and package.__path__ == [str(folder)] else None


def has_checks(module: str) -> bool:
    """Returns whether a module's name is that of a package that holds a safety check."""
    return module.startswith(f"{PACKAGE}.")


def _load(folder: Path) -> Check:
    """Import ``safety.py`` in a package of its own, whose ``__init__.py`` is never run."""
    name = f"{PACKAGE}.{folder.name}"
    for known in [each for each in sys.modules if each == name or each.startswith(f"{name}.")]:
        del sys.modules[known]
    _package(PACKAGE, [])
    _package(name, [str(folder)])
    function = getattr(importlib.import_module(f"{name}.{Path(FILE).stem}"), FUNCTION)
    if not callable(function):
        raise TypeError(f"{FUNCTION} is not a function")
    return Check(folder.name, folder, function)


def _package(name: str, path: list[str]) -> None:
    package = types.ModuleType(name, "Safety checks, each beside what it imports of its plugin's folder.")
    package.__path__ = path
    sys.modules.setdefault(name, package)
