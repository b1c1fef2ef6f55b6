"""Import one plugin under a name of its own, and say in one line what went wrong.

Each plugin becomes ``assistant_plugins.NAME_<hash of its path>``, so that two of the same name, or one
named like an installed package, never meet. A shipped plugin whose safety check is loaded already is imported into the
same package: its rules are read once. Imports inside a plugin's folder are relative.
"""

from __future__ import annotations

import importlib.util
import re
import sys
import traceback
import types
from pathlib import Path
from typing import Any

from assistant.errors import PluginError
from assistant.plugins.discovery import Source
from assistant.safety.loading import has_checks, loaded_package
from assistant.types import content_hash

__all__ = ["explain", "import_plugin", "module_name"]

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
