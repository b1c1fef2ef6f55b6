"""Check a plugin's hooks and collect what it registers; nothing of it is kept unless all of it holds."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.encoders.encoder import Encoder
from assistant.errors import PluginError
from assistant.plugins import hookspecs
from assistant.plugins.api import Handler, Intent, Manifest, Option
from assistant.plugins.hookspecs import PROJECT, TURN_HOOKS
from assistant.plugins.schema import NAME, near, read_intent, with_typical

if TYPE_CHECKING:
    import click

__all__ = [
    "HOOKS",
    "Registrations",
    "check_hooks",
    "collect",
    "hook_problems",
    "manifest_problem",
    "read_manifest",
    "register_all",
]

HOOKS: dict[str, inspect.Signature] = {
    name: inspect.signature(function)
    for name, function in vars(hookspecs).items()
    if hasattr(function, f"{PROJECT}_spec")
}
"""Every hook's name and signature."""

CAPABILITIES = ("microphone", "camera", "network", "files")


@dataclass
class Registrations:
    """What one plugin's ``register_*`` hooks gave."""

    intents: list[Intent] = field(default_factory=list)
    encoders: list[Encoder] = field(default_factory=list)
    inputs: dict[str, Callable[..., Awaitable[Any]]] = field(default_factory=dict)
    outputs: dict[str, Callable[..., Awaitable[None]]] = field(default_factory=dict)
    commands: list[click.Command] = field(default_factory=list)


def hook_problems(plugin: str, module: Any) -> Iterator[PluginError]:
    """What is wrong with a plugin's hooks: misspelt, unmarked, a wrapper, or with parameters that do not exist."""
    for name in dir(module):
        function = inspect.getattr_static(module, name, None)
        options = getattr(function, f"{PROJECT}_impl", None)
        if isinstance(options, dict):
            yield from _hook_problems(plugin, options.get("specname") or name, getattr(module, name), options)
        elif name in HOOKS and inspect.isfunction(function) and function.__module__ == getattr(module, "__name__", ""):
            yield PluginError(plugin, f"{name} is not marked: put @hookimpl above it")


def _hook_problems(
    plugin: str, name: str, function: Callable[..., Any], options: dict[str, Any]
) -> Iterator[PluginError]:
    if name not in HOOKS:
        if not options.get("optionalhook"):
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


def read_manifest(plugin: str, module: Any) -> Manifest:
    """The module's ``MANIFEST``, or the defaults.

    Raises:
        PluginError: it is no `Manifest`, or a value in it cannot work.
    """
    manifest = getattr(module, "MANIFEST", None)
    if manifest is None:
        return Manifest()
    if not isinstance(manifest, Manifest):
        raise PluginError(plugin, f"MANIFEST must be a Manifest(…), not {type(manifest).__name__}")
    capabilities: Sequence[str] = manifest.capabilities
    if isinstance(capabilities, str):
        raise PluginError(plugin, f'MANIFEST: capabilities must be a tuple, such as ("{capabilities}",)')
    for capability in capabilities:
        if capability not in CAPABILITIES:
            raise PluginError(
                plugin,
                f"MANIFEST: unknown capability {capability!r}{near(str(capability), CAPABILITIES)} "
                f"(there are {', '.join(CAPABILITIES)})",
            )
    if isinstance(manifest.timeout, bool) or not isinstance(manifest.timeout, (int, float)) or manifest.timeout <= 0:
        raise PluginError(plugin, "MANIFEST: timeout must be a number of seconds above 0")
    if manifest.isolation not in ("thread", "process"):
        raise PluginError(plugin, f'MANIFEST: isolation must be "thread" or "process", not {manifest.isolation!r}')
    if not isinstance(manifest.options, tuple) or not all(isinstance(each, Option) for each in manifest.options):
        raise PluginError(plugin, "MANIFEST: options must be a tuple of Option(…)")
    return manifest


def manifest_problem(plugin: str, module: Any) -> Iterator[PluginError]:
    """What is wrong with a plugin's ``MANIFEST``, if anything."""
    try:
        read_manifest(plugin, module)
    except PluginError as problem:
        yield problem


class _Collector:
    """Passed to the ``register_*`` hooks; checks each thing as it comes, and notes what is wrong."""

    def __init__(self, plugin: str, module: Any) -> None:
        self.plugin = plugin
        self.folder = _folder_of(module)
        self.given = Registrations()
        self.problems: list[Exception] = []

    def call(self, hook: Callable[..., Any], register: Callable[..., Any]) -> None:
        def noting(*args: Any, **kwargs: Any) -> Any:
            try:
                return register(*args, **kwargs)
            except (PluginError, TypeError) as error:  # a TypeError: register() was called with the wrong arguments
                caller = sys._getframe(1)
                where = f"{Path(caller.f_code.co_filename).name}:{caller.f_lineno}"
                reason = error.reason if isinstance(error, PluginError) else str(error).replace("_Collector.", "")
                self.problems.append(PluginError(self.plugin, f"{where}: {reason}"))
                return None

        try:
            hook(noting) if inspect.signature(hook).parameters else hook()
        except Exception as error:
            self.problems.append(error)

    def intent(
        self,
        handler: Handler,
        *,
        examples: Sequence[str] = (),
        looks_like: Sequence[str] = (),
        picture_kinds: str | Path = "",
        slot_values: Mapping[str, Sequence[str]] | None = None,
        name: str | None = None,
    ) -> Intent:
        intent = with_typical(read_intent(self.plugin, handler, examples, looks_like, name), slot_values or {})
        if picture_kinds:
            intent = replace(intent, picture_kinds=self._picture_kinds(intent, self.folder / picture_kinds))
        if any(known.name == intent.name for known in self.given.intents):
            raise PluginError(self.plugin, f"registers {intent.name} twice; give one of them another name=…")
        self.given.intents.append(intent)
        return intent

    def _picture_kinds(self, intent: Intent, path: Path) -> Path:
        if not intent.looks_like:
            raise PluginError(self.plugin, f"{intent.name}: picture_kinds needs looks_like to say which kinds it means")
        if not path.is_file():
            raise PluginError(self.plugin, f"{intent.name}: there is no file {path} of picture_kinds")
        return path

    def encoder(self, encoder: Encoder) -> None:
        if not isinstance(encoder, Encoder):
            raise PluginError(
                self.plugin, f"{type(encoder).__name__} is no Encoder: it needs name, modality, dimension, load, encode"
            )
        self.given.encoders.append(encoder)

    def input(self, name: str, capture: Callable[..., Awaitable[Any]]) -> None:
        self._named("input", self.given.inputs, name, capture)

    def output(self, name: str, deliver: Callable[..., Awaitable[None]]) -> None:
        self._named("output", self.given.outputs, name, deliver)

    def command(self, command: click.Command) -> None:
        import click

        if not isinstance(command, click.Command):
            raise PluginError(self.plugin, f"register() needs a click command, not {type(command).__name__}")
        self.given.commands.append(command)

    def _named(self, what: str, known: dict[str, Any], name: str, function: Any) -> None:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise PluginError(self.plugin, f"an {what} cannot be called {name!r}: use lower-case letters, digits and _")
        if not callable(function):
            raise PluginError(self.plugin, f"the {what} {name} needs a function, not {type(function).__name__}")
        if name in known:
            raise PluginError(self.plugin, f"registers the {what} {name} twice")
        known[name] = function


def _folder_of(module: Any) -> Path:
    """Folder of a plugin's code, which may be a module, or an object that an entry point names."""
    named = getattr(module, "__module__", type(module).__module__)
    file = getattr(module, "__file__", None) or getattr(sys.modules.get(named), "__file__", None)
    return Path(file or ".").parent


def collect(plugin: str, module: Any) -> tuple[Registrations, list[Exception]]:
    """Call a plugin's ``register_*`` hooks; what they give, and what is wrong with it."""
    collector = _Collector(plugin, module)
    registers: dict[str, Callable[..., Any]] = {
        "register_intents": collector.intent,
        "register_encoders": collector.encoder,
        "register_inputs": collector.input,
        "register_outputs": collector.output,
        "register_commands": collector.command,
    }
    for hook, register in registers.items():
        for name in dir(module):
            options = getattr(inspect.getattr_static(module, name, None), f"{PROJECT}_impl", None)
            if isinstance(options, dict) and (options.get("specname") or name) == hook:
                collector.call(getattr(module, name), register)
    return collector.given, collector.problems


def register_all(plugin: str, module: Any) -> Registrations:
    """Call a plugin's ``register_*`` hooks and collect what they give.

    Raises:
        PluginError: something registered cannot work.
        Exception: whatever the plugin's code raises.
    """
    given, problems = collect(plugin, module)
    if problems:
        raise problems[0]
    return given


def check_hooks(plugin: str, module: Any) -> None:
    """Check every hook of a plugin.

    Raises:
        PluginError: see `hook_problems`; the first of them.
    """
    for problem in hook_problems(plugin, module):
        raise problem
