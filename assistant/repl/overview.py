"""What the plugins offer, as the prompt shows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

    from assistant.app import App

__all__ = ["failing_plugins", "phrases", "plugin_commands", "without_slots"]


def without_slots(example: str) -> str:
    """An example with "…" for each value that is the user's to say."""
    return re.sub(r"\{\w+\}", "…", example)


def plugin_commands(app: App | None) -> dict[str, tuple[str, click.Command]]:
    """Name → plugin and command; the first plugin's, where two have the same."""
    from assistant.terminal.command_table import (
        COMMANDS,  # a group that joins a built-in one is a matter of the command line
    )

    commands = reversed(app.plugins.commands) if app else ()
    return {
        command.name: (plugin, command) for plugin, command in commands if command.name and command.name not in COMMANDS
    }


def phrases(app: App | None) -> list[str]:
    """Example phrases of all intents."""
    return [phrase for intent in app.plugins.intents for phrase in intent.examples] if app else []


def failing_plugins(app: App) -> tuple[int, tuple[str, ...]]:
    """How many plugins work, and the names of those that do not."""
    infos = app.plugins.infos
    failing = tuple(info.name for info in infos if info.status in ("failed", "resting"))
    return sum(info.status == "active" for info in infos), failing
