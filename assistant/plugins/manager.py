"""All plugins together: loads them, calls their hooks and intents, and keeps each one's trouble its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pluggy

from assistant.bus import Bus
from assistant.encoders.encoder import Encoder
from assistant.errors import PluginError
from assistant.events import Event
from assistant.fusion.strategy import FusionStrategy
from assistant.plugins import hookspecs
from assistant.plugins.answers import as_decision, as_optional_reply, as_turn
from assistant.plugins.api import Dialogue, Intent, Option, Services
from assistant.plugins.discovery import find_plugins
from assistant.plugins.executor import call_in_thread
from assistant.plugins.handler_calls import HandlerCalls
from assistant.plugins.hook_calls import Caller, failure
from assistant.plugins.options import read_options
from assistant.plugins.plugin import Plugin, PluginInfo, load_source
from assistant.settings import Settings
from assistant.types import Decision, Reply, Turn

if TYPE_CHECKING:
    import click

__all__ = ["PluginManager"]


class PluginManager:
    """Loads and calls plugins. One that fails is reported as `PluginFailed` and harms nobody else.

    Args:
        settings: where the plugins are, which are off, and how patient to be.
        bus: told of every failure.
        clock: monotonic seconds, for resting plugins.
    """

    def __init__(self, settings: Settings, bus: Bus, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._patience = settings.plugins
        self._clock = clock
        self._plugins: list[Plugin] = []
        self._caller = Caller(bus)
        self._handling = HandlerCalls(self._caller, self._patience.load_timeout)
        self._hooks = pluggy.PluginManager(hookspecs.PROJECT)
        self._hooks.add_hookspecs(hookspecs)

    # Once

    def load(self) -> None:
        """Find and load every plugin that is not turned off; see `infos` for how each fared."""
        plugins = [load_source(source, self._settings, self._clock) for source in find_plugins(self._settings)]
        # pluggy calls what was registered last first: so the user's own plugins come first in every hook.
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

    @property
    def infos(self) -> list[PluginInfo]:
        """Every plugin that was found, by name."""
        return [plugin.info for plugin in sorted(self._plugins, key=lambda plugin: plugin.name)]

    @property
    def intents(self) -> tuple[Intent, ...]:
        """Every intent, by name."""
        found = [intent for plugin in self._plugins for intent in plugin.given.intents]
        return tuple(sorted(found, key=lambda intent: intent.name))

    @property
    def encoders(self) -> list[Encoder]:
        """What `register_encoders` gave."""
        return [encoder for plugin in self._plugins for encoder in plugin.given.encoders]

    @property
    def inputs(self) -> dict[str, Callable[..., Awaitable[Any]]]:
        """What `register_inputs` gave, by name; each runs in its plugin's lane."""
        return {
            name: partial(self._guarded, plugin, f"input {name}", capture)
            for plugin in reversed(self._plugins)
            for name, capture in plugin.given.inputs.items()
        }

    @property
    def outputs(self) -> dict[str, Callable[..., Awaitable[Any]]]:
        """What `register_outputs` gave, by name; each runs in its plugin's lane."""
        return {
            name: partial(self._guarded, plugin, f"output {name}", deliver)
            for plugin in reversed(self._plugins)
            for name, deliver in plugin.given.outputs.items()
        }

    @property
    def commands(self) -> list[click.Command]:
        """What `register_commands` gave."""
        return [command for plugin in self._plugins for command in plugin.given.commands]

    def command_groups(self, name: str) -> list[tuple[str, click.Group]]:
        """The groups of that name among the commands, each with its plugin's name."""
        import click

        return [
            (plugin.name, command)
            for plugin in self._plugins
            for command in plugin.given.commands
            if isinstance(command, click.Group) and command.name == name
        ]

    def owner_of(self, command: str) -> str:
        """The plugin that gave the command of a name; "" when none did."""
        owners = (plugin.name for plugin in self._plugins for each in plugin.given.commands if each.name == command)
        return next(owners, "")

    def services_for(self, name: str, make_services: Callable[[PluginInfo], Services]) -> Services:
        """The services of one plugin, with its capabilities enforced. Call it on the assistant's loop.

        Raises:
            PluginError: it is not active.
        """
        plugin = next((each for each in self._plugins if each.name == name and each.status == "active"), None)
        if plugin is None:
            raise PluginError(name, "is not active; `assistant plugins list` says why")
        plugin.services = plugin.services or make_services(plugin.info)
        given = self._caller.given(plugin, ("services",), {})
        services: Services = given["services"]
        return services

    def options(self) -> list[tuple[str, Option, Any]]:
        """Every plugin's own settings with their values, by plugin."""
        written = self._patience.options
        return [
            (
                plugin.name,
                option,
                read_options(plugin.name, plugin.manifest.options, written.get(plugin.name, {}))[option.name],
            )
            for plugin in sorted(self._plugins, key=lambda plugin: plugin.name)
            if plugin.status == "active"
            for option in plugin.manifest.options
        ]

    def create_fusion(self, name: str) -> FusionStrategy | None:
        """The first fusion strategy of that name that a plugin creates, or None."""
        for plugin, function, names in self._implementations("create_fusion"):
            create = partial(function, **({"name": name} if "name" in names else {}))
            try:
                strategy: FusionStrategy | None = call_in_thread(create, self._patience.load_timeout)
            except Exception as error:
                self._caller.report(plugin, "create_fusion", failure(plugin, error))
            else:
                if strategy is not None:
                    return strategy
        return None

    async def startup(self, make_services: Callable[[PluginInfo], Services]) -> None:
        """Give every plugin its services and call `startup`; one that fails is left out."""
        for plugin in self._plugins:
            if plugin.status == "active":
                plugin.services = make_services(plugin.info)
        await asyncio.gather(*(self._start(*each) for each in self._implementations("startup")))

    async def _start(self, plugin: Plugin, function: Callable[..., Any], names: tuple[str, ...]) -> None:
        try:
            given = self._caller.given(plugin, names, {})
            await self._caller.call(plugin, "startup", function, given, self._patience.load_timeout, _ignore)
        except Exception as error:  # on purpose or not: without its startup it cannot serve
            self._hooks.unregister(name=plugin.name)
            plugin.fail(f"startup: {failure(plugin, error)}")

    async def shutdown(self) -> None:
        """Call every `shutdown`, then end all lanes."""
        await self._all("shutdown", {})
        for plugin in self._plugins:
            plugin.lane.close()

    # Each turn

    async def prepare_turn(self, turn: Turn) -> Turn:
        """Let every plugin change the turn, one after the other."""
        for plugin, function, names in self._implementations("prepare_turn"):
            check = partial(as_turn, plugin.name, turn)
            available = {"turn": turn}
            seconds = self._patience.hook_timeout
            changed = await self._caller.skip_failure(
                plugin, "prepare_turn", function, names, available, seconds, check
            )
            turn = changed or turn
        return turn

    async def recognize_intent(self, turn: Turn) -> Decision | None:
        """The first decision that a plugin makes of its own, or None. All are asked at the same time."""
        known = frozenset(intent.name for intent in self.intents)
        decisions = await asyncio.gather(
            *(
                self._caller.skip_failure(
                    plugin,
                    "recognize_intent",
                    function,
                    names,
                    {"turn": turn},
                    self._patience.hook_timeout,
                    partial(as_decision, plugin.name, known),
                )
                for plugin, function, names in self._implementations("recognize_intent")
            )
        )
        return next((decision for decision in decisions if decision is not None), None)

    def recognizes(self, name: str) -> bool:
        """Whether a plugin decides about turns of its own, before any model: it implements `recognize_intent`."""
        return any(plugin.name == name for plugin, *_ in self._implementations("recognize_intent"))

    async def answer_fallback(self, turn: Turn, decision: Decision, notices: list[str] | None = None) -> Reply | None:
        """The first answer to a turn that belongs to no intent, or None.

        Args:
            turn: the turn.
            decision: what the model made of it.
            notices: gets the line of every `UserError` that a plugin raises on purpose; the next one is asked then.
        """
        told = notices if notices is not None else []
        for plugin, function, names in self._implementations("answer_fallback"):
            check = partial(as_optional_reply, plugin.name, "answer_fallback")
            available = {"turn": turn, "decision": decision}
            seconds = plugin.manifest.timeout
            reply = await self._caller.skip_failure(
                plugin, "answer_fallback", function, names, available, seconds, check, told
            )
            if reply is not None:
                return reply
        return None

    async def prepare_reply(self, turn: Turn, reply: Reply) -> Reply:
        """Let every plugin change the reply, one after the other."""
        for plugin, function, names in self._implementations("prepare_reply"):
            check = partial(as_optional_reply, plugin.name, "prepare_reply")
            available = {"turn": turn, "reply": reply}
            seconds = self._patience.hook_timeout
            changed: Reply | None = await self._caller.skip_failure(
                plugin, "prepare_reply", function, names, available, seconds, check
            )
            reply = changed or reply
        return reply

    async def track_event(self, event: Event) -> None:
        """Tell every plugin of an event, all at the same time."""
        await self._all("track_event", {"event": event})

    async def answer(
        self, intent: Intent, turn: Turn, slots: Mapping[str, Any], dialogue: Dialogue | None = None
    ) -> Reply:
        """Let an intent's handler answer.

        Args:
            intent: one of `intents`.
            turn: the request.
            slots: values by slot name; slots that are missing take their defaults.
            dialogue: where the handler may ask; waiting there does not count to its timeout.

        Raises:
            PluginError: the plugin is not active, rests, or failed; the failure is reported on the bus too.
            UserError: the handler raised it on purpose.
        """
        return await self._handling.answer(self._owner(intent), intent, turn, slots, dialogue)

    # Who is called

    def _owner(self, intent: Intent) -> Plugin:
        for plugin in self._plugins:
            if plugin.status == "active" and any(known.name == intent.name for known in plugin.given.intents):
                return plugin
        raise PluginError(intent.plugin, "is not active; `assistant plugins list` says why")

    def _implementations(self, hook: str) -> Iterator[tuple[Plugin, Callable[..., Any], tuple[str, ...]]]:
        """Who implements a hook and does not rest now, in calling order, with the parameters each names."""
        plugins = {plugin.name: plugin for plugin in self._plugins if plugin.status == "active"}
        for each in reversed(getattr(self._hooks.hook, hook).get_hookimpls()):
            plugin = plugins.get(each.plugin_name)
            if plugin is not None and not plugin.resting:
                yield plugin, each.function, (*each.argnames, *each.kwargnames)

    async def _all(self, hook: str, available: Mapping[str, Any]) -> None:
        seconds = self._patience.hook_timeout
        await asyncio.gather(
            *(
                self._caller.skip_failure(plugin, hook, function, names, available, seconds, _ignore)
                for plugin, function, names in self._implementations(hook)
            )
        )

    async def _guarded(
        self, plugin: Plugin, where: str, function: Callable[..., Any], *args: Any, **kwargs: Any
    ) -> Any:
        call = partial(function, *args, **kwargs)
        return await self._caller.call(plugin, where, call, {}, plugin.manifest.timeout, lambda result: result)


def _ignore(result: Any) -> None:
    """What these hooks return means nothing."""
