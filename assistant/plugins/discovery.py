"""Finds plugins in the user's folder, the shipped folder and installed packages.

A plugin is one ``NAME.py`` or a folder ``NAME`` with an ``__init__.py``. When two share a name, the
user's own wins over the shipped one, and both win over one from a package; the loser is listed as such.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
import traceback
import types
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Literal

from assistant.errors import PluginError
from assistant.plugins.schema import NAME
from assistant.safety.loading import has_checks, loaded_package
from assistant.settings import Settings, shipped_dir
from assistant.types import content_hash

__all__ = [
    "ENTRY_POINTS",
    "Origin",
    "Source",
    "docstring_summary",
    "explain",
    "find_plugins",
    "import_plugin",
    "module_name",
    "name_problem",
    "source_at",
]

ENTRY_POINTS = "assistant.plugins"
"""The entry point group in which an installed package offers plugins."""

Origin = Literal["user", "shipped", "package"]


@dataclass(frozen=True)
class Source:
    """A place a plugin can be imported from."""

    name: str
    origin: Origin
    path: Path
    """the ``NAME.py`` or the folder's ``__init__.py``; for a package, its module's dotted name"""
    entry: EntryPoint | None = None
    problem: str = ""
    """why it cannot be loaded; "" when it may be tried"""
    replaced: str = ""
    """what has the same name and is taken instead; "" for nothing"""

    @property
    def place(self) -> Path:
        """The plugin's file or folder."""
        return self.path.parent if self.path.name == "__init__.py" else self.path


def name_problem(name: str) -> str:
    """Why a plugin cannot be called this; "" when it can."""
    if NAME.fullmatch(name):
        return ""
    return f"a plugin cannot be called {name!r}: use lower-case letters, digits and _, a letter first"


def source_at(path: Path, origin: Origin = "user") -> Source:
    """The plugin in a file or folder, which need not be in any plugin folder."""
    path = path.resolve()
    name = path.name if path.is_dir() else path.stem
    problem = name_problem(name)
    if path.is_dir():
        path = path / "__init__.py"
    if not path.is_file():
        problem = problem or f"there is no {path}"
    return Source(name, origin, path, problem=problem)


def find_plugins(settings: Settings) -> list[Source]:
    """Every plugin there is, first choice first; those whose name is taken are marked `replaced`."""
    found = [
        *_in_folder(settings.plugin_folder, "user"),
        *_in_folder(shipped_dir("plugins"), "shipped"),
        *_in_packages(),
    ]
    taken: dict[str, Source] = {}
    sources = []
    for source in found:
        first = taken.setdefault(source.name, source)
        if first is not source:
            source = Source(source.name, source.origin, source.path, source.entry, replaced=str(first.place))
        sources.append(source)
    return sources


def _in_folder(folder: Path, origin: Origin) -> Iterator[Source]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: (entry.is_file(), entry.name))
    except OSError:
        return  # there is none, or it cannot be read: no plugins there
    for entry in entries:
        if entry.name.startswith((".", "_")) or entry.name in ("conftest.py", "tests"):
            continue
        is_plugin = entry.suffix == ".py" if entry.is_file() else any(entry.glob("*.py"))
        if is_plugin:
            yield source_at(entry, origin)


def _in_packages() -> Iterator[Source]:
    for entry in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        yield Source(entry.name, "package", Path(entry.value), entry, problem=name_problem(entry.name))


def docstring_summary(path: Path) -> str:
    """The first line of a module's docstring, read without importing it; "" when there is none."""
    try:
        lines = (ast.get_docstring(ast.parse(path.read_bytes())) or "").strip().splitlines()
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ""
    return lines[0] if lines else ""


PACKAGE = "assistant_plugins"


def module_name(source: Source) -> str:
    """The private name a plugin is imported under."""
    if source.path.name == "__init__.py" and (package := loaded_package(source.path.parent)) is not None:
        return package
    return f"{PACKAGE}.{source.name}_{content_hash(str(source.path))[:8]}"


def import_plugin(source: Source) -> Any:
    """Import a plugin afresh and return its module (or whatever its entry point names); raises whatever its code
    raises.
    """
    if source.entry is not None:
        return source.entry.load()
    if PACKAGE not in sys.modules:
        package = types.ModuleType(PACKAGE, "Plugins, each under a private name.")
        package.__path__ = []
        sys.modules[PACKAGE] = package
    name = module_name(source)
    if not has_checks(name):
        _forget(name)
    folder = [str(source.path.parent)] if source.path.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, source.path, submodule_search_locations=folder)
    if spec is None or spec.loader is None:
        raise PluginError(source.name, f"cannot be imported from {source.path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if not has_checks(name):
            _forget(name)
        raise
    return module


def _forget(name: str) -> None:
    for known in [known for known in sys.modules if known == name or known.startswith(f"{name}.")]:
        del sys.modules[known]


def explain(error: BaseException, place: Path, limit: int = 300) -> str:
    """One line: what happened, and in which line of the plugin's file or folder (`place`)."""
    if isinstance(error, PluginError):
        named = re.match(r"\S+\.py:\d+: ", error.reason)
        return (error.reason if named else f"{_where(error, place)}{error.reason}")[:limit]
    if isinstance(error, SyntaxError) and error.filename and _inside(error.filename, place):
        where = f"{Path(error.filename).name}:{error.lineno}: "
    else:
        where = _where(error, place)
    message = str(error.msg if isinstance(error, SyntaxError) else error)
    kind = type(error).__name__
    text = message if kind == "RuntimeError" and message.startswith("raised ") else f"{kind}: {message}"
    return " ".join(f"{where}{text}".split()).rstrip(": ")[:limit]


def _where(error: BaseException, place: Path) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        if _inside(frame.filename, place):
            return f"{Path(frame.filename).name}:{frame.lineno}: "
    return ""


def _inside(filename: str, place: Path) -> bool:
    path = Path(filename)
    return path == place or place in path.parents
