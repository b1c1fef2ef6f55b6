"""The one process of a plugin, started when it is loaded and again whenever it was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from assistant.confine import LIMITS
from assistant.plugins.api import Dialogue, Services
from assistant.plugins.description import Description
from assistant.plugins.discovery import Source
from assistant.plugins.executor import Deadline
from assistant.plugins.parent_process import RunningProcess
from assistant.plugins.starting import Started, start_process

__all__ = ["PluginProcess"]


class PluginProcess:
    """Runs a plugin's functions in its process.

    Args:
        source: where the plugin is.
        memory: MB that its process may use.
        load_timeout: seconds that it may take to start.
    """

    def __init__(self, source: Source, memory: int, load_timeout: float) -> None:
        self._source, self._memory, self._load_timeout = source, memory, load_timeout
        self._fresh: Started | None = None
        self._running: RunningProcess | None = None
        self._lost: set[RunningProcess] = set()
        """that ended, or will as soon as their last call ends"""
        self._starts_up = False
        self._starting, self.one_by_one = asyncio.Lock(), asyncio.Lock()
        """the second for calls that were lost, and are made again"""
        self.place = str(source.place)
        """the plugin's file or folder"""
        self.unlimited: tuple[str, ...] = ()
        """of `LIMITS` those that do not hold here"""

    def load(self) -> Description:
        """Start the process; blocks until it has loaded the plugin.

        Raises:
            PluginError: it failed; says why, with file and line.
            DeadlineExceeded: it took too long.
        """
        self._fresh = started = start_process(self._source, self._memory, self._load_timeout)
        self.place = started.description.place
        self._starts_up = hasattr(started.description.module, "startup")
        self.unlimited = tuple(limit for limit in LIMITS if limit not in started.held)
        return started.description

    async def ready(self, services: Services | None) -> RunningProcess:
        """The process, started and started up where it is not.

        Args:
            services: what it may use of the assistant's.

        Raises:
            PluginError: it cannot be started, or its `startup` failed.
        """
        async with self._starting:
            if self._running is not None and self._running.loop is asyncio.get_running_loop():
                await self._running.settled()
            if self._running is None or not self._running.alive:
                await self._attach(services)
            assert self._running is not None
            self._running.services = services
            return self._running

    async def _attach(self, services: Services | None) -> None:
        self._let_go()
        if self._fresh is None:
            await asyncio.to_thread(self.load)
        started, self._fresh = self._fresh, None
        assert started is not None
        running = await RunningProcess.attach(self._source.name, started, services)
        if self._starts_up and services is not None:
            try:
                async with Deadline(self._load_timeout):
                    await running.call("startup", {}, True, None)
            except BaseException:
                await running.ended()
                raise
        self._running = running

    async def call(
        self,
        where: str,
        arguments: Mapping[str, Any],
        services: Services | None,
        takes_services: bool,
        dialogue: Dialogue | None,
        deadline: Deadline,
        take: Callable[[Any], bool] | None = None,
    ) -> Any:
        """Call a function of the plugin, and return what it returns.

        Args:
            where: the intent's or hook's name.
            arguments: by name, without services and dialogue.
            services: what the process may use of the assistant's.
            takes_services: whether the function names them.
            dialogue: where it may ask; None where it cannot.
            deadline: of the function; it does not run while the process starts, nor while the user is asked.
            take: see `RunningProcess.call`.

        Raises:
            PluginError: the function failed, or its process died.
            UserError: the function raised it on purpose.
        """
        with deadline.paused():
            running = await self.ready(services)
        return await running.call(where, arguments, takes_services, dialogue, take)

    async def close(self, shutdown: bool, seconds: float) -> None:
        """Call its `shutdown` where it has one, and end the process.

        Raises:
            PluginError: its `shutdown` failed.
        """
        try:
            await self._shut_down(shutdown, seconds)
        finally:
            self.discard()
            here = asyncio.get_running_loop()
            await asyncio.gather(*(each.ended() for each in self._lost if each.loop is here))
            self._lost.clear()
            self._starting, self.one_by_one = asyncio.Lock(), asyncio.Lock()  # each belongs to one loop

    async def retire(self, shutdown: bool, seconds: float) -> None:
        """End it as soon as no call is at work: another has taken its place. See `close`."""
        try:
            if self._running is not None and self._running.idle:
                await self._shut_down(shutdown, seconds)
        finally:
            running, self._running = self._running, None
            if running is not None and running.alive:
                running.retire()
                self._lost.add(running)
            self.discard()

    async def _shut_down(self, shutdown: bool, seconds: float) -> None:
        if self._running is not None and self._running.alive and shutdown:
            async with Deadline(seconds):
                await self._running.call("shutdown", {}, False, None)

    def discard(self) -> None:
        """End it."""
        started, self._fresh = self._fresh, None
        if started is not None:
            started.close()
        self._let_go()

    def _let_go(self) -> None:
        self._lost = {each for each in self._lost if not each.over}
        running, self._running = self._running, None
        if running is not None and running.loop.is_closed():
            running.abandon()
        elif running is not None:
            self._lost.add(running)
            running.loop.call_soon_threadsafe(running.end)
