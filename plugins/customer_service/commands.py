"""``assistant shop`` and ``assistant evaluate receipts``."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from assistant import CommandContext, Services, UserError

from .backend import open_backend
from .measuring import measure_receipts
from .store import Store

if TYPE_CHECKING:
    import click

__all__ = ["add_commands"]


def add_commands(register: Callable[[click.Command], None]) -> None:
    """Add the group ``shop``, and ``receipts`` to ``evaluate``."""
    register(_shop())
    register(_evaluate())


def _shop() -> click.Group:
    import click  # the command line is not needed to answer

    @click.group()
    def shop() -> None:
        """Fill the demo shop, and list its orders and tickets."""

    @shop.command()
    @click.option("--yes", is_flag=True, help="Replace existing orders without asking.")
    @click.pass_obj
    def demo(context: CommandContext, yes: bool) -> None:
        """Replace the shop's contents by demo orders."""
        if not yes:
            click.confirm("This replaces all orders and tickets of the shop. Go on?", abort=True)
        count = context.run(_fill)
        click.echo(f'The shop now has {count} demo orders. Try: assistant ask "where is my order A1001"')

    @shop.command()
    @click.pass_obj
    def orders(context: CommandContext) -> None:
        """List the orders."""
        click.echo("\n".join(context.run(_orders)))

    @shop.command()
    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @click.pass_obj
    def tickets(context: CommandContext, as_json: bool) -> None:
        """List the tickets that wait for a person, newest first."""
        found = context.run(_tickets)
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False, indent=2))
            return
        for each in found:
            click.echo(f"{each['number']}  {each['opened']}  {each['kind']}  {each['order_number']}".rstrip())
            click.echo("  " + "\n  ".join(filter(None, (each["words"], each["details"]))).replace("\n", "\n  "))
        if not found:
            click.echo("No tickets.")

    return shop


def _evaluate() -> click.Group:
    import click

    from assistant.terminal.report import Report, reported
    from assistant.terminal.steps import steps_shown

    from .drawing import PARTS, draw_receipts

    @click.group()
    def evaluate() -> None:
        """Measure how good the assistant is."""

    @evaluate.command()
    @click.argument("folder", type=click.Path(path_type=Path), required=False)
    @click.option("--drawn", type=click.Choice(PARTS), help="Use generated receipts of this part instead of a folder.")
    @click.option("--peers", is_flag=True, help="Also time RapidOCR with its defaults on the same receipts.")
    @click.pass_obj
    @reported
    def receipts(context: CommandContext, folder: Path | None, drawn: str | None, peers: bool) -> Report:
        """Measure the fields read on receipts, beside the share of receipts whose text holds the right value.

        FOLDER holds pictures and a manifest.csv with file, company, date and total.
        """
        if (folder is None) is (drawn is None):
            raise click.UsageError("Name a FOLDER of receipts, or --drawn and a part.")
        with steps_shown() as progress, tempfile.TemporaryDirectory(prefix="receipts-") as temporary:
            where = folder or Path(temporary)
            if drawn:
                draw_receipts(where, drawn)
            return context.run(lambda services: measure_receipts(where, services, progress, peers=peers)).report()

    return evaluate


async def _fill(services: Services) -> int:
    return (await _own(services)).fill(date.today())


async def _tickets(services: Services) -> list[dict[str, Any]]:
    return (await _own(services)).tickets()


async def _orders(services: Services) -> list[str]:
    return [order.listed("en") for order in open_backend(services, date.today()).orders("")]


async def _own(services: Services) -> Store:
    if services.options["adapter"]:
        raise UserError("The settings name an adapter for your own shop: fill and list it with its own tools.")
    return cast("Store", open_backend(services, date.today()))
