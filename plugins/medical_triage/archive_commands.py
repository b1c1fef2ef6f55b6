"""``assistant triage archive``: the pictures that others are compared with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from assistant import CommandContext, Services

from .archive import Added, PictureKind, add_folder, forget, held, measure_agreement

if TYPE_CHECKING:
    import click

__all__ = ["archive_commands"]

KINDS: dict[PictureKind, str] = {"skin": "skin photos", "xray": "X-rays"}


def archive_commands() -> click.Group:
    """The group ``archive``."""
    import click  # the command line is not needed to answer

    @click.group()
    def archive() -> None:
        """Keep your own pictures with confirmed findings, for comparison."""

    @archive.command()
    @click.argument("folder", type=click.Path(path_type=Path))
    @click.option("--labels", type=click.Path(path_type=Path), help="CSV table: file, finding, notes, case.")
    @click.option(
        "--kind", type=click.Choice(list(KINDS)), help="Kind of the pictures; by default grey ones count as X-rays."
    )
    @click.pass_obj
    def add(context: CommandContext, folder: Path, labels: Path | None, kind: PictureKind | None) -> None:
        """Add the pictures of a folder; without --labels, the folders they are in name their findings.

        The pictures stay where they are.
        """
        place = folder.expanduser().resolve()

        async def work(services: Services) -> Added:
            return await add_folder(
                services, place, labels, kind, lambda done, of: click.echo(f"{done} of {of} pictures", err=True)
            )

        added = context.run(work)
        click.echo(f"{added.pictures} pictures of {place} are in the archive, {added.changed} of them new or changed.")
        for name, reason in added.unread:
            click.echo(f"  {name}: left out, {reason}")

    @archive.command()
    @click.option("--check", is_flag=True, help="Also compare every picture with all others (slow).")
    @click.pass_obj
    def status(context: CommandContext, check: bool) -> None:
        """Say what is in the archive, and with --check how often similar pictures share their finding."""
        click.echo(context.run(lambda services: _status(services, check)))

    @archive.command()
    @click.argument("folder", type=click.Path(path_type=Path), required=False)
    @click.option("--all", "everything", is_flag=True, help="Remove every picture.")
    @click.pass_obj
    def remove(context: CommandContext, folder: Path | None, everything: bool) -> None:
        """Take the pictures of a folder out of the archive; the files stay as they are."""
        if (folder is None) != everything:
            raise click.UsageError("Name a folder, or give --all.")
        place = folder.expanduser().resolve() if folder else None
        click.echo(f"{context.run(lambda services: forget(services, place))} pictures left the archive.")

    return archive


async def _status(services: Services, check: bool) -> str:
    folders = await held(services)
    if not folders:
        return "The archive is empty: assistant triage archive add FOLDER"
    lines = [f"{count} pictures in {folder}" for folder, count in folders.items()]
    kinds: tuple[PictureKind, ...] = ("skin", "xray") if check else ()
    for kind in kinds:
        found = await measure_agreement(services, kind)
        if found.pictures:
            lines += [
                f"{KINDS[kind]}: {found.pictures} with {len(found.findings)} findings",
                (
                    f"  the nearest of another case has the same finding: {found.same / found.pictures:.1%} "
                    f"(by chance {found.chance:.1%})"
                ),
                (
                    f"  near enough to be named: {found.near / found.pictures:.1%}; of these the same finding: "
                    f"{found.near_same / max(1, found.near):.1%}"
                ),
            ]
    return "\n".join(lines)
