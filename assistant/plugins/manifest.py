"""Reads and checks a plugin's ``MANIFEST``, and what the user set of the options that it declares."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.errors import PluginError
from assistant.plugins.api import API_VERSION, CAPABILITIES, Manifest, Option
from assistant.plugins.removed import REMOVED
from assistant.plugins.schema import near

__all__ = ["read_manifest", "read_options", "written_capabilities"]

LONGEST = 3_600
"""seconds that a plugin may give its answers"""


def written_capabilities(code: bytes) -> tuple[str, ...]:
    """The capabilities that a plugin's file declares as written, so that they are known before any of it runs."""
    found: set[str] = set()
    try:
        nodes = [*ast.walk(ast.parse(code))]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    for node in nodes:
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        named = any(isinstance(target, ast.Name) and target.id == "MANIFEST" for target in targets)
        if named and isinstance(node.value, ast.Call):
            for keyword in node.value.keywords:
                if keyword.arg == "capabilities" and isinstance(keyword.value, (ast.Tuple, ast.List)):
                    names = [each.value for each in keyword.value.elts if isinstance(each, ast.Constant)]
                    found |= {str(name) for name in names if name in CAPABILITIES}
    return tuple(sorted(found))


def read_manifest(plugin: str, module: Any) -> Manifest:
    """The module's ``MANIFEST``, or the defaults; raises `PluginError` for values that cannot work."""
    manifest = getattr(module, "MANIFEST", None)
    if manifest is None:
        return Manifest()
    if not isinstance(manifest, Manifest):
        raise PluginError(plugin, f"MANIFEST must be a Manifest(…), not {type(manifest).__name__}")
    for problem in _problems(manifest):
        raise PluginError(plugin, f"MANIFEST: {problem}")
    return manifest


def _problems(manifest: Any) -> Iterator[str]:
    yield from _capability_problems(manifest.capabilities)
    number = isinstance(manifest.timeout, (int, float)) and not isinstance(manifest.timeout, bool)
    if not number or not 0 < manifest.timeout <= LONGEST:
        yield f"timeout must be a number of seconds above 0, at most {LONGEST}"
    if not isinstance(manifest.options, tuple) or not all(isinstance(each, Option) for each in manifest.options):
        yield "options must be a tuple of Option(…)"
    if not isinstance(manifest.welcome, tuple) or not all(isinstance(each, str) for each in manifest.welcome):
        yield "welcome must be a tuple of sentences"
    pairs = manifest.translations.values() if isinstance(manifest.translations, Mapping) else [None]
    if not all(isinstance(pair, tuple) and [*map(type, pair)] == [str, str] for pair in pairs):
        yield "translations must map a language to a title and a summary"
    if manifest.api is not None and (type(manifest.api) is not int or manifest.api < 1):
        yield f"api must be a whole number such as {API_VERSION}, not {manifest.api!r}"
    elif manifest.api is not None and manifest.api > API_VERSION:
        yield f"it needs plugin API {manifest.api}, and this assistant has {API_VERSION}; update the assistant"


def _capability_problems(capabilities: Any) -> Iterator[str]:
    if isinstance(capabilities, str):
        yield f'capabilities must be a tuple, such as ("{capabilities}",)'
        return
    for capability in capabilities:
        if capability not in CAPABILITIES and f"capability {capability}" not in REMOVED:
            known = ", ".join(CAPABILITIES)
            yield f"unknown capability {capability!r}{near(str(capability), CAPABILITIES)} (there are {known})"


TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def read_options(plugin: str, known: Sequence[Option], written: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every option, by name; those not written have their defaults.

    Args:
        written: what the user set; from the environment everything comes as text.

    Raises:
        PluginError: an option is not known (with a "did you mean"), or its value has another type.
    """
    names = [option.name for option in known]
    for name in written:
        if name not in names:
            listed = f"it has {', '.join(names)}" if names else "it has none"
            raise _wrong(plugin, f"there is no option {name!r}{near(name, names)} ({listed})")
    return {option.name: _value(plugin, option, written.get(option.name, option.default)) for option in known}


def _value(plugin: str, option: Option, value: Any) -> Any:
    kind = type(option.default)
    if isinstance(value, str) and kind is bool and value.lower() in TRUE + FALSE:
        return value.lower() in TRUE
    if isinstance(value, str) and kind in (int, float):
        try:
            return kind(value)
        except ValueError:
            pass
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _wrong(plugin, f"option {option.name} cannot be {value!r}: it takes {kind.__name__}")
    return value


def _wrong(plugin: str, reason: str) -> PluginError:
    return PluginError(plugin, f"settings, [plugins.options.{plugin}]: {reason}")
