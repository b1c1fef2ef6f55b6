"""Letting an intent's handler answer, in its plugin's lane or in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from assistant.errors import PluginError
from assistant.plugins.answers import as_reply
from assistant.plugins.api import Dialogue, Intent
from assistant.plugins.capability_proxy import DialogueProxy
from assistant.plugins.executor import Deadline
from assistant.plugins.hook_calls import Caller
from assistant.plugins.parent_process import answer_in_process
from assistant.plugins.plugin import Plugin
from assistant.plugins.schema import given_to
from assistant.types import Reply, Turn

__all__ = ["HandlerCalls"]


class HandlerCalls:
    """Calls handlers.

    Args:
        caller: watches over every call.
        load_timeout: seconds that a plugin's process may take to start.
    """

    def __init__(self, caller: Caller, load_timeout: float) -> None:
        self._caller = caller
        self._load_timeout = load_timeout

    async def answer(
        self, plugin: Plugin, intent: Intent, turn: Turn, slots: Mapping[str, Any], dialogue: Dialogue | None
    ) -> Reply:
        """The reply of an intent's handler; see `PluginManager.answer`.

        Args:
            plugin: whose intent it is.
        """
        values = {slot.name: slots.get(slot.name, slot.default) for slot in intent.slots}
        async with self._caller.watch(plugin, intent.name):
            if "dialogue" in given_to(intent.handler) and dialogue is None:
                raise PluginError(plugin.name, "wants to ask the user, but nobody can be asked here")
            async with Deadline(plugin.manifest.timeout) as deadline:
                handle = self._in_process if plugin.manifest.isolation == "process" else self._in_lane
                result = await handle(plugin, intent, turn, values, dialogue, deadline)
            return as_reply(plugin.name, intent.name.partition(".")[2], result)

    async def _in_lane(
        self,
        plugin: Plugin,
        intent: Intent,
        turn: Turn,
        values: Mapping[str, Any],
        dialogue: Dialogue | None,
        deadline: Deadline,
    ) -> Any:
        available: dict[str, Any] = {"turn": turn}
        if dialogue is not None:
            home = asyncio.get_running_loop()
            available["dialogue"] = DialogueProxy(dialogue, plugin.lane, deadline, home)
        given = self._caller.given(plugin, tuple(given_to(intent.handler)), available)
        return await plugin.lane.call(intent.handler, {**values, **given})

    async def _in_process(
        self,
        plugin: Plugin,
        intent: Intent,
        turn: Turn,
        values: Mapping[str, Any],
        dialogue: Dialogue | None,
        deadline: Deadline,
    ) -> Any:
        given = self._caller.given(plugin, tuple(given_to(intent.handler)), {})
        services = given.get("services")
        return await answer_in_process(
            plugin.source, intent, turn, values, dialogue, services, deadline, self._load_timeout
        )
