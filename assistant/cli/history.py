"""``assistant history``: past conversations."""

from __future__ import annotations

import difflib
import json
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from assistant.errors import InputError
from assistant.settings import load_settings
from assistant.terminal.render import make_console, printable, show_turns

if TYPE_CHECKING:
    from assistant.storage import History

__all__ = ["history"]


@click.group()
def history() -> None:
    """Look at past conversations."""


@contextmanager
def _opened() -> Iterator[History]:
    from assistant.storage import Database, History

    with closing(Database(load_settings().storage_url)) as database:
        yield History(database)


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
@click.option("--last", type=click.IntRange(1), help="Show only the last so many turns.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(session: str, last: int | None, as_json: bool) -> None:
    """Show a session's turns, and how long each stage took."""
    with _opened() as stored:
        turns = stored.turns(session, last)
        known = [] if turns else [summary.session for summary in stored.sessions()]
    if not turns:
        near = difflib.get_close_matches(session, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "`assistant history list` shows those there are."
        raise InputError(f"There is no session {session}; {hint}")
    if as_json:
        click.echo(json.dumps([turn.to_json() for turn in turns], ensure_ascii=False, indent=2))
        return
    show_turns(turns, make_console(), stages=True)
