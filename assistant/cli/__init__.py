"""The command line. Each command's module is imported only when that command runs."""

from __future__ import annotations

import difflib
import importlib
import sys
from typing import Any

import click

from assistant import __version__
from assistant.cli.boundary import error_boundary, leave

__all__ = ["COMMANDS", "LazyGroup", "main", "plugin_command"]

COMMANDS: dict[str, tuple[str, str]] = {
    "ask": ("assistant.cli.ask:ask", "Ask one question, with pictures and a recording if you like."),
    "transcribe": ("assistant.cli.transcribe:transcribe", "Write down what is said in recordings."),
    "history": ("assistant.cli.history:history", "Look at past conversations."),
    "replay": ("assistant.cli.replay:replay", "Run a past conversation through today's models and plugins."),
    "models": ("assistant.cli.models:models", "List, fetch and check the models."),
    "plugins": ("assistant.cli.plugins:plugins", "List, check and start plugins."),
    "config": ("assistant.cli.config:config", "Show the settings and where they come from."),
    "doctor": ("assistant.cli.doctor:doctor", "Check that everything works, and say how to mend what does not."),
    "train": (
        "assistant.cli.train:train",
        "Train the fusion: the shared space, the picture detectors and the three strategies.",
    ),
    "evaluate": ("assistant.cli.evaluate:evaluate", "Measure how good the assistant is."),
    "bench": ("assistant.cli.bench:bench", "Measure how fast the assistant is."),
}
"""name → (module:attribute, one-line help), so that ``--help`` imports none of them"""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only when it is run.

    A name it does not know is looked for among the commands of plugins.
    """

    def main(self, args: Any = None, *rest: Any, **options: Any) -> Any:
        """As click does; when it is the process's own command line, nothing that still runs is waited for."""
        try:
            return super().main(args, *rest, **options)
        except SystemExit as end:
            if args is None:
                leave(end.code if isinstance(end.code, int) else int(end.code is not None))
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in `COMMANDS`, in order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name][0].partition(":")
            command = getattr(importlib.import_module(module), attribute)
            assert isinstance(command, click.Command)
            return command
        return None if cmd_name.startswith("-") else plugin_command(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a "did you mean"."""
        command = self.get_command(ctx, args[0])
        if command is None and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]}?" if near else " To ask something, use: assistant ask TEXT"
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}", ctx)
        return (args[0], command, args[1:]) if command else super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, importing none."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command inside the error boundary."""
        from assistant.cli.boundary import configure_logging

        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal without UTF-8 must not end a conversation
        with error_boundary():
            configure_logging()
            return super().invoke(ctx)


def plugin_command(name: str) -> click.Command | None:
    """The command that a plugin registered under a name, or None."""
    from assistant.bus import Bus
    from assistant.plugins import PluginManager
    from assistant.settings import load_settings

    plugins = PluginManager(load_settings(), Bus())
    plugins.load()
    return next((command for command in plugins.commands if command.name == name), None)


@click.command(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--session", default="default", show_default=True, help="Conversation to go on with.")
@click.version_option(__version__, prog_name="assistant")
@click.pass_context
def main(ctx: click.Context, session: str) -> None:
    """A local-first assistant that listens, looks and reads.

    Without a command it opens a conversation.
    """
    if ctx.invoked_subcommand is None:
        from assistant.repl import run

        ctx.exit(run(session))
