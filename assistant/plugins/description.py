"""A plugin's declarations as JSON: its process writes them, and the assistant reads them without running its code."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from assistant.errors import PluginError
from assistant.plugins.api import Intent, Manifest, Option
from assistant.plugins.hookspecs import TURN_HOOKS, hookimpl
from assistant.plugins.manifest import read_manifest
from assistant.plugins.registration import Collector, Registrations, hook_problems, implementations
from assistant.plugins.schema import PHRASES, given_to
from assistant.plugins.serialization import KINDS, deserialize, kind_name, serialize

__all__ = ["Description", "describe", "read_description"]

_NONE: Any = None
"""where no pictures and clips are kept: a default value is neither"""
PLAIN = ("examples", *PHRASES, "acts", "directs", "urgent", "any_picture")
"""of an intent, what travels as it is"""
UNREACHABLE = "matches= and follows= have no effect in a process of its own; [plugins] trusted runs it in the program"


@dataclass(frozen=True)
class Description:
    """A plugin's declarations, checked."""

    module: ModuleType
    """stands for the plugin's own: its docstring, and its hooks, which cannot be called here"""
    manifest: Manifest
    given: Registrations
    notes: tuple[str, ...]
    """what its author should change, though it works"""
    place: str
    """its file or folder"""


def describe(module: Any, manifest: Manifest, given: Registrations, notes: list[str], place: Path) -> dict[str, Any]:
    """A loaded plugin as JSON."""
    options = [[option.name, option.default, option.description] for option in manifest.options]
    hooks = {name: [*inspect.signature(function).parameters] for name, function in implementations(module)}
    plain = ("title", "summary", "timeout", "api", "tells_apart", "welcome", "translations")
    lost = [f"{each.name}: {UNREACHABLE}" for each in given.intents if each.matches or each.follows]
    return {
        "doc": str(getattr(module, "__doc__", None) or ""),
        "manifest": {**{name: getattr(manifest, name) for name in plain}, "options": options},
        "capabilities": [*manifest.capabilities],
        "hooks": {name: taken for name, taken in hooks.items() if name in TURN_HOOKS},
        "intents": [_describe_intent(intent) for intent in given.intents],
        "notes": [*notes, *lost],
        "place": str(place),
    }


def _describe_intent(intent: Intent) -> dict[str, Any]:
    slots = [
        [slot.name, kind_name(slot.kind), slot.required, serialize(slot.default, _NONE), slot.choices, slot.typical]
        for slot in intent.slots
    ]
    return {
        "name": intent.name.partition(".")[2],
        "about": intent.about.partition(".")[2],
        "doc": inspect.getdoc(intent.handler) or "",
        "given": sorted(given_to(intent.handler)),
        "slots": slots,
        "picture_kinds": str(intent.picture_kinds or ""),
        **{name: getattr(intent, name) for name in PLAIN},
    }


def read_description(plugin: str, said: Mapping[str, Any]) -> Description:
    """Read what `describe` wrote in another process, which may have written anything, and check it as if it were new.

    Raises `PluginError` for what cannot work.
    """
    try:
        return _read(plugin, said)
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(plugin, f"sent an unknown description: {type(error).__name__}") from error


def _read(plugin: str, said: Mapping[str, Any]) -> Description:
    module = ModuleType(plugin, str(said["doc"]))
    plain = said["manifest"]
    options = tuple(Option(str(name), default, str(text)) for name, default, text in plain["options"])
    manifest = Manifest(
        str(plain["title"]),
        str(plain["summary"]),
        tuple(said["capabilities"]),
        timeout=plain["timeout"],
        tells_apart=plain["tells_apart"] is True,
        welcome=tuple(str(sentence) for sentence in plain["welcome"]),
        translations={
            str(language): (str(title), str(text)) for language, (title, text) in plain["translations"].items()
        },
        options=options,
        api=plain["api"],
    )
    vars(module)["MANIFEST"] = manifest
    for name, parameters in said["hooks"].items():
        if name in TURN_HOOKS:
            vars(module)[name] = hookimpl(_stub(name, "", parameters))
    for problem in hook_problems(plugin, module):
        raise problem
    return Description(
        module,
        read_manifest(plugin, module),
        _read_intents(plugin, said["intents"], Path(said["place"])),
        tuple(str(note) for note in said["notes"]),
        str(said["place"]),
    )


def _read_intents(plugin: str, described: list[Any], place: Path) -> Registrations:
    collector = Collector(plugin, place if place.is_dir() else place.parent)
    stubs = {each["name"]: _stub(each["name"], each["doc"], each["given"], each["slots"]) for each in described}
    answers = {each["about"] for each in described} - {""}
    for each in described:
        if each["name"] in answers:
            continue
        intent = collector.intent(
            stubs[each["name"]],
            **{name: each[name] for name in PLAIN},
            picture_kinds=each["picture_kinds"],
            slot_values={slot[0]: slot[5] for slot in each["slots"] if slot[5]},
            about=stubs[each["about"]] if each["about"] else None,
        )
        if intent.picture_kinds and not intent.picture_kinds.resolve().is_relative_to(collector.folder.resolve()):
            raise PluginError(plugin, f"{intent.name}: picture_kinds is not in the plugin's own folder")
    return collector.given


def _stub(name: str, doc: str, given: list[str], slots: list[Any] = ()) -> Callable[..., Any]:  # type: ignore[assignment]
    """A function that cannot be called, with the name, docstring and parameters of one that is elsewhere."""

    async def stub() -> None:
        raise RuntimeError(f"{name} runs in its own process")

    plain, named = inspect.Parameter, inspect.Parameter.KEYWORD_ONLY
    parameters = [plain(str(each), named) for each in given]
    hints: dict[str, Any] = {}
    for slot, kind, required, default, choices, _ in slots:
        hints[slot] = Literal[tuple(choices)] if choices else KINDS[kind]
        if not required and default is None:
            hints[slot] = hints[slot] | None
        value = plain.empty if required else deserialize(default, _NONE)
        parameters.append(plain(slot, named, default=value, annotation=hints[slot]))
    stub.__name__, stub.__doc__, stub.__annotations__ = name, str(doc), hints
    vars(stub)["__signature__"] = inspect.Signature(parameters)
    return stub
