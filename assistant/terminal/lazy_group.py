"""Groups of commands whose modules are imported only when one of their commands runs."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["COMMANDS", "CommandTable", "LazyGroup"]

CommandTable = Mapping[str, tuple[str, str]]
"""name → (module:attribute, one-line help), so that ``--help`` imports none of them"""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is run.

    A new command is one line in its group's table, in the order of the help, and a module of its own.
    """

    def __init__(self, *args: Any, table: CommandTable, **options: Any) -> None:
        super().__init__(*args, **options)
        self.table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the table, in order."""
        return list(self.table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in self.table:
            return None
        module, _, attribute = self.table[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a "did you mean"."""
        command = self.get_command(ctx, args[0])
        if command is None and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.table, n=1)
            hint = f"Did you mean {near[0]}?" if near else self.advice()
            raise click.UsageError(f"There is no command {args[0]!r}. {hint}", ctx)
        return (args[0], command, args[1:]) if command else super().resolve_command(ctx, args)

    def advice(self) -> str:
        """A sentence for those who name a command that resembles none."""
        return f"There are: {', '.join(self.table)}."

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands that begin so, from the table, and the options; imports none of them."""
        from click.shell_completion import CompletionItem

        named = [
            CompletionItem(name, help=text) for name, (_, text) in self.table.items() if name.startswith(incomplete)
        ]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, importing none."""
        if not self.table:
            return
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in self.table.items()])


COMMANDS: CommandTable = {
    "ask": ("assistant.cli.ask:ask", "Ask one question, with pictures and a recording if you like."),
    "explain": (
        "assistant.cli.explain:explain",
        "Show which words, parts of a picture and moments of sound decided.",
    ),
    "transcribe": ("assistant.cli.transcribe:transcribe", "Transcribe recordings."),
    "listen": ("assistant.cli.listen:listen", "Listen for the wake word and answer aloud, until Ctrl-C."),
    "wake": ("assistant.cli.wake:wake", "List the wake words, try them on recordings, and enroll your voice."),
    "service": ("assistant.cli.service:service", "Run the voice assistant in the background, from login on."),
    "web": ("assistant.cli.web:web", "Open the web page: talk, type, show pictures."),
    "serve": ("assistant.cli.serve:serve", "Answer other programs over HTTP: text, pictures, recordings."),
    "mcp": ("assistant.cli.mcp:mcp", "Offer the plugins' abilities over MCP, to a program or over HTTP."),
    "wyoming": ("assistant.cli.wyoming:wyoming", "Answer Home Assistant and satellites over the Wyoming protocol."),
    "record": ("assistant.cli.listen:record", "Listen, and record the session for replay."),
    "library": ("assistant.cli.library:library", "Find files by meaning: add folders, search them."),
    "history": ("assistant.cli.history:history", "List, search, export and delete past conversations."),
    "replay": (
        "assistant.cli.replay:replay",
        "Run a past conversation through today's models and plugins, and show what changed.",
    ),
    "models": ("assistant.cli.models:models", "List, fetch and check the models."),
    "languages": ("assistant.cli.languages:languages", "Show which languages are understood, and how well."),
    "plugins": ("assistant.cli.plugins:plugins", "List, check and start plugins."),
    "config": ("assistant.cli.config:config", "Show the settings and their sources."),
    "completion": (
        "assistant.cli.completion:completion",
        "Print the completion script of a shell: bash, zsh or fish.",
    ),
    "doctor": ("assistant.cli.doctor:doctor", "Check every part, and say how to fix what fails."),
    "train": (
        "assistant.cli.train:train",
        "Train the fusion: the shared space, the shipped plugins' picture kinds and the three strategies.",
    ),
    "evaluate": ("assistant.cli.evaluate:evaluate", "Measure how good the assistant is."),
    "bench": ("assistant.cli.bench:bench", "Measure how fast the assistant is."),
}
