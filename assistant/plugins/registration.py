"""Checks a plugin's hooks and collects what it registers."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import PluginError
from assistant.plugins import hookspecs
from assistant.plugins.api import Handler, Intent, Manifest, Register
from assistant.plugins.hookspecs import PROJECT, TURN_HOOKS
from assistant.plugins.manifest import read_manifest
from assistant.plugins.removed import REMOVED
from assistant.plugins.schema import near, read_intents

if TYPE_CHECKING:
    import click

__all__ = [
    "HOOKS",
    "Collector",
    "Registrations",
    "collect",
    "hook_problems",
    "implementations",
    "notes_on",
    "read_plugin",
]

HOOKS: dict[str, inspect.Signature] = {
    name: inspect.signature(function)
    for name, function in vars(hookspecs).items()
    if hasattr(function, f"{PROJECT}_spec")
}
"""Every hook's name and signature."""

DECLARED: dict[str, Any] = {"examples": ()} | {
    parameter.name: parameter.default
    for parameter in inspect.signature(Register.__call__).parameters.values()
    if parameter.default is not parameter.empty
}
"""what an intent may be declared with, and the defaults"""

ISOLATION = "Manifest.isolation has no effect any more: a user's plugin runs in a process of its own; delete it"


@dataclass
class Registrations:
    """The registrations of one plugin's ``register_*`` hooks."""

    intents: list[Intent] = field(default_factory=list)
    commands: list[click.Command] = field(default_factory=list)


def implementations(module: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every hook that a plugin marks as implemented, known or not, by name, with its function."""
    for name in dir(module):
        if (options := _marks(module, name)) is not None:
            yield options.get("specname") or name, getattr(module, name)


def _marks(module: Any, name: str) -> dict[str, Any] | None:
    options = getattr(inspect.getattr_static(module, name, None), f"{PROJECT}_impl", None)
    return options if isinstance(options, dict) else None


def notes_on(module: Any, manifest: Manifest) -> list[str]:
    """A line for everything a plugin implements or declares that the API no longer has."""
    used = [name for name, _ in implementations(module)]
    used += [f"capability {name}" for name in manifest.capabilities]
    lines = [REMOVED[name] for name in used if name in REMOVED]
    return [*lines, ISOLATION] if manifest.isolation else lines


def hook_problems(plugin: str, module: Any) -> Iterator[PluginError]:
    """List the problems of a plugin's hooks: misspelt, unmarked, a wrapper, or with unknown parameters."""
    for name in dir(module):
        function = inspect.getattr_static(module, name, None)
        if (options := _marks(module, name)) is not None:
            yield from _hook_problems(plugin, options.get("specname") or name, getattr(module, name), options)
        elif name in HOOKS and inspect.isfunction(function) and function.__module__ == getattr(module, "__name__", ""):
            yield PluginError(plugin, f"{name} is not marked: put @hookimpl above it")


def _hook_problems(
    plugin: str, name: str, function: Callable[..., Any], options: dict[str, Any]
) -> Iterator[PluginError]:
    if name not in HOOKS:
        if name not in REMOVED and not options.get("optionalhook"):
            yield PluginError(plugin, f"there is no hook {name}{near(name, list(HOOKS))}")
        return
    if options.get("wrapper") or options.get("hookwrapper"):
        yield PluginError(plugin, f"{name} is a hook wrapper; implement the hook itself")
    if name not in TURN_HOOKS and inspect.iscoroutinefunction(function):
        yield PluginError(plugin, f"{name} must be a plain def, not an async def")
    for parameter in inspect.signature(function).parameters:
        if parameter not in HOOKS[name].parameters:
            known = ", ".join(HOOKS[name].parameters) or "none"
            yield PluginError(plugin, f"{name} takes a parameter {parameter!r}; it may take: {known}")


class Collector:
    """Passed to the ``register_*`` hooks; checks each registration, and notes problems."""

    def __init__(self, plugin: str, folder: Path) -> None:
        self.plugin = plugin
        self.folder = folder
        self.given = Registrations()
        self.problems: list[Exception] = []

    def call(self, hook: Callable[..., Any], register: Callable[..., Any]) -> None:
        """Call a hook with what it registers with; problems are noted with file and line."""

        def noting(*args: Any, **kwargs: Any) -> Any:
            try:
                return register(*args, **kwargs)
            except (PluginError, TypeError) as error:  # a TypeError: register() was called with the wrong arguments
                caller = sys._getframe(1)
                where = f"{Path(caller.f_code.co_filename).name}:{caller.f_lineno}"
                reason = error.reason if isinstance(error, PluginError) else str(error)
                self.problems.append(PluginError(self.plugin, f"{where}: {reason}"))
                return None

        try:
            hook(noting) if inspect.signature(hook).parameters else hook()
        except Exception as error:
            self.problems.append(error)

    def intent(self, handler: Handler, **declared: Any) -> Intent:
        """Take in an intent; see `assistant.plugins.api.Register`. Raises `PluginError` for what cannot work."""
        for name in declared:
            if name not in DECLARED:
                raise TypeError(f"register() got an unexpected keyword argument {name!r}{near(name, [*DECLARED])}")
        intents = read_intents(self.plugin, self.folder, handler, DECLARED | declared)
        if any(known.name == intents[0].name for known in self.given.intents):
            raise PluginError(self.plugin, f"registers {intents[0].name} twice; give one of them another name=…")
        self.given.intents += intents
        return intents[0]

    def command(self, command: click.Command) -> None:
        """Take in a command."""
        import click

        if not isinstance(command, click.Command):
            raise PluginError(self.plugin, f"register() needs a click command, not {type(command).__name__}")
        self.given.commands.append(command)


def _folder_of(module: Any) -> Path:
    """Folder of a plugin's code, which may be a module, or an object that an entry point names."""
    named = getattr(module, "__module__", type(module).__module__)
    file = getattr(module, "__file__", None) or getattr(sys.modules.get(named), "__file__", None)
    return Path(file or ".").parent


def collect(plugin: str, module: Any, *, commands: bool = True) -> tuple[Registrations, list[Exception]]:
    """Call a plugin's ``register_*`` hooks (`register_commands` too where `commands`): what they give, and what is
    wrong.
    """
    collector = Collector(plugin, _folder_of(module))
    registers: dict[str, Callable[..., Any]] = {
        "register_intents": collector.intent,
        "register_commands": collector.command,
    }
    for hook, function in implementations(module):
        if hook in registers and (commands or hook != "register_commands"):
            collector.call(function, registers[hook])
    return collector.given, collector.problems


def read_plugin(plugin: str, module: Any, *, commands: bool = True) -> tuple[Manifest, Registrations, list[str]]:
    """Returns a module's manifest, its registrations, and advice for its author; raises the first error."""
    for problem in hook_problems(plugin, module):
        raise problem
    manifest = read_manifest(plugin, module)
    given, problems = collect(plugin, module, commands=commands)
    if problems:
        raise problems[0]
    return manifest, given, notes_on(module, manifest)
