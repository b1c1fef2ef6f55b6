"""The one process of a plugin, started when it is loaded and again whenever it was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from assistant.confine import LIMITS
from assistant.plugins.api import Services
from assistant.plugins.description import Description
from assistant.plugins.discovery import Source
from assistant.plugins.executor import Deadline
from assistant.plugins.parent_process import ProcessLost, RunningProcess
from assistant.plugins.starting import Started

__all__ = ["PluginProcess"]


class PluginProcess:
    """Runs a plugin's functions in a process that may use `memory` MB and start within `load_timeout` seconds."""

    def __init__(self, source: Source, memory: int, load_timeout: float) -> None:
        self._source, self._memory, self._load_timeout = source, memory, load_timeout
        self._fresh: Started | None = None
        self._running: RunningProcess | None = None
        self._lost: set[RunningProcess] = set()
        """that ended, or will as soon as their last call ends"""
        self._starts_up = False
        self._starting, self._one_by_one = asyncio.Lock(), asyncio.Lock()
        """the second for calls that were lost, and are made again"""
        self.place = str(source.place)
        """the plugin's file or folder"""
        self.unlimited: tuple[str, ...] = ()
        """of `LIMITS` those that do not hold here"""

    def load(self) -> Description:
        """Start the process; blocks until it has loaded the plugin. See `Started` for what it raises."""
        self._fresh = started = Started(self._source, self._memory, self._load_timeout)
        self.place = started.description.place
        self._starts_up = hasattr(started.description.module, "startup")
        self.unlimited = tuple(limit for limit in LIMITS if limit not in started.held)
        return started.description

    async def ready(self, services: Services | None) -> RunningProcess:
        """The process, started and started up where it is not; it may use these services. Raises `PluginError`."""
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
                    await running.call("startup", {"services": services})
            except BaseException:
                await running.ended()
                raise
        self._running = running

    async def call(
        self,
        where: str,
        arguments: Mapping[str, Any],
        services: Services | None,
        deadline: Deadline,
        take: Callable[[Any], bool],
        again: Callable[[], bool],
    ) -> Any:
        """Call a function of the plugin, and return what it returns.

        Args:
            deadline: of the function; it does not run while the process starts, nor while the user is asked.
            take: see `RunningProcess.call`.
            again: whether it may be called a second time when the process was lost.

        Raises:
            PluginError: the function failed, or its process died.
            UserError: the function raised it on purpose.
        """

        async def once() -> Any:
            with deadline.paused():
                running = await self.ready(services)
            return await running.call(where, arguments, take)

        try:
            return await once()
        except ProcessLost:
            if not again():
                raise
        with deadline.paused():
            await (turn := self._one_by_one).acquire()
        try:  # lost calls run again one at a time, so that the one that killed the process harms no other
            return await once()
        finally:
            turn.release()

    async def close(self, shutdown: bool, seconds: float, *, gently: bool = False) -> None:
        """Call its `shutdown` where it has one, and end the process; raises `PluginError` when that failed.

        Args:
            gently: only when no call is at work: another process has taken its place.
        """
        running = self._running if self._running is not None and self._running.alive else None
        try:
            if shutdown and running is not None and (running.idle or not gently):
                async with Deadline(seconds):
                    await running.call("shutdown", {})
        finally:
            if gently and running is not None:
                self._running = None
                self._lost.add(running)
                running.retire()
            self.discard()
            if not gently:
                here = asyncio.get_running_loop()
                await asyncio.gather(*(each.ended() for each in self._lost if each.loop is here))
                self._lost.clear()
                self._starting, self._one_by_one = asyncio.Lock(), asyncio.Lock()  # each belongs to one loop

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
