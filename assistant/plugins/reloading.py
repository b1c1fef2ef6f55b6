"""Reloads plugins when their files change, while the program runs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from assistant.bus import Bus
from assistant.events import Notice
from assistant.plugins.api import Services
from assistant.plugins.discovery import Source, find_plugins
from assistant.plugins.manager import PluginManager
from assistant.plugins.plugin import Plugin, PluginInfo, load_source
from assistant.settings import Settings

__all__ = ["Reloader"]

PAUSE = 1.0
"""seconds between two looks at the files"""
DEEP, MANY = 4, 2_000
"""folders below the plugin folder, and files in them, that are looked at"""

Stamps = dict[Path, tuple[int, int]]
"""time of change in nanoseconds, and size, of each file"""


class Reloader:
    """Watches the user's plugin folder; announces on the bus which plugins were loaded again, and which failed."""

    def __init__(self, settings: Settings, plugins: PluginManager, bus: Bus) -> None:
        self._settings, self._plugins, self._bus = settings, plugins, bus
        self._stamps = _stamps(settings.plugin_folder)
        self._looked = time.monotonic()
        self._busy = asyncio.Lock()

    async def look(self, make_services: Callable[[PluginInfo], Services]) -> bool:
        """Reload the plugins changed since the last look, at most once a second; returns whether the intents have
        changed.

        A plugin that cannot be loaded goes on as it was. Questions that wait for the user are kept.
        """
        if self._busy.locked() or time.monotonic() - self._looked < PAUSE:
            return False
        async with self._busy:
            self._looked = time.monotonic()
            stamps = await asyncio.to_thread(_stamps, self._settings.plugin_folder)
            if stamps == self._stamps:
                return False
            changed = {path for path, _ in stamps.items() ^ self._stamps.items()}
            self._stamps = stamps
            before = self._plugins.intents
            await self._load(changed, make_services)
            return [each.examples for each in before] != [each.examples for each in self._plugins.intents] or (
                [each.name for each in before] != [each.name for each in self._plugins.intents]
            )

    async def _load(self, changed: set[Path], make_services: Callable[[PluginInfo], Services]) -> None:
        sources = await asyncio.to_thread(find_plugins, self._settings)
        known = {(plugin.source.name, plugin.source.path): plugin for plugin in self._plugins.all}
        for source in sources:
            old = known.pop((source.name, source.path), None)
            touched = any(path == source.place or source.place in path.parents for path in changed)
            if old is None or old.source.replaced != source.replaced or (touched and source.origin == "user"):
                await self._exchange(old, source, make_services)
        for gone in known.values():
            await self._plugins.exchange(gone, None)
            self._say(gone.name, "its file is gone, and so is the plugin")

    async def _exchange(
        self, old: Plugin | None, source: Source, make_services: Callable[[PluginInfo], Services]
    ) -> None:
        new = await asyncio.to_thread(load_source, source, self._settings)
        if new.status == "active":
            new.services = make_services(new.info)
            await self._plugins.start_up(new)
        if new.status == "failed" and old is not None and old.status == "active":
            self._say(source.name, f"{new.reason}. It goes on as it was before its file changed")
            return
        await self._plugins.exchange(old, new)
        if new.status == "active":
            self._say(source.name, "loaded" if old is None else "loaded anew")

    def _say(self, plugin: str, what: str) -> None:
        self._bus.publish(Notice(text=f"Plugin {plugin}: {what}."))


def _stamps(folder: Path) -> Stamps:
    found: Stamps = {}
    for path in islice(_files(folder, DEEP), MANY):
        with suppress(OSError):
            status = path.stat()
            found[path.resolve()] = status.st_mtime_ns, status.st_size
    return found


def _files(folder: Path, deep: int) -> Iterator[Path]:
    try:
        entries = list(folder.iterdir())
    except OSError:
        return
    for path in entries:
        if path.name.startswith((".", "__pycache__")):
            continue
        if path.is_file():
            yield path
        elif deep and path.is_dir():
            yield from _files(path, deep - 1)
