"""``assistant replay``: a past conversation, run through today's models and plugins."""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from assistant.errors import InputError
from assistant.settings import data_dir, load_settings
from assistant.terminal.render import printable

if TYPE_CHECKING:
    from assistant.evaluation.replay import Replayed

__all__ = ["replay"]


@click.command()
@click.argument("session")
@click.option("--diff", "differing", is_flag=True, help="Show only the turns whose result differs, and the difference.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def replay(session: str, differing: bool, as_json: bool) -> None:
    """Run a past conversation through today's models and plugins, and show what changed.

    It runs on copies of your data; what a plugin did then (a ticket, a return) is not repeated.
    """
    with contextlib.redirect_stdout(sys.stderr):  # what plugins print
        replayed = asyncio.run(_replay(session))
    changed = sum(bool(each.changed) for each in replayed)
    if as_json:
        turns = [each.to_json() for each in replayed if each.changed or not differing]
        click.echo(json.dumps({"session": session, "changed": changed, "turns": turns}, ensure_ascii=False, indent=2))
        return
    for each in replayed:
        if each.changed or not differing:
            click.echo("\n".join(_lines(each)) + "\n")
    click.echo(f"{changed} of {len(replayed)} turns came out differently.")


async def _replay(session: str) -> Sequence[Replayed]:
    from assistant.app import App
    from assistant.evaluation.replay import replay_turns, scratch_home
    from assistant.storage import Attachments, Database, DialogueLog, History

    database = Database(load_settings().storage_url)
    attachments = Attachments(data_dir() / "attachments")
    try:
        turns = [turn for turn in History(database).turns(session) if turn.status == "answered"]
        stories = DialogueLog(database).story(session)
    finally:
        database.close()
    if not turns:
        raise InputError(f"There is no session {session}; `assistant history list` lists all.")
    with scratch_home(stories) as settings:
        app = await App.open(settings)
        try:
            return await replay_turns(turns, attachments, stories, app)
        finally:
            await app.close()


def _lines(each: Replayed) -> list[str]:
    then = each.then
    said = " ".join(part for part in (then.transcript or "", then.text) if part) or "(no words)"
    lines = [f"> {printable(said)}", *(f"  ! {line}" for line in each.missing)]
    before, now = f"{then.intent} {then.confidence:.2f}", f"{each.intent} {each.confidence:.2f}"
    same = then.intent == each.intent
    lines.append(f"  {before} → {now}" if not same or before != now else f"  {now}")
    if "reply" not in each.changed:
        return [*lines, "  the same reply"]
    compared = difflib.ndiff(printable(then.reply).splitlines(), printable(each.reply).splitlines())
    return lines + [f"  {line}" for line in compared if line[0] in "+-"]
