"""Calls a plugin's functions under a deadline, in its executor or its process; reports and counts their failures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from assistant.bus import Bus
from assistant.errors import AssistantError, DeadlineExceeded, PluginError, UserError
from assistant.events import PluginFailed
from assistant.plugins.answers import own_attachments
from assistant.plugins.api import Dialogue, Services
from assistant.plugins.executor import Deadline
from assistant.plugins.importing import explain
from assistant.plugins.parent_process import ProcessLost
from assistant.plugins.plugin import Plugin
from assistant.plugins.schema import parameters_of
from assistant.plugins.streaming import StreamedAnswer, is_stream
from assistant.types import Reply

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
    """

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

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
        *,
        session: str = "",
        again: bool = False,
        tell: Callable[[Reply], None] | None = None,
    ) -> T:
        """Run a function of a plugin, and return what `check` makes of its result.

        An answer that streams and then fails is returned as far as it came, marked as cut off.

        Args:
            plugin: whose function it is.
            where: the intent's or hook's name.
            function: gets the services and the dialogue too when it names them.
            arguments: by name; those the function does not take are left out.
            seconds: its deadline; waiting for the user does not count.
            check: raises `PluginError` for a result that cannot be used.
            dialogue: where it may ask the user; None where it cannot.
            session: whose failures are counted.
            again: it may be called a second time when its process was lost, as it changes nothing.
            tell: gets the pieces of an answer that streams, as they come.

        Raises:
            PluginError: it rests or failed; reported already.
            UserError: it raised this on purpose.
        """
        own = partial(own_attachments, plugin.name, places=plugin.places if plugin.process is not None else None)
        streamed = StreamedAnswer(plugin.name, where.rpartition(".")[2], tell or _ignore, own)
        try:
            async with self._watched(plugin, where, session):
                takes = parameters_of(function)
                given = {name: value for name, value in arguments.items() if name in takes}
                if "dialogue" in takes and dialogue is None:
                    raise PluginError(plugin.name, "asks the user, but there is no conversation here")
                async with Deadline(seconds) as deadline:
                    if plugin.process is not None:
                        asked, takes_services = dialogue if "dialogue" in takes else None, "services" in takes
                        result = await self._in_process(
                            plugin, where, given, takes_services, asked, deadline, again, streamed
                        )
                    else:
                        result = await self._in_executor(plugin, function, given, dialogue, deadline, streamed)
                return check(own(result))
        except UserError as error:
            if not streamed.begun:
                raise
            streamed.cut(error.reason if isinstance(error, PluginError) else str(error))
            return check(streamed.reply())

    async def _in_executor(
        self,
        plugin: Plugin,
        function: Callable[..., Any],
        arguments: dict[str, Any],
        dialogue: Dialogue | None,
        deadline: Deadline,
        streamed: StreamedAnswer,
    ) -> Any:
        takes, proxy = parameters_of(function), plugin.proxy(asyncio.get_running_loop())
        if "services" in takes:
            arguments["services"] = proxy.services(plugin.running_services)
        if "dialogue" in takes and dialogue is not None:
            arguments["dialogue"] = proxy.dialogue(dialogue, deadline)
        result = await plugin.executor.call(function, arguments)
        if not is_stream(result):
            return result
        async with aclosing(plugin.executor.iterate(result)) as pieces:
            async for piece in pieces:
                if streamed.add(piece):
                    break
        return streamed.reply()

    async def _in_process(
        self,
        plugin: Plugin,
        where: str,
        arguments: dict[str, Any],
        takes_services: bool,
        dialogue: Dialogue | None,
        deadline: Deadline,
        again: bool,
        streamed: StreamedAnswer,
    ) -> Any:
        assert plugin.process is not None
        proxy = plugin.proxy(asyncio.get_running_loop())
        services: Services | None = proxy.services(plugin.services) if plugin.services is not None else None
        asked = proxy.dialogue(dialogue, deadline) if dialogue is not None else None
        given = (where, arguments, services, takes_services, asked, deadline, streamed.add)
        try:
            result = await plugin.process.call(*given)
            return streamed.reply() or result
        except ProcessLost:
            if not again or asked is not None or streamed.begun:
                raise
        with deadline.paused():
            turn = plugin.process.one_by_one
            await turn.acquire()
        try:  # alone among those that were lost, so that whoever took the process down does so to none of them again
            result = await plugin.process.call(*given)
            return streamed.reply() or result
        finally:
            turn.release()

    async def start(self, plugin: Plugin, function: Callable[..., Any], seconds: float) -> None:
        """Call a plugin's `startup`, in its process where it has one.

        Raises:
            PluginError: it failed; reported already.
        """
        if plugin.process is None:
            await self.call(plugin, "startup", function, {}, seconds, _ignore)
            return
        async with self._watched(plugin, "startup", ""):
            services: Services = plugin.proxy(asyncio.get_running_loop()).services(plugin.running_services)
            await plugin.process.ready(services)

    async def stop(
        self, plugin: Plugin, function: Callable[..., Any] | None, seconds: float, *, gently: bool = False
    ) -> None:
        """Call a plugin's `shutdown` where it has one, and end its process where it has one.

        Args:
            gently: after the calls that are at work in it.
        """
        if plugin.process is None and function is not None:
            await self.skip_failure(plugin, "shutdown", function, {}, seconds, _ignore)
        elif plugin.process is not None:
            with suppress(PluginError):
                async with self._watched(plugin, "shutdown", ""):
                    end = plugin.process.retire if gently else plugin.process.close
                    await end(function is not None, seconds)

    async def skip_failure(
        self,
        plugin: Plugin,
        where: str,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        seconds: float,
        check: Callable[[Any], T],
        notices: list[str] | None = None,
        session: str = "",
        tell: Callable[[Reply], None] | None = None,
    ) -> T | None:
        """Like `call`; None when the plugin failed. What it raised on purpose is added to `notices`."""
        try:
            return await self.call(
                plugin, where, function, arguments, seconds, check, session=session, again=True, tell=tell
            )
        except UserError as error:
            logger.info("skipped %s of %s: %s", where, plugin.name, error)
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
            raise  # another call is to blame
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


def _ignore(result: Any) -> None:
    """For hooks whose results mean nothing."""
