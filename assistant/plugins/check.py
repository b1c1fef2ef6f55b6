"""Finds the errors of one plugin, without models: for ``assistant plugins check``."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from pathlib import Path

from assistant.errors import DeadlineExceeded, PluginError
from assistant.plugins.api import Intent
from assistant.plugins.discovery import Source, explain, find_plugins, import_plugin, source_at
from assistant.plugins.executor import call_in_thread
from assistant.plugins.manifest import read_manifest
from assistant.plugins.plugin import load_source
from assistant.plugins.registration import collect, hook_problems, notes_on
from assistant.plugins.schema import PLACEHOLDER
from assistant.settings import Settings

__all__ = ["CheckResult", "check_plugin"]

ALIKE = 0.9
"""share of two examples' characters that agree in order (`difflib`), from which they are near-identical"""


@dataclass(frozen=True)
class CheckResult:
    """Findings, one line each."""

    intents: list[Intent] = field(default_factory=list)
    """those that are sound"""
    problems: list[str] = field(default_factory=list)
    """errors: the plugin does not work"""
    warnings: list[str] = field(default_factory=list)
    """warnings: the plugin works, and should be changed"""


def check_plugin(path: Path, settings: Settings) -> CheckResult:
    """Load a plugin's file or folder, and list its problems, also those with other plugins."""
    source = source_at(path)
    if source.problem:
        return CheckResult(problems=[source.problem])
    try:
        found = call_in_thread(lambda: _check(source), settings.plugins.load_timeout)
    except DeadlineExceeded as error:
        return CheckResult(problems=[f"loading {error}"])
    except Exception as error:
        return CheckResult(problems=[explain(error, source.place)])
    others = (each for each in find_plugins(settings) if each.name != source.name and not each.replaced)
    known = [intent for each in others for intent in load_source(each, settings).given.intents]
    return replace(found, warnings=[*found.warnings, *_near_identical(found.intents, known)])


def _check(source: Source) -> CheckResult:
    if source.place.is_dir():
        sys.path.insert(0, str(source.place))  # as in the plugin's own process
    module = import_plugin(source)
    given, found = collect(source.name, module)
    found = [*hook_problems(source.name, module), *found]
    warnings: list[str] = []
    try:
        warnings += notes_on(module, read_manifest(source.name, module))
    except PluginError as problem:
        found.insert(0, problem)
    warnings += [f"{intent.name}: {line}" for intent in given.intents for line in _undeclared(intent)]
    problems = [explain(each, source.place) for each in found]
    return CheckResult(given.intents, [*problems, *_shared(given.intents)], warnings)


def _undeclared(intent: Intent) -> Iterator[str]:
    if not inspect.getdoc(intent.handler):
        yield "has no docstring; its first line is what people read of it"
    if intent.acts is None:
        yield "does not say whether it changes something (acts=True or acts=False); it counts as True"
    parameters = inspect.signature(intent.handler).parameters
    for slot in intent.slots:
        if parameters[slot.name].annotation is inspect.Parameter.empty:
            yield f"slot {slot.name} has no type, and is taken as {slot.kind.__name__}; annotate it"


def _shared(intents: Iterable[Intent]) -> Iterator[str]:
    """An example of two intents teaches that both are right."""
    owners: dict[str, list[str]] = {}
    for intent in intents:
        for example in intent.examples:
            owners.setdefault(example.casefold(), []).append(intent.name)
    for example, names in owners.items():
        if len(names) > 1:
            yield f"{' and '.join(names)} share the example {example!r}"


def _near_identical(own: Iterable[Intent], others: Iterable[Intent]) -> Iterator[str]:
    known = [(_plain(example), example, intent.name) for intent in others for example in intent.examples]
    for intent in own:
        for example in intent.examples:
            matcher = SequenceMatcher(b=_plain(example), autojunk=False)
            for plain, other, name in known:
                matcher.set_seq1(plain)
                if matcher.real_quick_ratio() >= ALIKE <= matcher.quick_ratio() and matcher.ratio() >= ALIKE:
                    yield f"{intent.name}: the example {example!r} is nearly {other!r} of {name}"


def _plain(example: str) -> str:
    """An example without case and punctuation, with one sign for any slot."""
    return " ".join(re.findall(r"[\w…]+", PLACEHOLDER.sub("…", example.casefold())))
