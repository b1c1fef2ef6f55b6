"""Loads all plugins, and calls their hooks and intents."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from operator import is_not
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from assistant.bus import Bus
from assistant.errors import PluginError
from assistant.events import Notice
from assistant.plugins import hookspecs
from assistant.plugins.answers import LiveReplies, as_decision, as_optional_reply, as_reply
from assistant.plugins.api import Dialogue, Intent, Option, Services
from assistant.plugins.caller import Call, Caller, failure
from assistant.plugins.discovery import find_plugins
from assistant.plugins.plugin import Plugin, PluginInfo, load_source
from assistant.plugins.registration import read_plugin
from assistant.settings import Settings
from assistant.types import Decision, Reply, Turn

if TYPE_CHECKING:
    import click

__all__ = ["PluginManager"]

T = TypeVar("T")

SHIPPED_SECONDS = 2.0
"""a hook of a shipped plugin may take at least this long"""


class PluginManager:
    """Loads and calls plugins. One that fails is reported on the bus as `PluginFailed`; the others go on.

    Attributes:
        live: announces answers that come piece by piece.
    """

    def __init__(self, settings: Settings, bus: Bus, clock: Callable[[], float] = time.monotonic) -> None:
        self._all_settings = settings
        self._settings = settings.plugins
        self._bus = bus
        self._clock = clock
        self._plugins: list[Plugin] = []
        self._replaced: list[Plugin] = []
        """whose handlers may still wait for the user"""
        self._sorted: tuple[list[Sequence[Intent]], tuple[Intent, ...]] = [], ()
        """all intents by name, and those of each plugin of which they were collected"""
        self._known: tuple[tuple[str, str, str], frozenset[str]] | None = None
        """what `knowing` found last"""
        self._caller = Caller(bus)
        self.live = LiveReplies(bus)
        self._hooks = pluggy.PluginManager(hookspecs.PROJECT)
        self._hooks.add_hookspecs(hookspecs)

    # Once

    def load(self) -> None:
        """Find and load every plugin that is not turned off; see `infos` for how each fared."""
        settings = self._all_settings
        plugins = [load_source(source, settings, self._clock) for source in find_plugins(settings)]
        # pluggy calls the last registered plugin first, so the user's own plugins come first in every hook.
        for plugin in reversed(plugins):
            self.add(plugin)
        self._plugins.reverse()

    def add(self, plugin: Plugin) -> None:
        """Take in one plugin that `load_source` loaded; its failure, if any, is reported."""
        self._plugins.append(plugin)
        if plugin.status == "active":
            try:
                self._hooks.register(plugin.module, plugin.name)
            except (ValueError, pluggy.PluginValidationError) as error:
                plugin.fail(" ".join(str(error).split()))
        if plugin.status == "failed":
            self._caller.report(plugin, "load", plugin.reason)
        for note in plugin.notes:
            self._bus.publish(Notice(text=f"Plugin {plugin.name}: {note}"))

    async def exchange(self, old: Plugin | None, new: Plugin | None) -> None:
        """Replace one loaded and started plugin by another; either may be None.

        What the old one is at work on it ends; nothing else reaches it.
        """
        if old is not None:
            self._plugins.remove(old)
            self._replaced.append(old)
            if self._hooks.has_plugin(old.name) and old.status == "active":
                self._hooks.unregister(name=old.name)
        if new is not None:
            self.add(new)
        if old is not None and old.status == "active":
            await self._caller.stop(old, old.hook("shutdown"), self._hook_seconds(old), gently=True)

    async def start_up(self, plugin: Plugin) -> None:
        """Call the `startup` of one plugin that is not taken in yet; one that fails has the status for it."""
        if function := plugin.hook("startup"):
            await self._start(plugin, function)

    @property
    def all(self) -> tuple[Plugin, ...]:
        """Every plugin that was found."""
        return tuple(self._plugins)

    @property
    def infos(self) -> list[PluginInfo]:
        """Every plugin that was found, by name."""
        return [plugin.info for plugin in sorted(self._plugins, key=lambda plugin: plugin.name)]

    @property
    def intents(self) -> tuple[Intent, ...]:
        """Every intent, by name."""
        given: list[Sequence[Intent]] = [plugin.given.intents for plugin in self._plugins]
        if len(given) != len(self._sorted[0]) or any(map(is_not, given, self._sorted[0])):
            found = (intent for intents in given for intent in intents)
            self._sorted = given, tuple(sorted(found, key=lambda intent: intent.name))
        return self._sorted[1]

    def intent(self, name: str) -> Intent | None:
        """The intent of this name."""
        return next((intent for intent in self.intents if intent.name == name), None)

    @property
    def commands(self) -> list[tuple[str, click.Command]]:
        """Commands of `register_commands`, each with the name of its plugin."""
        return [(plugin.name, command) for plugin in self._plugins for command in plugin.given.commands]

    def services_for(self, name: str, make_services: Callable[[PluginInfo], Services]) -> Services:
        """The services of an active plugin, its capabilities enforced; else a `PluginError`. Call it on the assistant's
        loop.
        """
        plugin = next((each for each in self._active() if each.name == name), None)
        if plugin is None:
            raise PluginError(name, "is not active; `assistant plugins list` says why")
        plugin.services = plugin.services or make_services(plugin.info)
        return plugin.proxy(asyncio.get_running_loop()).services(plugin.services)

    def options(self) -> list[tuple[str, Option, Any]]:
        """Every plugin's own settings with their values, by plugin."""
        found = []
        for plugin in sorted(self._active(), key=lambda plugin: plugin.name):
            values = plugin.options(self._all_settings)
            found += [(plugin.name, option, values[option.name]) for option in plugin.manifest.options]
        return found

    async def startup(self, make_services: Callable[[PluginInfo], Services]) -> None:
        """Give every plugin its services and call `startup`; one that fails is left out."""
        for plugin in self._plugins:
            if plugin.status == "active":
                plugin.services = make_services(plugin.info)
        await asyncio.gather(*(self._start(*each) for each in self._implementations("startup")))
        self.refresh()

    def refresh(self) -> bool:
        """Collect the intents of plugins whose intents have changed; returns whether any have. A failure changes
        nothing.
        """
        changed = False
        for plugin, function in list(self._implementations("intents_changed")):
            if plugin.process is not None:
                continue
            try:
                if function():
                    _, given, _ = read_plugin(plugin.name, plugin.module, commands=False)
                    plugin.given = replace(plugin.given, intents=given.intents)
                    changed = True
            except Exception as error:
                self._caller.report(plugin, "intents_changed", failure(plugin, error))
        return changed

    async def _start(self, plugin: Plugin, function: Callable[..., Any]) -> None:
        try:
            await self._caller.start(plugin, function, self._settings.load_timeout)
        except Exception as error:  # on purpose or not: without its startup it cannot serve
            if self._hooks.get_plugin(plugin.name) is plugin.module:
                self._hooks.unregister(name=plugin.name)
            plugin.fail(f"startup: {failure(plugin, error)}")

    async def shutdown(self) -> None:
        """Call every `shutdown`, then end all executors and processes."""
        hooks = {plugin.name: function for plugin, function in self._implementations("shutdown")}
        active = [(plugin, hooks.get(plugin.name)) for plugin in self._active()]
        await asyncio.gather(*(self._caller.stop(*each, self._hook_seconds(each[0])) for each in active))
        for plugin in (*self._plugins, *self._replaced):
            plugin.executor.close()
            if plugin.process is not None:
                await plugin.process.close(False, 0.0)

    # Each turn

    async def check_safety(self, words: str, session: str = "") -> tuple[str, Reply] | None:
        """The first alarm of a plugin that is not shipped (`assistant.safety` has those), with its name; or None."""

        def check(plugin: Plugin, result: Any) -> Reply | None:
            return as_optional_reply(plugin.name, "check_safety", result)

        alarms = await self._ask_all("check_safety", {"words": words}, session, check, shipped=False)
        return next(((plugin.name, reply) for plugin, reply in alarms), None)

    async def recognize_intent(self, turn: Turn) -> Decision | None:
        """The surest decision that a plugin makes of its own, the first of equals, or None. All are asked at once."""
        known = frozenset(intent.name for intent in self.intents)

        def check(plugin: Plugin, result: Any) -> Decision | None:
            own = frozenset(each.name for each in plugin.given.intents)
            return as_decision(plugin.name, known if plugin.process is None else own, result)

        decisions = await self._ask_all("recognize_intent", {"turn": turn}, turn.session, check)
        return max((made for _, made in decisions), key=lambda decision: decision.confidence, default=None)

    async def knowing(self, turn: Turn) -> frozenset[str]:
        """The plugins that know a thing which a turn's words name; asked once until something is done."""
        this = turn.id, turn.session, turn.utterance
        if self._known is not None and self._known[0] == this:
            return self._known[1]
        told = await self._ask_all("knows", {"turn": turn}, turn.session, lambda _, result: bool(result) or None)
        found = frozenset(plugin.name for plugin, _ in told)
        self._known = this, found
        return found

    async def _ask_all(
        self,
        hook: str,
        arguments: Mapping[str, Any],
        session: str,
        check: Callable[[Plugin, Any], T | None],
        *,
        shipped: bool = True,
    ) -> list[tuple[Plugin, T]]:
        """Call a hook of all plugins at the same time; those that fail or answer None are left out."""
        asked = [each for each in self._implementations(hook, session) if shipped or each[0].source.origin != "shipped"]
        told = await asyncio.gather(
            *(
                self._caller.skip_failure(
                    plugin,
                    Call(hook, function, arguments, self._hook_seconds(plugin), partial(check, plugin), session),
                )
                for plugin, function in asked
            )
        )
        return [(plugin, each) for (plugin, _), each in zip(asked, told, strict=True) if each is not None]

    def _hook_seconds(self, plugin: Plugin) -> float:
        """Seconds that a hook may take in a turn; more for shipped plugins, for busy machines."""
        seconds = self._settings.hook_timeout
        return max(seconds, SHIPPED_SECONDS) if plugin.source.origin == "shipped" else seconds

    def recognizes(self, name: str) -> bool:
        """Returns whether a plugin implements `recognize_intent`: it decides about turns before any model."""
        return name in self.implemented_by("recognize_intent")

    def warns(self, name: str) -> bool:
        """Returns whether a plugin decides about turns before any model, or checks their safety."""
        return self.recognizes(name) or name in self.implemented_by("check_safety")

    def tells_apart(self, name: str) -> bool:
        """Returns whether a plugin tells its own intents apart; see `Manifest.tells_apart`."""
        return any(plugin.name == name and plugin.manifest.tells_apart for plugin in self._active())

    def implemented_by(self, hook: str) -> list[str]:
        """The names of the active plugins that implement a hook, in calling order."""
        return [plugin.name for plugin, _ in self._implementations(hook)]

    async def answer_fallback(self, turn: Turn, decision: Decision, notices: list[str] | None = None) -> Reply | None:
        """The first answer to a turn that belongs to no intent, or None.

        Args:
            notices: gets the line of every `UserError` that a plugin raises on purpose; the next one is asked then.
        """
        return await self._first_answer("answer_fallback", turn, decision, notices)

    async def answer_unsure(self, turn: Turn, decision: Decision, notices: list[str] | None = None) -> Reply | None:
        """The first answer to a turn about which the model hesitates, or None; see `answer_fallback`."""
        return await self._first_answer("answer_unsure", turn, decision, notices)

    async def _first_answer(self, hook: str, turn: Turn, decision: Decision, notices: list[str] | None) -> Reply | None:
        arguments = {"turn": turn, "decision": decision}
        for plugin, function in self._implementations(hook, turn.session):
            check, tell = partial(as_optional_reply, plugin.name, hook), self.live.teller(turn.session)
            call = Call(hook, function, arguments, plugin.manifest.timeout, check, turn.session, tell=tell)
            if (reply := await self._caller.skip_failure(plugin, call, notices)) is not None:
                return reply
        return None

    async def answer(
        self,
        intent: Intent,
        turn: Turn,
        slots: Mapping[str, Any],
        dialogue: Dialogue | None = None,
        *,
        live: bool = True,
    ) -> Reply:
        """Let an intent's handler answer.

        Args:
            slots: values by slot name; slots that are missing take their defaults.
            dialogue: where the handler may ask; waiting there does not count to its timeout.
            live: announce an answer that streams.

        Raises:
            PluginError: the plugin is not active, rests, or failed; the failure is reported on the bus too.
            UserError: the handler raised it on purpose.
        """
        self._known = None
        plugin = next((each for each in self._active() if each.name == intent.plugin), None)
        if plugin is None or all(known.name != intent.name for known in plugin.given.intents):
            raise PluginError(intent.plugin, "is not active; `assistant plugins list` says why")
        values = {slot.name: slots.get(slot.name, slot.default) for slot in intent.slots}
        call = Call(
            intent.name,
            intent.handler,
            {**values, "turn": turn},
            plugin.manifest.timeout,
            partial(as_reply, plugin.name, intent.name.partition(".")[2]),
            turn.session,
            dialogue,
            again=not intent.may_act,
        )
        return await self._caller.call(plugin, replace(call, tell=self.live.teller(turn.session)) if live else call)

    # Who is called

    def _active(self) -> list[Plugin]:
        return [plugin for plugin in self._plugins if plugin.status == "active"]

    def _implementations(self, hook: str, session: str = "") -> Iterator[tuple[Plugin, Callable[..., Any]]]:
        """Every plugin that implements a hook and does not rest in a session, in calling order, with its function."""
        plugins = {plugin.name: plugin for plugin in self._active()}
        for each in reversed(getattr(self._hooks.hook, hook).get_hookimpls()):
            plugin = plugins.get(each.plugin_name)
            if plugin is not None and not plugin.resting(session):
                yield plugin, each.function
