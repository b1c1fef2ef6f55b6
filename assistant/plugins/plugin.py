"""One plugin: where it comes from, what it registered, and its state."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from assistant.errors import DeadlineExceeded, PluginError
from assistant.plugins.api import Manifest, Services
from assistant.plugins.capability_proxy import CapabilityProxy
from assistant.plugins.discovery import Origin, Source, docstring_summary, explain, import_plugin
from assistant.plugins.executor import Executor, call_in_thread
from assistant.plugins.manifest import read_options
from assistant.plugins.process import PluginProcess
from assistant.plugins.registration import Registrations, implementations, read_plugin
from assistant.settings import Settings, data_dir

__all__ = ["Breakers", "Plugin", "PluginInfo", "Status", "load_source"]

Status = Literal["active", "disabled", "failed", "resting"]

MAX_STUCK = 3
"""Threads a plugin may leave hanging before it has to wait for them."""


@dataclass(frozen=True)
class PluginInfo:
    """A plugin as lists show it."""

    name: str
    title: str
    """for people"""
    summary: str
    """one line; "" when it says nothing of itself"""
    source: Path
    """its file or folder; for a package, the module's dotted name"""
    origin: Origin
    status: Status
    reason: str = ""
    """why it is not active, one line"""
    capabilities: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    """names of its intents"""
    failures: int = 0
    """times it failed since the start"""
    acting: tuple[str, ...] = ()
    """names of the intents that may change something"""
    notes: tuple[str, ...] = ()
    """what its author should change, though it works; one line each"""
    isolated: bool = False
    """whether it runs in a process of its own"""
    unlimited: tuple[str, ...] = ()
    """of memory, files, network and processes, what this system does not limit for its process"""
    translations: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """title and summary in other languages"""
    welcome: tuple[str, ...] = ()
    """sentences for a new user to try"""


@dataclass(eq=False)
class Plugin:
    """A plugin and its state. `module` is None unless it is loaded."""

    source: Source
    breakers: Breakers
    status: Status = "active"
    reason: str = ""
    module: Any = None
    manifest: Manifest = field(default_factory=Manifest)
    given: Registrations = field(default_factory=Registrations)
    notes: Sequence[str] = ()
    """what its author should change, though it works"""
    executor: Executor = field(init=False)
    process: PluginProcess | None = None
    """where it runs; None for the program itself"""
    services: Services | None = None
    """the real ones; what the plugin gets goes through its `proxy`"""

    def __post_init__(self) -> None:
        self.executor = Executor(self.name)

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.source.name

    def resting(self, session: str | None = None) -> str:
        """Why it may not be called now, in a session or (None) in any; "" when it may."""
        if (stuck := self.executor.stuck) >= MAX_STUCK:
            return f"rests until {stuck} calls that hang come back"
        return self.breakers.reason(session)

    @property
    def places(self) -> tuple[Path, Path]:
        """The folders from which it may attach files: its own file or folder, and its data folder."""
        place = self.process.place if self.process is not None else self.source.place
        return Path(place), data_dir() / "plugins" / self.name

    @property
    def info(self) -> PluginInfo:
        """The plugin as lists show it now."""
        resting = self.resting() if self.status == "active" else ""
        doc = (getattr(self.module, "__doc__", None) or "").strip().splitlines()
        if self.module is None and self.source.entry is None:
            doc = [docstring_summary(self.source.path)]
        return PluginInfo(
            name=self.name,
            title=self.manifest.title or self.name.replace("_", " ").capitalize(),
            summary=self.manifest.summary or (doc[0] if doc else ""),
            source=self.source.place,
            origin=self.source.origin,
            status="resting" if resting else self.status,
            reason=resting or self.reason,
            capabilities=tuple(self.manifest.capabilities),
            intents=tuple(intent.name for intent in self.given.intents),
            failures=self.breakers.total,
            acting=tuple(intent.name for intent in self.given.intents if intent.may_act),
            notes=tuple(self.notes),
            isolated=self.process is not None,
            unlimited=self.process.unlimited if self.process is not None else (),
            translations=dict(self.manifest.translations),
            welcome=tuple(self.manifest.welcome),
        )

    def options(self, settings: Settings) -> dict[str, Any]:
        """The values of its own options, those not set with their defaults; raises `PluginError` for one that does not
        fit.
        """
        return read_options(self.name, self.manifest.options, settings.plugins.options.get(self.name, {}))

    def hook(self, name: str) -> Callable[..., Any] | None:
        """Its implementation of a hook; None where it has none."""
        return next((function for hook, function in implementations(self.module) if hook == name), None)

    def examine(self, settings: Settings) -> str:
        """The result of its hook `examine`; "" for nothing. Blocks; raises the hook's errors."""
        function = self.hook("examine") if self.status == "active" and self.process is None else None
        if function is None:
            return ""
        given = {"options": self.options(settings)} if "options" in inspect.signature(function).parameters else {}

        async def look() -> str:
            found = function(**given)
            return str((await found if inspect.isawaitable(found) else found) or "")

        return call_in_thread(lambda: asyncio.run(look()), self.manifest.timeout, f"examine {self.name}")

    def fail(self, reason: str) -> None:
        """Leave it out for good; nothing of it stays registered."""
        self.status, self.reason = "failed", reason
        self.given = Registrations()
        self.module = None
        self.executor.close()
        if self.process is not None:
            self.process.discard()

    @property
    def running_services(self) -> Services:
        """The services; raises `PluginError` where none were started."""
        if self.services is None:
            raise PluginError(self.name, "asked for services, but none were started here")
        return self.services

    def proxy(self, home: asyncio.AbstractEventLoop) -> CapabilityProxy:
        """Returns the proxy that wraps the assistant's objects for this plugin; they run on the loop `home`."""
        return CapabilityProxy(self.name, self.manifest, home, None if self.process is not None else self.executor)


def load_source(
    source: Source,
    settings: Settings,
    clock: Callable[[], float] = time.monotonic,
    *,
    isolated: bool | None = None,
) -> Plugin:
    """Load a plugin, check it and collect what it registers. Never raises: a failure is in `status` and `reason`.

    Args:
        clock: monotonic seconds, for its rests.
        isolated: whether it runs in a process of its own; None does as its origin and the settings say.
    """
    plugin = Plugin(source, Breakers(settings.plugins.failures, settings.plugins.rest, clock))
    if isolated is None:
        isolated = source.origin != "shipped" and source.name not in settings.plugins.trusted
    if isolated:
        plugin.process = PluginProcess(source, settings.plugins.memory, settings.plugins.load_timeout)
    if source.replaced:
        plugin.status, plugin.reason = "disabled", f"replaced by {source.replaced}, which has the same name"
    elif source.name in settings.plugins.disabled:
        plugin.status, plugin.reason = "disabled", f"turned off; `assistant plugins enable {source.name}` turns it on"
    elif source.problem:
        plugin.fail(source.problem)
    else:
        _load(plugin, settings)
    return plugin


def _load(plugin: Plugin, settings: Settings) -> None:
    timeout = settings.plugins.load_timeout
    try:
        if plugin.process is not None:
            described = plugin.process.load()
            plugin.module, plugin.manifest, plugin.given = described.module, described.manifest, described.given
            plugin.notes = described.notes
        else:

            def work() -> tuple[Any, Manifest, Registrations, list[str]]:
                module = import_plugin(plugin.source)
                return module, *read_plugin(plugin.name, module)

            loaded = call_in_thread(work, timeout, f"plugin-{plugin.name}-load")
            plugin.module, plugin.manifest, plugin.given, plugin.notes = loaded
        plugin.options(settings)  # raises where one does not fit
    except DeadlineExceeded:
        plugin.fail(f"took longer than {timeout:g} s to load")
    except Exception as error:
        plugin.fail(explain(error, plugin.source.place))


@dataclass
class _Failures:
    in_a_row: int = 0
    last: str = ""
    """why it failed last"""
    open_until: float = 0.0


class Breakers:
    """The breakers of one plugin, one for each session, so that no client can switch it off for another.

    One opens after `failures` failures in a row, and lets one attempt through after `rest` seconds: a success closes
    it, a failure opens it for another rest.

    Args:
        failures: at least 1.
        clock: monotonic seconds.
    """

    KEPT = 1_000
    """sessions whose failures are remembered; beyond that, those that failed longest ago are forgotten"""

    def __init__(self, failures: int, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._allowed, self._rest, self._clock = failures, rest, clock
        self._sessions: OrderedDict[str, _Failures] = OrderedDict()
        self.total = 0
        """failures since the start"""

    def reason(self, session: str | None = None) -> str:
        """Why it rests in a session, or (None) in the one in which it failed last; "" when it does not."""
        if session is None:
            return next((reason for each in reversed(self._sessions) if (reason := self.reason(each))), "")
        failed = self._sessions.get(session, _Failures())
        remaining = failed.open_until - self._clock()
        if failed.in_a_row < self._allowed or remaining <= 0:
            return ""
        times = f"{failed.in_a_row} failures in a row" if failed.in_a_row > 1 else "a failure"
        return f"rests for {remaining:.0f} s after {times}: {failed.last}"

    def succeed(self, session: str) -> None:
        """Note a success in a session: the row of failures ends."""
        self._sessions.pop(session, None)

    def fail(self, session: str, reason: str) -> None:
        """Note a failure in a session."""
        self.total += 1
        failed = self._sessions.setdefault(session, _Failures())
        self._sessions.move_to_end(session)
        failed.in_a_row, failed.last = failed.in_a_row + 1, reason
        if failed.in_a_row >= self._allowed:
            failed.open_until = self._clock() + self._rest
        while len(self._sessions) > self.KEPT:
            self._sessions.popitem(last=False)
