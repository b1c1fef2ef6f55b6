"""``assistant completion``: the shell completes commands and options."""

from __future__ import annotations

import click

__all__: list[str] = []


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell: bash, zsh or fish.

    To use it, write it to a file that the shell reads, such as
    `assistant completion fish > ~/.config/fish/completions/assistant.fish`.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(ctx.find_root().command, {}, "assistant", "_ASSISTANT_COMPLETE").source())
