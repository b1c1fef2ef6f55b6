"""The command line. Each command's module is imported only when that command runs."""

from __future__ import annotations

import gc
import sys
from typing import Any

import click

from assistant import __version__
from assistant.terminal.error_boundary import configure_logging, error_boundary, leave, settle
from assistant.terminal.lazy_group import COMMANDS, LazyGroup

__all__ = ["AssistantGroup", "main"]


class AssistantGroup(LazyGroup):
    """The commands of `COMMANDS`; a name it does not know is looked for among the commands of plugins."""

    _own_process = False
    """whether the process was started for this command line"""

    def main(self, args: Any = None, *rest: Any, **options: Any) -> Any:
        """Run a command line; the process's own exits without waiting for running threads."""
        self._own_process = args is None
        if self._own_process:
            settle()
        gc.set_threshold(300_000)  # objects made at the start stay; collecting them wastes time
        try:
            return super().main(args, *rest, **options)
        except SystemExit as end:
            if self._own_process and isinstance(end.code, int | None):
                leave(end.code or 0)
            raise

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, ours or a plugin's, or None."""
        command = super().get_command(ctx, cmd_name)
        return command if command or cmd_name.startswith("-") else _plugin_command(cmd_name, ctx)

    def advice(self) -> str:
        """Advice on how to ask a question, for the error."""
        return "To ask something, use: assistant ask TEXT"

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command inside the error boundary."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")  # a terminal without UTF-8 must not end a conversation
        with error_boundary():
            configure_logging()
            return super().invoke(ctx)


def _plugin_command(name: str, ctx: click.Context) -> click.Command | None:
    from assistant.terminal.plugin_commands import PluginApp, load_plugins

    plugins = load_plugins()
    for plugin, command in plugins.commands:
        if command.name == name:
            ctx.obj = PluginApp(plugin)
            return command
    for info in plugins.infos:
        for note in info.notes:
            if note.startswith("register_commands"):  # which may have held it
                click.echo(f"Plugin {info.name}: {note}", err=True)
    return None


@click.command(
    cls=AssistantGroup,
    table=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option("--session", default="default", show_default=True, help="Conversation to continue.")
@click.option(
    "--verbose", "-v", is_flag=True, help="Show below each reply what decided it, and the time of each stage."
)
@click.version_option(__version__, prog_name="assistant")
@click.pass_context
def main(ctx: click.Context, session: str, verbose: bool) -> None:
    """A local-first assistant that listens, looks and reads.

    Without a command it opens a conversation.
    """
    if ctx.invoked_subcommand is None:
        from assistant.repl import run

        ctx.exit(run(session, detailed=verbose))
