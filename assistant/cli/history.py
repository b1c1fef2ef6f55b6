"""``assistant history``: past conversations."""

from __future__ import annotations

import difflib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assistant.errors import InputError
from assistant.settings import data_dir, load_settings
from assistant.terminal.render import draw_turns, make_console, printable, show_turns, write_svg

if TYPE_CHECKING:
    from datetime import datetime

    from assistant.storage import History, StoredTurn

__all__ = ["history"]


@click.group()
def history() -> None:
    """List, search, export and delete past conversations."""


@contextmanager
def _opened() -> Iterator[History]:
    from assistant.storage import Attachments, Database, History

    with closing(Database(load_settings().storage_url)) as database:
        yield History(database, Attachments(data_dir() / "attachments"))


@history.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_sessions(as_json: bool) -> None:
    """List the sessions, the latest first."""
    with _opened() as stored:
        sessions = stored.sessions()
    if as_json:
        click.echo(json.dumps([asdict(session) for session in sessions], ensure_ascii=False, indent=2))
        return
    if not sessions:
        click.echo("No conversations yet.")
    width = max((len(session.session) for session in sessions), default=0)
    for session in sessions:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.last_at))
        turns = f"{session.turns} turn{'s' * (session.turns != 1)}"
        last = printable(session.last_text).replace("\n", " ")
        click.echo(f"{session.session:<{width}}  {when}  {turns:>9}  {last[:60]}")


@history.command()
@click.argument("session")
@click.option("--last", type=click.IntRange(1), help="Number of latest turns to show; by default all.")
@click.option(
    "--svg", type=click.Path(dir_okay=False, path_type=Path), help="Write them as a drawing to this SVG file."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(session: str, last: int | None, svg: Path | None, as_json: bool) -> None:
    """Show a session's turns, and how long each stage took."""
    with _opened() as stored:
        turns = stored.turns(session, last) or _missing(stored, session)
    if svg is not None:
        write_svg(draw_turns(turns, title="assistant"), svg)
        click.echo(f"{len(turns)} turn{'s' * (len(turns) != 1)} drawn in {svg}.")
        return
    _show(turns, as_json, stages=True)


def _missing(stored: History, session: str) -> list[StoredTurn]:
    near = difflib.get_close_matches(session, [summary.session for summary in stored.sessions()], n=1)
    hint = f"did you mean {near[0]}?" if near else "`assistant history list` lists all."
    raise InputError(f"There is no session {session}; {hint}")


@history.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="Maximum number of turns.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def search(words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find the turns that hold all of these WORDS, the latest first."""
    with _opened() as stored:
        turns = stored.search(" ".join(words), limit)
    if not turns and not as_json:
        click.echo("Nothing was said with these words.")
    _show(turns, as_json, sessions=True)


def _show(turns: Sequence[StoredTurn], as_json: bool, **shown: bool) -> None:
    if as_json:
        click.echo(json.dumps([turn.to_json() for turn in turns], ensure_ascii=False, indent=2))
    else:
        show_turns(turns, make_console(), **shown)


@history.command()
@click.argument("sessions", nargs=-1)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write; by default the screen.")
def export(sessions: tuple[str, ...], out: Path | None) -> None:
    """Write turns as JSON lines, oldest first.

    Writes the turns of the SESSIONS named, or all turns.
    """
    from assistant.folders import write_private

    with _opened() as stored:
        names = sessions or tuple(summary.session for summary in reversed(stored.sessions()))
        turns = [turn for name in names for turn in stored.turns(name) or _missing(stored, name)]
    lines = "".join(f"{json.dumps(turn.to_json(), ensure_ascii=False)}\n" for turn in turns)
    if out is None:
        click.echo(lines, nl=False)
        return
    write_private(out, lambda file: file.write(lines.encode("utf-8")))
    click.echo(f"{_turns(len(turns))} in {out}.")


def _turns(number: int) -> str:
    return f"{number} turn{'s are' if number != 1 else ' is'}"


@history.command()
@click.argument("sessions", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Delete all sessions.")
@click.option(
    "--before", type=click.DateTime(["%Y-%m-%d"]), help="Delete sessions whose last turn was before this day."
)
@click.option("--yes", is_flag=True, help="Delete without asking for confirmation.")
def delete(sessions: tuple[str, ...], everything: bool, before: datetime | None, yes: bool) -> None:
    """Delete SESSIONS for good: their turns, pictures and recordings. Data of plugins stay."""
    if bool(sessions) + everything + (before is not None) != 1:
        raise click.UsageError("Name the sessions, or give --all or --before YYYY-MM-DD.")
    with _opened() as stored:
        known = stored.sessions()
        for name in sessions:
            if name not in {summary.session for summary in known}:
                _missing(stored, name)
        first = before.timestamp() if before else float("inf")
        chosen = [each for each in known if each.session in sessions or (not sessions and each.last_at < first)]
        if not chosen:
            click.echo("There is nothing to delete.")
            return
        if not yes:
            named = ", ".join(each.session for each in chosen[:5]) + (", …" if len(chosen) > 5 else "")
            question = f"Delete {sum(each.turns for each in chosen)} turns for good ({named})?"
            if not sys.stdin.isatty():
                raise InputError(f"{question} Say so with --yes; nothing was deleted.")
            click.confirm(question, abort=True)
        click.echo(f"{_turns(sum(stored.forget(each.session) for each in chosen))} deleted.")
