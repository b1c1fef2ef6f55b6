"""Calls a plugin's functions under a deadline, in its executor or its process; reports and counts their failures."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from assistant.bus import Bus
from assistant.errors import AssistantError, DeadlineExceeded, PluginError, UserError
from assistant.events import PluginFailed
from assistant.plugins.api import Dialogue, Services
from assistant.plugins.executor import Deadline
from assistant.plugins.importing import explain
from assistant.plugins.parent_process import call_in_process
from assistant.plugins.plugin import Plugin

__all__ = ["Caller", "failure"]

T = TypeVar("T")

logger = logging.getLogger(__name__)


def failure(plugin: Plugin, error: BaseException) -> str:
    """Why a call failed, in one line."""
    return str(error) if isinstance(error, DeadlineExceeded) else explain(error, plugin.source.place)


class Caller:
    """Calls plugins.

    Args:
        bus: gets a `PluginFailed` for every failure.
        load_timeout: seconds that a plugin's process may take to start.
    """

    def __init__(self, bus: Bus, load_timeout: float) -> None:
        self._bus = bus
        self._load_timeout = load_timeout

    def report(self, plugin: Plugin, where: str, reason: str) -> None:
        """Announce a failure."""
        logger.info("plugin %s failed in %s: %s", plugin.name, where, reason)
        self._bus.publish(PluginFailed(plugin=plugin.name, where=where, reason=reason))

    async def call(
        self,
        plugin: Plugin,
        where: str,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        seconds: float,
        check: Callable[[Any], T],
        dialogue: Dialogue | None = None,
    ) -> T:
        """Run a function of a plugin, and return what `check` makes of its result.

        Args:
            plugin: whose function it is.
            where: the intent's or hook's name.
            function: gets the services and the dialogue too when it names them.
            arguments: by name; those the function does not take are left out.
            seconds: its deadline; waiting for the user does not count.
            check: raises `PluginError` for a result that cannot be used.
            dialogue: where it may ask the user; None where it cannot.

        Raises:
            PluginError: it rests or failed; reported already.
            UserError: it raised this on purpose.
        """
        async with self._watched(plugin, where):
            takes = inspect.signature(function).parameters
            given = {name: value for name, value in arguments.items() if name in takes}
            if "dialogue" in takes and dialogue is None:
                raise PluginError(plugin.name, "asks the user, but there is no conversation here")
            async with Deadline(seconds) as deadline:
                if plugin.manifest.isolation == "process":
                    result = await self._in_process(plugin, where, given, dialogue, deadline)
                else:
                    result = await self._in_executor(plugin, function, given, dialogue, deadline)
            return check(result)

    async def _in_executor(
        self,
        plugin: Plugin,
        function: Callable[..., Any],
        arguments: dict[str, Any],
        dialogue: Dialogue | None,
        deadline: Deadline,
    ) -> Any:
        takes, proxy = inspect.signature(function).parameters, plugin.proxy(asyncio.get_running_loop())
        if "services" in takes:
            arguments["services"] = proxy.services(plugin.running_services)
        if "dialogue" in takes and dialogue is not None:
            arguments["dialogue"] = proxy.dialogue(dialogue, deadline)
        return await plugin.executor.call(function, arguments)

    async def _in_process(
        self, plugin: Plugin, where: str, arguments: dict[str, Any], dialogue: Dialogue | None, deadline: Deadline
    ) -> Any:
        proxy = plugin.proxy(asyncio.get_running_loop(), in_process=True)
        services: Services | None = proxy.services(plugin.services) if plugin.services is not None else None
        asked = proxy.dialogue(dialogue, deadline) if dialogue is not None else None
        return await call_in_process(plugin.source, where, arguments, services, asked, deadline, self._load_timeout)

    async def skip_failure(
        self,
        plugin: Plugin,
        where: str,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        seconds: float,
        check: Callable[[Any], T],
        notices: list[str] | None = None,
    ) -> T | None:
        """Like `call`; None when the plugin failed. What it raised on purpose is added to `notices`."""
        try:
            return await self.call(plugin, where, function, arguments, seconds, check)
        except UserError as error:
            logger.info("skipped %s of %s: %s", where, plugin.name, error)
            if notices is not None and not isinstance(error, PluginError):
                notices.append(str(error))
            return None

    @asynccontextmanager
    async def _watched(self, plugin: Plugin, where: str) -> AsyncIterator[None]:
        """Turn every failure into a `PluginError`, count and report it; a `UserError` on purpose passes."""
        if reason := plugin.resting:
            raise PluginError(plugin.name, reason)
        try:
            yield
        except Exception as error:
            if isinstance(error, UserError) and not isinstance(error, PluginError):
                raise
            reason = failure(plugin, error)
            plugin.breaker.fail(reason)
            if not isinstance(error, AssistantError):
                logger.info("traceback of %s in %s", plugin.name, where, exc_info=error)
            self.report(plugin, where, reason)
            raise PluginError(plugin.name, reason) from error
        plugin.breaker.succeed()
