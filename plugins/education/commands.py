"""``assistant course``: add folders, and see what could be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from assistant import CommandContext, Services

from .course import lessons
from .course_folders import add_folder, folders, remove_folder
from .indexing import Index, build_index

if TYPE_CHECKING:
    import click

__all__ = ["add_commands", "overview"]


def add_commands(register: Callable[[click.Command], None]) -> None:
    """Add the command ``course``."""
    import click  # the command line is not needed to answer

    @click.group()
    def course() -> None:
        """Add your course folders, and list their files."""

    @course.command()
    @click.argument("folder", type=click.Path(path_type=Path))
    @click.pass_obj
    def add(context: CommandContext, folder: Path) -> None:
        """Add a folder and read all of its files.

        Markdown, PDF, pictures and recordings.
        """
        place = folder.expanduser().resolve()

        async def work(services: Services) -> str:
            add_folder(services, place)
            return await _described([place], services)

        click.echo(context.run(work))

    @course.command("list")
    @click.pass_obj
    def list_courses(context: CommandContext) -> None:
        """List the folders, and their unread files with reasons."""

        async def work(services: Services) -> str:
            return "\n".join([await _described([folder], services) for folder in folders(services)])

        click.echo(context.run(work))

    @course.command()
    @click.argument("folder", type=click.Path(path_type=Path))
    @click.pass_obj
    def remove(context: CommandContext, folder: Path) -> None:
        """Forget a folder; its files stay as they are."""
        place = folder.expanduser().resolve()

        async def work(services: Services) -> None:
            remove_folder(services, place)

        context.run(work)
        click.echo(f"{place} is no longer one of your courses.")

    async def _described(places: list[Path], services: Services) -> str:
        index = await build_index(places, services, told=lambda line: click.echo(line, err=True))
        titles = [each.title for each in lessons(services) if any((place / each.source).is_file() for place in places)]
        return overview(places[0], titles, index)

    register(course)


def overview(folder: Path, titles: list[str], index: Index) -> str:
    """Returns the contents of a course as text for the terminal."""
    files: dict[str, int] = {}
    for passage in index.passages:
        files[passage.file] = files.get(passage.file, 0) + 1
    counted = f"{len(titles)} lesson{'s' * (len(titles) != 1)} in Markdown"
    lines = [str(folder), f"  {': '.join(filter(None, (counted, ', '.join(titles))))}"]
    lines += [f"  {file}: {count} passage{'s' * (count != 1)}" for file, count in files.items()]
    lines += [f"  {file}: not read, {reason}" for file, reason in index.problems]
    return "\n".join(lines)
