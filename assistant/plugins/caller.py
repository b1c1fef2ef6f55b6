"""Calls a plugin's functions under a deadline, in its executor or its process; reports and counts their failures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from assistant.bus import Bus
from assistant.errors import AssistantError, DeadlineExceeded, PluginError, UserError
from assistant.events import PluginFailed
from assistant.plugins.answers import StreamedAnswer, own_attachments
from assistant.plugins.api import Dialogue, Services
from assistant.plugins.discovery import explain
from assistant.plugins.executor import Deadline
from assistant.plugins.parent_process import ProcessLost
from assistant.plugins.plugin import Plugin
from assistant.plugins.schema import parameters_of
from assistant.types import Reply

__all__ = ["Call", "Caller", "failure"]

T = TypeVar("T")

logger = logging.getLogger(__name__)


def failure(plugin: Plugin, error: BaseException) -> str:
    """Why a call failed, in one line."""
    return str(error) if isinstance(error, DeadlineExceeded) else explain(error, plugin.source.place)


def _ignore(result: Any) -> None:
    """For hooks whose results mean nothing."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """A call of a plugin's function."""

    where: str
    """the intent's or hook's name"""
    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    """by name; those the function does not take are left out, and it gets services and dialogue when it names them"""
    seconds: float
    """its deadline; waiting for the user does not count"""
    check: Callable[[Any], T]
    """what is returned of its result; raises `PluginError` for one that cannot be used"""
    session: str = ""
    """whose failures are counted"""
    dialogue: Dialogue | None = None
    """where it may ask the user; None where it cannot"""
    again: bool = True
    """it may be called a second time when its process was lost, as it changes nothing"""
    tell: Callable[[Reply], None] = _ignore
    """gets the pieces of an answer that streams, as they come"""


class Caller:
    """Calls plugins; the bus gets a `PluginFailed` for every failure."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def report(self, plugin: Plugin, where: str, reason: str) -> None:
        """Announce a failure."""
        logger.info("plugin %s failed in %s: %s", plugin.name, where, reason)
        self._bus.publish(PluginFailed(plugin=plugin.name, where=where, reason=reason))

    async def call(self, plugin: Plugin, call: Call[T]) -> T:
        """Run a function of a plugin, and return what `Call.check` makes of its result.

        An answer that streams and then fails is returned as far as it came, marked as cut off.

        Raises:
            PluginError: it rests or failed; reported already.
            UserError: it raised this on purpose.
        """
        own = partial(own_attachments, plugin.name, places=plugin.places if plugin.process is not None else None)
        streamed = StreamedAnswer(plugin.name, call.where.rpartition(".")[2], call.tell, own)
        try:
            async with self._watched(plugin, call.where, call.session), Deadline(call.seconds) as deadline:
                result = await _run(plugin, call, deadline, streamed)
                return call.check(own(streamed.reply() or result))
        except UserError as error:
            if not streamed.begun:
                raise
            streamed.cut(error.reason if isinstance(error, PluginError) else str(error))
            return call.check(streamed.reply())

    async def start(self, plugin: Plugin, function: Callable[..., Any], seconds: float) -> None:
        """Call a plugin's `startup`, in its process where it has one; raises `PluginError`, reported already."""
        if plugin.process is None:
            await self.call(plugin, Call("startup", function, {}, seconds, _ignore))
            return
        async with self._watched(plugin, "startup", ""):
            services: Services = plugin.proxy(asyncio.get_running_loop()).services(plugin.running_services)
            await plugin.process.ready(services)

    async def stop(
        self, plugin: Plugin, function: Callable[..., Any] | None, seconds: float, *, gently: bool = False
    ) -> None:
        """Call a plugin's `shutdown`, and end its process, where it has one; see `PluginProcess.close`."""
        if plugin.process is not None:
            with suppress(PluginError):
                async with self._watched(plugin, "shutdown", ""):
                    await plugin.process.close(function is not None, seconds, gently=gently)
        elif function is not None:
            await self.skip_failure(plugin, Call("shutdown", function, {}, seconds, _ignore))

    async def skip_failure(self, plugin: Plugin, call: Call[T], notices: list[str] | None = None) -> T | None:
        """Like `call`; None when the plugin failed. What it raised on purpose is added to `notices`."""
        try:
            return await self.call(plugin, call)
        except UserError as error:
            logger.info("skipped %s of %s: %s", call.where, plugin.name, error)
            if notices is not None and not isinstance(error, PluginError):
                notices.append(str(error))
            return None

    @asynccontextmanager
    async def _watched(self, plugin: Plugin, where: str, session: str) -> AsyncIterator[None]:
        """Turn every failure into a `PluginError`, count and report it; a `UserError` on purpose passes."""
        if reason := plugin.resting(session):
            raise PluginError(plugin.name, reason)
        try:
            yield
        except ProcessLost:
            raise  # another call caused it
        except Exception as error:
            if isinstance(error, UserError) and not isinstance(error, PluginError):
                raise
            reason = failure(plugin, error)
            plugin.breakers.fail(session, reason)
            if not isinstance(error, AssistantError):
                logger.info("traceback of %s in %s", plugin.name, where, exc_info=error)
            self.report(plugin, where, reason)
            raise PluginError(plugin.name, reason) from error
        plugin.breakers.succeed(session)


async def _run(plugin: Plugin, call: Call[Any], deadline: Deadline, streamed: StreamedAnswer) -> Any:
    """Run the function where its plugin runs; pieces of an answer that streams go to `streamed`."""
    takes, proxy = parameters_of(call.function), plugin.proxy(asyncio.get_running_loop())
    given = {name: value for name, value in call.arguments.items() if name in takes}
    if "dialogue" in takes:
        if call.dialogue is None:
            raise PluginError(plugin.name, "asks the user, but there is no conversation here")
        given["dialogue"] = proxy.dialogue(call.dialogue, deadline)
    if "services" in takes:
        given["services"] = proxy.services(plugin.running_services)
    if plugin.process is None:
        return await plugin.executor.call(call.function, given, streamed.add)
    services = given.get("services") or (proxy.services(plugin.services) if plugin.services is not None else None)

    def again() -> bool:
        return call.again and "dialogue" not in given and not streamed.begun

    return await plugin.process.call(call.where, given, services, deadline, streamed.add, again)
