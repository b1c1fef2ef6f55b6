"""A plain function's name, docstring and annotations, read as an intent."""

from __future__ import annotations

import difflib
import inspect
import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal, Union, get_args, get_origin

from assistant.errors import PluginError
from assistant.plugins.api import Handler, Intent, Slot
from assistant.understanding.entities import DateRange, Money

__all__ = [
    "GIVEN",
    "NAME",
    "given_to",
    "is_async",
    "near",
    "parameters_of",
    "placeholders",
    "read_about",
    "read_intent",
    "read_slots",
    "with_typical",
]

GIVEN = ("turn", "dialogue", "services")
"""Parameters that the assistant fills in itself; all others are slots."""

NAME = re.compile(r"[a-z][a-z0-9_]*")
"""What a plugin and an intent may be called."""

KINDS = (str, int, float, bool, date, time, datetime, timedelta, Money, DateRange)
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def is_async(function: Any) -> bool:
    """True for an ``async def`` and for an object whose ``__call__`` is one."""
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(type(function), "__call__"))  # noqa: B004, B009


def given_to(function: Any) -> frozenset[str]:
    """Which of `GIVEN` a handler names."""
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


def read_intent(
    plugin: str,
    handler: Handler,
    examples: Sequence[str],
    looks_like: Sequence[str] = (),
    name: str | None = None,
    acts: bool | None = None,
    unlike: Sequence[str] = (),
    after: Sequence[str] = (),
) -> Intent:
    """Read a handler as an intent of a plugin.

    Raises:
        PluginError: something about it cannot work; says what.
    """
    called: Any = handler
    if not callable(called):
        raise PluginError(plugin, f"register() needs a function, not {type(handler).__name__}")
    short = name if name is not None else getattr(handler, "__name__", "")
    if not isinstance(short, str) or not NAME.fullmatch(short):
        raise PluginError(
            plugin, f"an intent cannot be called {short!r}: use lower-case letters, digits and _ (name=… sets it)"
        )
    full = f"{plugin}.{short}"
    _check_shape(plugin, short, handler)
    slots = read_slots(plugin, short, handler)
    spoken = _phrases(plugin, short, "examples", examples)
    if not spoken:
        raise PluginError(plugin, f"{short} has no examples: give a handful of things people say to mean it")
    _check_placeholders(plugin, short, spoken, [slot.name for slot in slots])
    pictured = _phrases(plugin, short, "looks_like", looks_like)
    if acts is not None and not isinstance(acts, bool):
        raise PluginError(plugin, f"{short}: acts must be True or False, not {acts!r}")
    others = _phrases(plugin, short, "unlike", unlike)
    later = _phrases(plugin, short, "after", after)
    return Intent(full, handler, _summary(handler, short), spoken, pictured, others, later, slots, acts=acts)


def with_typical(intent: Intent, values: Mapping[str, Sequence[str]]) -> Intent:
    """The intent with typical values of its slots.

    Raises:
        PluginError: it has no such slot, or the values are no list of strings.
    """
    short, names = intent.name.partition(".")[2], [slot.name for slot in intent.slots]
    for name in values:
        if name not in names:
            raise PluginError(intent.plugin, f"{short}: slot_values names {name!r}, no slot of it{near(name, names)}")
    typical = {name: _phrases(intent.plugin, short, f"slot_values[{name!r}]", given) for name, given in values.items()}
    slots = tuple(replace(slot, typical=typical.get(slot.name, ())) for slot in intent.slots)
    return replace(intent, slots=slots)


def read_about(plugin: str, intent: Intent, handler: Handler) -> Intent:
    """Read the handler that answers questions about an intent, as an intent that no words of its own reach.

    Raises:
        PluginError: something about it cannot work; says what.
    """
    short = f"about_{intent.name.partition('.')[2]}"
    _check_shape(plugin, short, handler)
    slots = read_slots(plugin, short, handler)
    return Intent(f"{plugin}.{short}", handler, _summary(handler, short), (), slots=slots, acts=False)


def _check_shape(plugin: str, name: str, handler: Handler) -> None:
    if inspect.isgeneratorfunction(handler):
        raise PluginError(plugin, f"{name} yields, so it must be an async def; or return a str or Reply")
    streams = inspect.isasyncgenfunction(handler)
    if "dialogue" in given_to(handler) and not (is_async(handler) or streams):
        raise PluginError(plugin, f"{name} names dialogue, so it must be an async def")


def _summary(handler: Handler, name: str) -> str:
    lines = (inspect.getdoc(handler) or "").strip().splitlines()
    return lines[0].strip() if lines else name.replace("_", " ").capitalize()


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
    """The slots of a handler, in the order of its parameters.

    Raises:
        PluginError: a parameter cannot be a slot; says why.
    """
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
