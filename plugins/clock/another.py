"""One more of what was set last, at another time: "and at 8 am too", 提前一刻钟再设一个."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Literal

from assistant import Dialogue, Reply, Services, Turn

from .alarms import confirmed, first_start, keep, set_alarm
from .kept import Visit, just_set, rings_note
from .moments import When, durations, read_when
from .moving import moved_to
from .reminders import remind_me
from .wording import clock_of

__all__ = ["set_another"]

BESIDE = re.compile(r"\b(?:earlier|before|later|after)\b|提前|提早|早|推迟|晚|往[前后]|[前后]", re.IGNORECASE)


async def set_another(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Set one more alarm or reminder like the last one."""
    at = Visit.of(turn, dialogue, services)
    entries = [each for each in await at.kept() if each.reply.data.get("kind") in ("alarm", "reminder")]
    last = await just_set(at, [each for each in entries if each.due is not None])
    if not last:
        return await (remind_me if re.search("remind|提醒", turn.utterance) else set_alarm)(turn, dialogue, services)
    entry = last[-1]
    kind: Literal["alarm", "reminder"] = "alarm" if entry.reply.data.get("kind") == "alarm" else "reminder"
    found = durations(turn.utterance, at.now)
    by = found[0].value if found and BESIDE.search(turn.utterance) else None
    when = read_when(turn.utterance, at.now, kind)
    due = moved_to(entry, by if isinstance(by, timedelta) else None, when, turn.utterance)
    if due is None and when.at is not None:
        due = when.at.replace(tzinfo=None)
    if due is None:
        return Reply(at.say("when_no_time"))
    repeat = when.repeat or entry.repeat
    if repeat is not None:
        due = first_start(datetime.combine(at.now.date(), due.time()), repeat, at.now)
    elif due <= at.now:
        due += timedelta(days=1)
    name = str(entry.reply.data.get("name") or "")
    text = at.say("reminder_rings", name=name)
    if kind == "alarm":
        text = at.say("alarm_rings_named" if name else "alarm_rings", time=clock_of(due), name=name)
    asked = When(due, repeat)
    kept = await keep(at, kind, Reply(text, data=dict(entry.reply.data)), asked)
    note = rings_note(at, [kept], confirmed(at, f"{kind}_set", kept, asked, name), **{kind: kept.key})
    return note.about(at.say(f"the_{kind}"))
