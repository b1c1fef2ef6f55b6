"""Undoes the last answer of the clock: removes what it set, restores what it changed or cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from assistant import Reply
from assistant.outputs.schedule import Scheduled
from assistant.understanding.entities import Recurrence

from .kept import LOOKED_BACK, Visit, described, rings_note, snapshot

__all__ = ["taken_back"]


async def taken_back(at: Visit) -> Reply | None:
    """The answer to "undo": what the last answer set is gone, what it changed or cancelled is as it was."""
    saved: list[Mapping[str, Any]] = []
    for last in reversed(await at.services.conversation(at.turn.session, LOOKED_BACK)):
        parts = [last.data, *last.data.get("parts", ())]
        undone = [part.get("undo") for part in parts if isinstance(part, Mapping)]
        saved = saved or [each for entries in undone if isinstance(entries, list) for each in entries]
    if not saved:
        return None
    now = {each.key: each for each in await at.kept()}
    lines, kept = [], []
    for each in saved:
        if "text" in each:
            kept.append(await _restored(at, each))
            lines.append(at.say("again_as_before", what=described(kept[-1], at)))
        elif (entry := now.get(str(each["key"]))) is not None:
            lines.append(at.say("cancelled", what=described(entry, at)))
            await at.services.unschedule([entry.key])
    undo = [snapshot(now[key]) if key in now else {"key": key} for key in (str(each["key"]) for each in saved)]
    text = "\n".join(lines) or at.say("nothing_set")
    return rings_note(at, kept, text, moved=[each.key for each in kept], undo=undo)


async def _restored(at: Visit, saved: Mapping[str, Any]) -> Scheduled:
    reply = Reply(str(saved["text"]), data=dict(saved["data"]))
    due = datetime.fromisoformat(saved["due"]) if saved["due"] else None
    values: dict[str, Any] = {"session": at.turn.session, "key": saved["key"], "insistent": bool(saved["insistent"])}
    if saved["repeat"] and due is not None:
        unit, every, days = saved["repeat"]
        start = due.replace(tzinfo=None)
        return await at.services.every(Recurrence(unit, every, tuple(days)), reply, start=start, **values)
    return await at.services.at(due, reply, **values)
