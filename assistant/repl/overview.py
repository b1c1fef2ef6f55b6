"""Lists what the plugins offer in the conversation: phrases, commands, and the first lines."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from assistant.language import language_of, say, screen_language

if TYPE_CHECKING:
    import click

    from assistant.app import App

__all__ = ["failing_plugins", "open_matters", "phrases", "plugin_commands", "welcome", "without_slots"]


def without_slots(example: str) -> str:
    """An example with "…" for each value that is the user's to say."""
    return re.sub(r"\{\w+\}", "…", example)


def plugin_commands(app: App | None) -> dict[str, tuple[str, click.Command]]:
    """Name → plugin and command; the first plugin's, where two have the same."""
    from assistant.terminal.lazy_group import (
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
    """Number of working plugins, and the names of the others."""
    infos = app.plugins.infos
    failing = tuple(info.name for info in infos if info.status in ("failed", "resting"))
    return sum(info.status == "active" for info in infos), failing


SHOWN = 3
"""sentences of as many plugins, others every day"""


def welcome(app: App, today: date | None = None) -> list[str]:
    """Three sentences to try, in the language of the user's terminal, and how to get help."""
    language = screen_language()
    offered = [
        [sentence for sentence in info.welcome if language_of(sentence) == language]
        for info in app.plugins.infos
        if info.status == "active"
    ]
    offered = [sentences for sentences in offered if sentences]
    day = (today or date.today()).toordinal()
    chosen = [offered[(day + at) % len(offered)] for at in range(min(SHOWN, len(offered)))]
    quoted = (say("quoted", language, words=each[day % len(each)]) for each in chosen)
    shown = say("welcome_between", language).join(quoted)
    return [*([say("welcome", language, examples=shown)] if shown else []), say("welcome_more", language)]


def open_matters(app: App, session: str) -> str:
    """Lists the unfinished matters of a session in one line; "" for none."""
    summaries = {intent.name: intent.summary.rstrip(".") for intent in app.plugins.intents}
    names = dict.fromkeys(app.dialogues.waiting.set_aside(session))
    left = [summaries[name] for name in names if name in summaries]
    if not left:
        return ""
    language = screen_language()
    return say("left_open", language, requests=say("semicolon", language).join(left))
