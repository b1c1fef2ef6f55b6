"""How a plugin is called: in its lane, under a deadline, its failures counted, reported and kept its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from assistant.bus import Bus
from assistant.errors import AssistantError, DeadlineExceeded, PluginError, UserError
from assistant.events import PluginFailed
from assistant.plugins.executor import Deadline, ExecutorAbandoned
from assistant.plugins.importing import explain
from assistant.plugins.plugin import Plugin

__all__ = ["Caller", "failure"]

T = TypeVar("T")

logger = logging.getLogger(__name__)


def failure(plugin: Plugin, error: BaseException) -> str:
    """Why a call failed, in one line."""
    if isinstance(error, (DeadlineExceeded, ExecutorAbandoned)):
        return str(error)
    return explain(error, plugin.source.place)


class Caller:
    """Calls plugins.

    Args:
        bus: told of every failure.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def report(self, plugin: Plugin, where: str, reason: str) -> None:
        """Announce a failure."""
        logger.info("plugin %s failed in %s: %s", plugin.name, where, reason)
        self._bus.publish(PluginFailed(plugin=plugin.name, where=where, reason=reason))

    def watch(self, plugin: Plugin, where: str) -> _Watch:
        """An ``async with`` around a call: raises `PluginError` for any failure, and counts and reports it."""
        return _Watch(self, plugin, where)

    def given(self, plugin: Plugin, names: tuple[str, ...], available: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments a function names, out of those available and the services.

        Raises:
            PluginError: it names services, and there are none.
        """
        given = {name: value for name, value in available.items() if name in names}
        if "services" in names:
            home = asyncio.get_running_loop()
            given["services"] = plugin.guarded_services(home, lambda reason: self.report(plugin, "publish", reason))
        return given

    async def call(
        self,
        plugin: Plugin,
        where: str,
        function: Callable[..., Any],
        kwargs: Mapping[str, Any],
        seconds: float,
        check: Callable[[Any], T],
    ) -> T:
        """Run a function in the plugin's lane, and return what `check` makes of its result.

        Raises:
            PluginError: it rests or failed; reported already.
            UserError: it raised this on purpose.
        """
        async with self.watch(plugin, where):
            async with Deadline(seconds):
                result = await plugin.lane.call(function, kwargs)
            return check(result)

    async def skip_failure(
        self,
        plugin: Plugin,
        where: str,
        function: Callable[..., Any],
        names: tuple[str, ...],
        available: Mapping[str, Any],
        seconds: float,
        check: Callable[[Any], T],
        notices: list[str] | None = None,
    ) -> T | None:
        """Like `call`, with the arguments that `names` lists; None when the plugin failed.

        What it raised on purpose is added to `notices`.
        """
        try:
            kwargs = self.given(plugin, names, available)
            return await self.call(plugin, where, function, kwargs, seconds, check)
        except UserError as error:
            logger.info("skipped %s of %s: %s", where, plugin.name, error)
            if notices is not None and not isinstance(error, PluginError):
                notices.append(str(error))
            return None


class _Watch:
    def __init__(self, caller: Caller, plugin: Plugin, where: str) -> None:
        self._caller = caller
        self._plugin = plugin
        self._where = where

    async def __aenter__(self) -> None:
        if reason := self._plugin.resting:
            raise PluginError(self._plugin.name, reason)

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._plugin.breaker.succeed()
        elif isinstance(error, UserError) and not isinstance(error, PluginError):
            return  # said on purpose: shown word for word, and no failure
        elif isinstance(error, Exception):
            await self._fail(error)

    async def _fail(self, error: Exception) -> None:
        plugin, reason = self._plugin, failure(self._plugin, error)
        if isinstance(error, DeadlineExceeded):
            await plugin.lane.probe()
        if not isinstance(error, ExecutorAbandoned):  # another call's fault, which is counted there
            plugin.breaker.fail(reason)
        if not isinstance(error, AssistantError):
            logger.info("traceback of %s in %s", plugin.name, self._where, exc_info=error)
        self._caller.report(plugin, self._where, reason)
        raise PluginError(plugin.name, reason) from error
