"""Runs a recorded session through today's models and plugins in a scratch home, and compares the results.

The real storage is only read. Plugins work on copies of what they keep, and a side effect that was recorded is not
repeated: its recorded result is given instead.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import StorageError
from assistant.evaluation.turn import changed
from assistant.settings import Settings, cache_dir, config_dir, data_dir, load_settings
from assistant.storage import Attachments, DialogueStory, StoredTurn
from assistant.types import AudioClip, Picture, Turn, TurnResult

__all__ = ["Replayed", "remembered_effects", "replay_turns", "scratch_home", "turn_again"]

PICTURE = re.compile(r"'\$(?:picture|clip)': '([0-9a-f]{64})'")


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
            url = f"sqlite:///{home / 'data' / 'assistant.sqlite3'}"
            yield changed(settings, storage={"url": url})
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
