"""``assistant replay``: a past conversation, run through today's models and plugins.

The real storage is only read. Plugins work on copies of what they keep, and a side effect that was recorded is not
repeated: its recorded result is given instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import json
import os
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assistant.errors import InputError, StorageError
from assistant.settings import Settings, cache_dir, config_dir, data_dir, load_settings
from assistant.terminal.render import printable
from assistant.types import AudioClip, Picture, Turn, TurnResult

if TYPE_CHECKING:
    from assistant.storage import Attachments, DialogueStory, StoredTurn

__all__ = ["Replayed", "remembered_effects", "replay", "replay_turns", "scratch_home", "turn_again"]

PICTURE = re.compile(r"'\$(?:picture|clip)': '([0-9a-f]{64})'")


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


@dataclass(frozen=True)
class Replayed:
    """One turn then and now."""

    then: StoredTurn
    intent: str
    confidence: float
    """0 to 1"""
    outcome: str
    reply: str
    missing: tuple[str, ...] = ()
    """turns that could not be repeated, one line each"""

    @property
    def changed(self) -> tuple[str, ...]:
        """Which of intent, outcome and reply are not as they were."""
        pairs = {
            "intent": (self.then.intent, self.intent),
            "outcome": (self.then.outcome, self.outcome),
            "reply": (self.then.reply, self.reply),
        }
        return tuple(name for name, (before, now) in pairs.items() if before != now)

    def to_json(self) -> dict[str, Any]:
        """Then and now as plain values."""
        then = self.then
        told = {"intent": then.intent, "confidence": then.confidence, "outcome": then.outcome, "reply": then.reply}
        now = {"intent": self.intent, "confidence": self.confidence, "outcome": self.outcome, "reply": self.reply}
        said = " ".join(part for part in (then.transcript or "", then.text) if part)
        changed, missing = list(self.changed), list(self.missing)
        return {"turn": then.id, "said": said, "then": told, "now": now, "changed": changed, "missing": missing}


def turn_again(stored: StoredTurn, attachments: Attachments) -> tuple[Turn, list[str]]:
    """The turn as it came in, and which parts of it are missing. A transcript replaces a missing recording."""
    missing: list[str] = []

    def kept(get: Callable[[str], Any], digest: str) -> Any:
        try:
            return get(digest)
        except StorageError as error:
            missing.append(str(error))
            return None

    images: list[Picture] = [p for digest in stored.images if (p := kept(attachments.get_picture, digest))]
    clip: AudioClip | None = kept(attachments.get_clip, stored.audio) if stored.audio else None
    heard = stored.transcript or "" if clip is None else ""
    text = " ".join(part for part in (heard, stored.text) if part)
    return Turn(stored.session, text, clip, tuple(images), at=stored.at), missing


def remembered_effects(stories: Sequence[DialogueStory]) -> Callable[[str], Sequence[Mapping[str, Any]]]:
    """For `DialogueManager.effects_known`: the n-th dialogue of an intent had the effects that its n-th one had."""
    waiting: dict[str, Iterator[DialogueStory]] = {}
    by_intent: dict[str, list[DialogueStory]] = defaultdict(list)
    for story in stories:
        by_intent[story.intent].append(story)

    def known(intent: str) -> Sequence[Mapping[str, Any]]:
        story = next(waiting.setdefault(intent, iter(by_intent[intent])), None)
        return story.effects if story else ()

    return known


@contextmanager
def scratch_home(stories: Sequence[DialogueStory]) -> Iterator[Settings]:
    """A home beside the real one for as long as the block runs: its settings, copies of what plugins keep and of the
    pictures of the recorded effects, no history.
    """
    before, real = os.environ.get("ASSISTANT_HOME"), data_dir()
    settings = load_settings()
    with tempfile.TemporaryDirectory(prefix="assistant-replay-") as name:
        home = Path(name)
        for folder, there in (("config", config_dir()), ("cache", cache_dir())):
            if there.is_dir():
                (home / folder).symlink_to(there.absolute())
        (home / "data").mkdir(mode=0o700)
        if (real / "plugins").is_dir():
            shutil.copytree(real / "plugins", home / "data" / "plugins")
        for digest in PICTURE.findall(str([story.effects for story in stories])):
            for kept in (real / "attachments" / digest[:2]).glob(f"{digest}.*"):
                target = home / "data" / "attachments" / digest[:2]
                target.mkdir(parents=True, exist_ok=True)
                shutil.copy2(kept, target)
        os.environ["ASSISTANT_HOME"] = name
        try:
            storage = settings.storage.model_copy(update={"url": f"sqlite:///{home / 'data' / 'assistant.sqlite3'}"})
            yield settings.model_copy(update={"storage": storage})
        finally:
            os.environ.pop("ASSISTANT_HOME") if before is None else os.environ.update(ASSISTANT_HOME=before)


async def replay_turns(
    turns: Sequence[StoredTurn], attachments: Attachments, stories: Sequence[DialogueStory], app: Any
) -> list[Replayed]:
    """Answer every turn again, in order, with an `App` that was opened in a `scratch_home`."""
    app.dialogues.effects_known = remembered_effects(stories)
    replayed = []
    for stored in turns:
        turn, missing = turn_again(stored, attachments)
        result: TurnResult = await app.respond(turn)
        decision = result.decision
        now = (decision.intent, round(decision.confidence, 4), decision.outcome, result.reply.text)
        replayed.append(Replayed(stored, *now, tuple(missing)))
    return replayed
