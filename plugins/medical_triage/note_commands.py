"""``assistant triage notes``: to read, print, check and delete them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import CommandContext, Services, UserError

from .note_page import page, spoken
from .notes import Notes

if TYPE_CHECKING:
    import click

__all__ = ["note_commands", "write_page"]


def write_page(path: Path, notes: list[dict[str, Any]]) -> None:
    """Write a page that only its owner may read.

    Raises:
        UserError: it cannot be written there.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(page(notes))
    except OSError as error:
        raise UserError(f"Cannot write {path}: {error.strerror}") from error


def note_commands() -> click.Group:
    """The group ``notes``."""
    import click  # the command line is not needed to answer

    @click.group(invoke_without_command=True)
    @click.option("--session", default="", help="Only the notes of this session.")
    @click.option("--json", "as_json", is_flag=True, help="Print JSON, complete.")
    @click.option(
        "--print",
        "place",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write the notes to this file as a page for printing.",
    )
    @click.pass_context
    def notes(context: click.Context, session: str, as_json: bool, place: Path | None) -> None:
        """Read, print, check and delete triage notes."""
        if context.invoked_subcommand:
            return
        found = _run(context.obj, lambda kept: kept.all(session))
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False, indent=2))
        elif place:
            write_page(place, found)
            click.echo(f"{len(found)} notes are in {place}, ready to be printed.")
        else:
            click.echo("\n".join(f"{n['at']}  {n['session']}  {spoken(n)}" for n in found) or "No notes.")

    @notes.command()
    @click.pass_obj
    def verify(context: CommandContext) -> None:
        """Say whether any note was changed, added or removed since it was written."""
        wrong: list[str] = _run(context, lambda kept: kept.verify())
        if wrong:
            raise UserError(" ".join(wrong))
        click.echo("Every note is as it was written.")

    @notes.command()
    @click.option("--session", default="", help="Only the notes of this session.")
    @click.option("--all", "everything", is_flag=True, help="Delete all notes.")
    @click.pass_obj
    def delete(context: CommandContext, session: str, everything: bool) -> None:
        """Delete notes for good; the journal keeps only that there were some, and stays verifiable."""
        if bool(session) == everything:
            raise click.UsageError("Name a session, or give --all.")
        click.echo(f"{_run(context, lambda kept: kept.delete(session=session))} notes are deleted.")

    return notes


def _run(context: CommandContext, work: Any) -> Any:
    async def opened(services: Services) -> Any:
        return work(Notes(services.data_dir))

    return context.run(opened)
