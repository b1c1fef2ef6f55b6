"""Gives a plugin what its manifest declares of the assistant's objects, from any thread or event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from assistant.errors import PluginError
from assistant.plugins.api import Dialogue, Manifest, Services
from assistant.plugins.executor import Deadline, Executor, on_loop
from assistant.plugins.manifest import read_options
from assistant.plugins.remote import Member, remote

__all__ = ["CapabilityProxy"]


class CapabilityProxy:
    """Wraps objects of the assistant for one plugin.

    Args:
        home: the assistant's event loop, on which the real objects run.
        executor: runs functions that the plugin passes, such as the effect of `Dialogue.once`; None: as they are.
    """

    def __init__(
        self, plugin: str, manifest: Manifest, home: asyncio.AbstractEventLoop, executor: Executor | None = None
    ) -> None:
        self._plugin, self._manifest, self._home, self._executor = plugin, manifest, home, executor

    def services(self, services: Services) -> Services:
        """The services, with the defaults of the plugin's options filled in."""

        def call(member: Member, arguments: dict[str, Any]) -> Any:
            if member.name == "options":
                return read_options(self._plugin, self._manifest.options, services.options)
            return self._call("services", services, None, member, arguments)

        proxy: Services = remote(Services, call)
        return proxy

    def dialogue(self, dialogue: Dialogue, deadline: Deadline) -> Dialogue:
        """The dialogue; waiting for the user pauses the deadline."""
        call = partial(self._call, "dialogue", dialogue, deadline)
        proxy: Dialogue = remote(Dialogue, call, session=dialogue.session, id=dialogue.id)
        return proxy

    def _call(
        self, label: str, target: Any, deadline: Deadline | None, member: Member, arguments: Mapping[str, Any]
    ) -> Any:
        if member.needs and member.needs not in self._manifest.capabilities:
            what = f"{label}.{member.name}{'' if member.is_property else '()'}"
            needed = f'capabilities=("{member.needs}",)'
            raise PluginError(self._plugin, f"{what} needs {needed} in its MANIFEST; it does not declare it")
        found = getattr(target, member.name)
        if member.is_property:
            return found
        if member.returns is not None:
            return remote(member.returns, partial(self._call, member.name, found(**arguments), deadline))
        if not member.is_async:
            return found(**arguments)
        given = {name: self._callable(value) for name, value in arguments.items()}
        pausing = deadline.paused if deadline is not None and member.pauses else contextlib.nullcontext

        async def awaited() -> Any:
            with pausing():
                return await found(**given)

        return on_loop(self._home, awaited)

    def _callable(self, value: Any) -> Any:
        if self._executor is None or not callable(value) or isinstance(value, type):
            return value
        return partial(self._executor.call, value, {})
