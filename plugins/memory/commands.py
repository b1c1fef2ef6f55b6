"""``assistant memory`` and ``/memory``: the facts remembered about the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant import CommandContext, Services, UserError

from .health import WEIGHTS, fit
from .telling import told

if TYPE_CHECKING:
    import click

__all__ = ["add_commands"]


def add_commands(register: Callable[[click.Command], None]) -> None:
    """Add the group ``memory``."""
    import click  # the command line is not needed to answer

    @click.group(invoke_without_command=True)
    @click.pass_context
    def memory(context: click.Context) -> None:
        """Show what you told the assistant about yourself."""
        if context.invoked_subcommand:
            return
        facts = context.obj.run(_facts)
        lines = [f"{key}: {told(key, value, 'en')}" for key, value in facts.items()]
        click.echo("\n".join(lines) or "Nothing is kept about you, or memory is off (the setting memory.enabled).")

    @memory.command("forget")
    @click.argument("keys", nargs=-1)
    @click.option("--all", "everything", is_flag=True, help="Forget all facts.")
    @click.pass_obj
    def forget_facts(context: CommandContext, keys: tuple[str, ...], everything: bool) -> None:
        """Forget facts by their KEYS, as `assistant memory` lists them."""
        if bool(keys) == everything:
            raise click.UsageError("Name the keys, or give --all.")

        async def forgotten(services: Services) -> int:
            known = await services.remembered()
            if missing := [key for key in keys if key not in known]:
                raise UserError(f"No fact is called {missing[0]}; `assistant memory` lists all.")
            return await services.forget(list(keys or known))

        click.echo(f"Forgotten: {context.run(forgotten)}.")

    @memory.command("fit")
    @click.pass_obj
    def fit_health(context: CommandContext) -> None:
        """Fit the classifier of health statements; source checkout only."""
        heard, others = context.run(fit)
        click.echo(
            f"{WEIGHTS} is written. Taken to be about health: {heard:.1%} of those that are, {others:.1%} of others."
        )

    register(memory)


async def _facts(services: Services) -> dict[str, str]:
    return await services.remembered()
