"""Lets plugins look at their own setup, without an assistant."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from assistant.plugins.executor import call_in_thread
from assistant.plugins.plugin import Plugin
from assistant.settings import Settings

__all__ = ["examinations"]


def examinations(plugins: Iterable[Plugin], settings: Settings) -> list[tuple[str, Callable[[], str]]]:
    """For each plugin that can look at its own setup, its name and what does so; blocks, may raise `UserError`."""
    return [
        (plugin.name, partial(_examine, plugin, function, plugin.options(settings)))
        for plugin in plugins
        if plugin.status == "active" and plugin.process is None and (function := plugin.hook("examine"))
    ]


def _examine(plugin: Plugin, function: Callable[..., Any], options: Mapping[str, Any]) -> str:
    async def look() -> str:
        given = {"options": options} if "options" in inspect.signature(function).parameters else {}
        found = function(**given)
        return str((await found if inspect.isawaitable(found) else found) or "")

    return call_in_thread(lambda: asyncio.run(look()), plugin.manifest.timeout, f"examine {plugin.name}")
