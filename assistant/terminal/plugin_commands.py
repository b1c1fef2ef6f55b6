"""Commands that plugins give: what they may use, and built-in groups that take in theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import click

from assistant.plugins.api import Services
from assistant.terminal.lazy_group import LazyGroup

if TYPE_CHECKING:
    from assistant.app import App
    from assistant.plugins.manager import PluginManager
    from assistant.settings import Settings
    from assistant.terminal.opening import Screen

__all__ = ["OpenGroup", "PluginApp", "load_plugins"]

T = TypeVar("T")
Work = Callable[[Services], Coroutine[Any, Any, T]]


def load_plugins(settings: Settings | None = None) -> PluginManager:
    """The plugins, loaded but without services: for their commands, and to list them."""
    from assistant.bus import Bus
    from assistant.plugins.manager import PluginManager
    from assistant.settings import load_settings

    plugins = PluginManager(settings or load_settings(), Bus())
    plugins.load()
    return plugins


class PluginApp:
    """The `CommandContext` of a plugin's command: uses the assistant that runs on another thread's loop, or opens one.

    Args:
        running: the assistant and its loop, in a conversation; None on the command line.
    """

    def __init__(self, plugin: str, running: tuple[App, asyncio.AbstractEventLoop] | None = None) -> None:
        self._plugin, self._running = plugin, running

    def run(self, work: Work[T]) -> T:
        """See `CommandContext.run`."""

        async def services(app: App) -> Services:
            return app.services_for(self._plugin)

        if self._running is not None:
            app, loop = self._running
            return asyncio.run(work(asyncio.run_coroutine_threadsafe(services(app), loop).result()))
        from assistant.terminal.opening import run_with_app

        async def opened(app: App, screen: Screen) -> T:
            return await asyncio.to_thread(asyncio.run, work(await services(app)))

        return run_with_app(opened, ())


class OpenGroup(LazyGroup):
    """A built-in group that takes in the commands of every plugin's group of the same name."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Its own command of that name, else a plugin's, else None."""
        if cmd_name in self.table or cmd_name.startswith("-"):
            return super().get_command(ctx, cmd_name)
        plugin, command = self._joined().get(cmd_name, ("", None))
        ctx.obj = PluginApp(plugin)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List its own commands from the table, then those of plugins."""
        super().format_commands(ctx, formatter)
        joined = self._joined()
        if joined:
            with formatter.section("From plugins"):
                formatter.write_dl([(name, each.get_short_help_str(100)) for name, (_, each) in sorted(joined.items())])

    def _joined(self) -> dict[str, tuple[str, click.Command]]:
        """Name → plugin and command."""
        return {
            name: (plugin, command)
            for plugin, group in load_plugins().commands
            if isinstance(group, click.Group) and group.name == self.name
            for name, command in group.commands.items()
        }
