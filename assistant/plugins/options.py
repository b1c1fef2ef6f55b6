"""Checks what the user set of a plugin's own options against what the plugin declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.errors import PluginError
from assistant.plugins.api import Option
from assistant.plugins.schema import near

__all__ = ["read_options"]

TRUE, FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def read_options(plugin: str, known: Sequence[Option], written: Mapping[str, Any]) -> dict[str, Any]:
    """The value of every option, by name; those not written have their defaults.

    Args:
        plugin: whose they are.
        known: what it declares.
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
