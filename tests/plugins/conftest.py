from __future__ import annotations

import asyncio
import textwrap
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from assistant.bus import Bus
from assistant.events import Event, PluginFailed
from assistant.plugins.api import Intent
from assistant.plugins.manager import PluginManager
from assistant.plugins.plugin import PluginInfo
from assistant.settings import load_settings
from assistant.testing import FakeServices
from assistant.types import Reply, Turn

GREETER = '''
"""Says hello."""
from assistant import hookimpl

def hello() -> str:
    """Say hello."""
    return "hello"

@hookimpl
def register_intents(register):
    register(hello, examples=["say hello"])
'''


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class LoadedPlugins:
    """Plugins on disk, loaded as the assistant loads them."""

    manager: PluginManager
    bus: Bus
    clock: Clock
    services: FakeServices = field(default_factory=FakeServices)
    heard: list[Event] = field(default_factory=list)

    @property
    def failures(self) -> list[tuple[str, str, str]]:
        return [(e.plugin, e.where, e.reason) for e in self.heard if isinstance(e, PluginFailed)]

    def info(self, name: str) -> PluginInfo:
        return next(info for info in self.manager.infos if info.name == name)

    def intent(self, name: str) -> Intent:
        return next(intent for intent in self.manager.intents if intent.name == name)

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """Run within the assistant's life: services are up, and everything is closed behind."""

        async def live() -> Any:
            self.bus.bind(asyncio.get_running_loop())
            await self.manager.startup(lambda info: self.services)
            try:
                return await coroutine
            finally:
                await self.manager.shutdown()

        return asyncio.run(live())

    async def answer(self, name: str, text: str = "", **slots: Any) -> Reply:
        return await self.manager.answer(self.intent(name), Turn(session="s", text=text), slots)


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., LoadedPlugins]:
    """Write plugins (name → code) into the user's folder and load them; nothing shipped is there."""
    shipped, folder = tmp_path / "shipped", tmp_path / "plugins"
    shipped.mkdir()
    folder.mkdir()
    monkeypatch.setattr("assistant.plugins.discovery.shipped_dir", lambda name: shipped)
    monkeypatch.setenv("ASSISTANT_HOME", str(tmp_path / "home"))

    def make(sources: dict[str, str], **settings: Any) -> LoadedPlugins:
        for name, code in sources.items():
            path = tmp_path / name if "/" in name else folder / f"{name}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(code), encoding="utf-8")
        bus, clock = Bus(), Clock()
        options = {"folder": str(folder), **settings}
        loaded = LoadedPlugins(PluginManager(load_settings({"plugins": options}), bus, clock), bus, clock)
        bus.listen(loaded.heard.append)
        loaded.manager.load()
        return loaded

    return make


@pytest.fixture
def greeter() -> str:
    """A plugin that does no harm."""
    return GREETER
