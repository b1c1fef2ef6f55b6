"""A plain function's name, docstring and annotations, read as an intent."""

from __future__ import annotations

import difflib
import inspect
import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from assistant.errors import PluginError
from assistant.plugins.api import Directive, Handler, Intent, Slot
from assistant.understanding.entities import DateRange, Money

__all__ = [
    "GIVEN",
    "NAME",
    "PHRASES",
    "given_to",
    "is_async",
    "is_stream",
    "near",
    "parameters_of",
    "placeholders",
    "read_intents",
    "read_slots",
]

GIVEN = ("turn", "dialogue", "services")
"""Parameters that the assistant fills in itself; all others are slots."""

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""Valid names of plugins and intents."""

PHRASES = ("looks_like", "unlike", "after")
"""what an intent may be declared with, beside its examples, in words"""

KINDS = (str, int, float, bool, date, time, datetime, timedelta, Money, DateRange)
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def is_async(function: Any) -> bool:
    """True for an ``async def`` and for an object whose ``__call__`` is one."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(type(function), "__call__"))  # noqa: B004, B009


def is_stream(result: Any) -> bool:
    """Returns whether a plugin returned an answer that comes piece by piece."""
    return hasattr(result, "__aiter__")


def given_to(function: Any) -> frozenset[str]:
    """Returns the names of `GIVEN` that are parameters of a handler."""
    return parameters_of(function) & frozenset(GIVEN)


@lru_cache(512)
def parameters_of(function: Any) -> frozenset[str]:
    """The names of a function's parameters."""
    return frozenset(inspect.signature(function).parameters)


def placeholders(example: str) -> list[str]:
    """The names in braces of an example utterance, in order."""
    return PLACEHOLDER.findall(example)


def near(name: str, known: Sequence[str]) -> str:
    """``"; did you mean X?"`` or the empty string."""
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {found[0]}?" if found else ""


def read_intents(plugin: str, folder: Path, handler: Handler, declared: Mapping[str, Any]) -> list[Intent]:
    """Read a handler as an intent of a plugin, and ``about`` as one that no words of its own reach.

    Args:
        folder: of the plugin.
        declared: what `assistant.plugins.api.Register` takes, by name; all of it.

    Raises:
        PluginError: something about it cannot work; says what.
    """
    if not callable(handler):
        raise PluginError(plugin, f"register() needs a function, not {type(handler).__name__}")
    name = declared["name"]
    short = name if name is not None else getattr(handler, "__name__", "")
    if not isinstance(short, str) or not NAME.fullmatch(short):
        raise PluginError(
            plugin, f"an intent cannot be called {short!r}: use lower-case letters, digits and _ (name=… sets it)"
        )
    intent = _read(plugin, short, handler)
    said: dict[str, Any] = {what: _phrases(plugin, short, what, declared[what]) for what in ("examples", *PHRASES)}
    if not said["examples"]:
        raise PluginError(plugin, f"{short} has no examples: give a handful of things people say to mean it")
    _check_placeholders(plugin, short, said["examples"], [slot.name for slot in intent.slots])
    for problem in _problems(declared):
        raise PluginError(plugin, f"{intent.name}: {problem}")
    about = [_read(plugin, f"about_{short}", declared["about"])] if declared["about"] is not None else []
    intent = replace(
        intent,
        **said,
        **{what: declared[what] for what in ("acts", "directs", "urgent", "any_picture", "matches", "follows")},
        slots=_with_typical(intent, declared["slot_values"] or {}),
        picture_kinds=_picture_kinds(intent.name, folder, declared) if declared["picture_kinds"] else None,
        about=about[0].name if about else "",
    )
    return [intent, *(replace(each, acts=False) for each in about)]


def _read(plugin: str, name: str, handler: Handler) -> Intent:
    _check_shape(plugin, name, handler)
    lines = (inspect.getdoc(handler) or "").strip().splitlines()
    summary = lines[0].strip() if lines else name.replace("_", " ").capitalize()
    return Intent(f"{plugin}.{name}", handler, summary, (), slots=read_slots(plugin, name, handler))


def _problems(declared: Mapping[str, Any]) -> Iterator[str]:
    for what in ("acts", "urgent", "any_picture"):
        if not isinstance(declared[what], bool) and (what, declared[what]) != ("acts", None):
            yield f"{what} must be True or False, not {declared[what]!r}"
    if (directs := declared["directs"]) is not None and directs not in get_args(Directive):
        yield f"directs cannot be {directs!r}; choose one of {', '.join(get_args(Directive))}"
    for what in ("matches", "follows"):
        if declared[what] is not None and not callable(declared[what]):
            yield f"{what} must be a function of the words, not {declared[what]!r}"


def _picture_kinds(intent: str, folder: Path, declared: Mapping[str, Any]) -> Path:
    path: Path = folder / declared["picture_kinds"]
    plugin = intent.partition(".")[0]
    if not declared["looks_like"]:
        raise PluginError(plugin, f"{intent}: picture_kinds needs looks_like to say which kinds it means")
    if not path.is_file():
        raise PluginError(plugin, f"{intent}: there is no file {path} of picture_kinds")
    return path


def _with_typical(intent: Intent, values: Mapping[str, Sequence[str]]) -> tuple[Slot, ...]:
    """The slots of an intent with typical values."""
    short, names = intent.name.partition(".")[2], [slot.name for slot in intent.slots]
    for name in values:
        if name not in names:
            raise PluginError(
                intent.plugin, f"{short}: slot_values names {name!r}, which is not one of its slots{near(name, names)}"
            )
    typical = {name: _phrases(intent.plugin, short, f"slot_values[{name!r}]", given) for name, given in values.items()}
    return tuple(replace(slot, typical=typical.get(slot.name, ())) for slot in intent.slots)


def _check_shape(plugin: str, name: str, handler: Handler) -> None:
    if inspect.isgeneratorfunction(handler):
        raise PluginError(plugin, f"{name} yields, so it must be an async def; or return a str or Reply")
    streams = inspect.isasyncgenfunction(handler)
    if "dialogue" in given_to(handler) and not (is_async(handler) or streams):
        raise PluginError(plugin, f"{name} names dialogue, so it must be an async def")


def _phrases(plugin: str, name: str, what: str, phrases: Sequence[str]) -> tuple[str, ...]:
    if isinstance(phrases, str) or not isinstance(phrases, (list, tuple)):
        raise PluginError(plugin, f"{name}: {what} must be a list of strings, such as {what}=[{str(phrases)[:40]!r}]")
    for phrase in phrases:
        if not isinstance(phrase, str) or not phrase.strip():
            raise PluginError(plugin, f"{name}: {what} holds {phrase!r}, which is not a sentence")
    return tuple(dict.fromkeys(phrase.strip() for phrase in phrases))


def _check_placeholders(plugin: str, name: str, examples: Sequence[str], slots: Sequence[str]) -> None:
    for example in examples:
        if re.search(r"[{}]", PLACEHOLDER.sub("", example)):
            raise PluginError(plugin, f"{name}: unbalanced braces in the example {example!r}")
        for slot in placeholders(example):
            if slot not in slots:
                known = f"its slots are {', '.join(slots)}" if slots else "it has no slots"
                raise PluginError(plugin, f"{name}: unknown slot {{{slot}}} in an example; {known}{near(slot, slots)}")


def read_slots(plugin: str, name: str, handler: Handler) -> tuple[Slot, ...]:
    """The slots of a handler, in the order of its parameters; raises `PluginError` for one that cannot be a slot."""
    try:
        hints = typing.get_type_hints(handler if inspect.isroutine(handler) else type(handler).__call__)
    except Exception as error:
        raise PluginError(plugin, f"{name}: cannot read its annotations: {error}") from error
    return tuple(
        _slot(plugin, name, parameter, hints.get(parameter.name))
        for parameter in inspect.signature(handler).parameters.values()
        if parameter.name not in GIVEN
    )


def _slot(plugin: str, name: str, parameter: inspect.Parameter, hint: Any) -> Slot:
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise PluginError(plugin, f"{name}: {parameter} cannot be a slot; name each value")
    required = parameter.default is parameter.empty
    default = None if required else parameter.default
    if hint is None:  # an unannotated parameter takes its type from its default
        hint = str if default is None else type(default)
    if get_origin(hint) in (Union, types.UnionType) and type(None) in get_args(hint):
        rest = [part for part in get_args(hint) if part is not type(None)]
        hint = rest[0] if len(rest) == 1 else hint
        required = False
    choices: tuple[str, ...] = ()
    if get_origin(hint) is Literal and all(isinstance(value, str) for value in get_args(hint)):
        choices, hint = get_args(hint), str
    if hint not in KINDS:
        shown = getattr(hint, "__name__", None) or str(hint)
        shown = str(hint) if get_origin(hint) else shown
        raise PluginError(
            plugin,
            f"{name}: slot {parameter.name} cannot be {shown}; use str, int, float, bool, date, time, "
            "datetime, timedelta, Money, DateRange or Literal of strings",
        )
    return Slot(parameter.name, hint, required, default, choices)
