"""Sets and snoozes alarms, once or recurring, and stores entries that ring."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from assistant import Dialogue, Reply, Services, Turn
from assistant.outputs.schedule import Scheduled
from assistant.understanding.consent import read_consent
from assistant.understanding.entities import Recurrence, find_entities

from .asking import tells_of_earlier
from .cues import CUES
from .kept import MOST, Kind, Visit, clean, rings_note
from .moments import Kind as Half
from .moments import When, durations, impossible_day, negative, read_when, rest_of
from .pieces import day_said, timed_pieces, with_context
from .places import zone_of
from .shifting import repaired
from .sureness import surely
from .timers import over
from .wording import clock_of, length, moment, repeats

__all__ = ["ask_when", "confirmed", "first_start", "keep", "problem", "set_alarm", "snooze", "zoned"]

SNOOZED = 3_600.0
"""seconds for which what has rung can be put off"""
AT_ONCE = 20
"""alarms that one request sets"""
LONGEST_SNOOZE = 86_400.0
LABEL = re.compile(
    r"\b(?:called|named|labell?ed|for (?:the|my)|to)\s+(?P<name>[a-z][\w' -]{1,40})$|(?:叫做|名叫"
    r"|名为)[“\"]?(?P<han>\w{1,20})",
    re.IGNORECASE,
)
NO_LABEL = re.compile(r"\b(?:me|wake|up|get|alarm|set|bed|work\b\s*days?|o'?clock)\b", re.IGNORECASE)
EITHER = re.compile(r"\bor\b|\bmaybe\b|或者?|也许|要不")
UNDECIDED = re.compile(r"\bor\b|还是|或者?", re.IGNORECASE)
"""between two times in an answer; before one alone 还是 means "after all" """
BARE_HOUR = re.compile(
    r"\b(?:for|alarm|up|me)\s+(?:at\s+)?(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve)\b(?!\s*(?:more|minutes?|hours?|days?))",
    re.IGNORECASE,
)


async def set_alarm(turn: Turn, dialogue: Dialogue, services: Services, when: datetime | None = None) -> Reply:
    """Set an alarm, once or for certain weekdays."""
    at = Visit.of(turn, dialogue, services)
    if tells_of_earlier(turn.utterance):
        return Reply(at.say("told_earlier")).declined()
    if not await surely(at, "alarm"):
        return Reply(at.say("left_alone"))
    mended = repaired(turn.utterance)
    words, told = (turn.utterance, "") if mended else with_context(turn.utterance, at.now)
    if mended is None and (times := timed_pieces(words, at.now)[:AT_ONCE]):
        return await _set_several(at, times, told)
    half: Half = "alarm" if CUES["alarm"].search(turn.utterance) else "reminder"  # "ring at half three" is by day
    asked = _put_right(*mended, at) if mended else read_when(_hour_said(words), at.now, half)
    asked = zoned(asked, turn.utterance, at)
    if asked.at is None and not asked.problem.replace("no_time", ""):
        asked = await ask_when(at, asked, "alarm_when", "alarm")
    if asked.problem or asked.at is None:
        return Reply(problem(at, asked))
    name = _label(rest_of(words, asked) if words == turn.utterance else "")
    rings = datetime.fromtimestamp(asked.at.timestamp())  # the clock here may skip the time that was said
    then = clock_of(rings.replace(second=0))
    now = at.say("alarm_rings_named" if name else "alarm_rings", time=then, name=name)
    entry = await keep(at, "alarm", Reply(now, data={"kind": "alarm", "name": name}), asked)
    note = rings_note(at, [entry], confirmed(at, "alarm_set", entry, asked, name), alarm=entry.key, understood=told)
    return note.about(at.say("the_alarm"))


def _put_right(before: str, after: str, at: Visit) -> When:
    """Returns the corrected time of a request: "wake me at 7, no wait, … so 6:15"; no time if several are possible."""
    day = day_said(_hour_said(before), at.now)
    marked = _hour_said(f"for {after}" if after.isascii() else after)
    times = [each for each in find_entities(marked, at.language, at.now) if each.kind == "time"]
    if not times:
        asked = read_when(_hour_said(before), at.now, "alarm")
        return replace(asked, spans=())
    said = f"{day} {marked}" if day and not day_said(marked, at.now) else marked
    asked = (
        read_when(said, at.now, "alarm") if len(times) == 1 and not EITHER.search(after) else When(problem="no_time")
    )
    return replace(asked, spans=())


async def _set_several(at: Visit, texts: Sequence[str], context: str) -> Reply:
    """Set one alarm for each text."""
    told, entries = [], []
    for number, text in enumerate(texts):
        asked = read_when(_hour_said(text), at.now, "alarm")
        if asked.problem or asked.at is None:
            told.append(problem(at, asked))
            continue
        rings = datetime.fromtimestamp(asked.at.timestamp())
        now = at.say("alarm_rings", time=clock_of(rings.replace(second=0)), name="")
        entry = await keep(at, "alarm", Reply(now, data={"kind": "alarm", "name": ""}), asked, number=number)
        entries.append(entry)
        told.append(confirmed(at, "alarm_set", entry, asked, ""))
    keys = [entry.key for entry in entries]
    return rings_note(at, entries, "\n".join(told), alarms=keys, understood=context).about(at.say("the_alarm"))


def _hour_said(text: str) -> str:
    """Marks a bare hour as a time of day: "wake me up 7"."""
    return (
        text if re.search(r"\bat\b|:", text) else BARE_HOUR.sub(lambda m: m.group().replace(m[1], f"at {m[1]}"), text)
    )


def _label(rest: str) -> str:
    found = LABEL.search(rest.strip(" .!?,"))
    name = clean(found["name"] or found["han"]) if found else ""
    return "" if NO_LABEL.search(name) else name


def zoned(when: When, text: str, at: Visit) -> When:
    """Converts a time given in another zone."""
    named = next((e for e in find_entities(text, "en", at.now) if e.kind == "timezone"), None)
    if named is None or when.at is None or when.at.tzinfo is not None or when.repeat is not None:
        return when
    there = when.at.replace(tzinfo=zone_of(str(named.value)))
    beside = re.match(r"\s*(?:time\b|时间)", text[named.end :])
    spans = (*when.spans, (named.start, named.end + (beside.end() if beside else 0)))
    return replace(when, at=there, spans=spans, problem="past" if there.timestamp() <= at.turn.at else "")


async def ask_when(at: Visit, known: When, question: str, kind: Any) -> When:
    """Asks when, and returns the time with the answer filled in."""
    answer = await at.dialogue.ask(at.say(question), kind=str)
    times = [each for each in find_entities(answer, at.language, at.now) if each.kind in ("time", "datetime", "number")]
    if len(times) > 1 and UNDECIDED.search(answer):  # "seven or eight?" is not decided yet
        answer = await at.dialogue.ask(at.say(question), kind=str)
    if read_consent(answer) == "no":
        return replace(known, problem="none")
    said = " ".join(filter(None, (_said(at.turn.utterance, known), answer)))
    asked = zoned(read_when(_hour_said(said), at.now, kind), said, at)
    hour = [each for each in find_entities(answer, at.language, at.now) if each.text == answer.strip(" .!。！")]
    if asked.at is None and not asked.problem.replace("no_time", "") and hour and hour[0].kind == "number":  # "eight"
        return read_when(f"{_said(at.turn.utterance, known)} at {hour[0].value}", at.now, kind)
    return asked


def _said(text: str, when: When) -> str:
    return " ".join(text[start:end] for start, end in sorted(when.spans))


async def keep(at: Visit, kind: Kind, reply: Reply, when: When, *, number: int = 0) -> Scheduled:
    """Schedules an entry."""
    assert when.at is not None
    key, insistent, session = at.key(kind, number), kind == "alarm", at.turn.session
    if when.repeat is not None:
        start = first_start(when.at.replace(tzinfo=None), when.repeat, at.now)
        return await at.services.every(when.repeat, reply, start=start, session=session, key=key, insistent=insistent)
    return await at.services.at(when.at, reply, session=session, key=key, insistent=insistent)


def first_start(start: datetime, repeat: Recurrence, now: datetime) -> datetime:
    """Returns the first occurrence of a recurring entry that is not in the past."""
    if start > now:
        return start
    if repeat.unit == "day":
        return start + timedelta(days=1)
    today = max(start, now + timedelta(seconds=1)).replace(
        hour=start.hour, minute=start.minute, second=start.second, microsecond=0
    )
    return today + timedelta(days=today <= now)


def confirmed(at: Visit, key: str, entry: Scheduled, when: When, name: str) -> str:
    """Returns the confirmation of what was set, with the time at which it rings."""
    assert entry.due is not None
    assert when.at is not None
    due = entry.due.replace(tzinfo=None)
    if when.repeat is not None:
        told = repeats(when.repeat.unit, when.repeat.every, when.repeat.weekdays, due, at.language)
        first = moment(due, at.now, at.language)
        text = at.say(f"{key}_again", when=told, first=first, name=name)
    else:
        then = moment(due, at.now, at.language)
        if when.away is not None and when.away < timedelta(days=1):
            time = clock_of(due.replace(second=0))
            then = at.say("in_so_long", length=length(when.away.total_seconds(), at.language), time=time)
        text = at.say(key, when=then, name=name)
    said = when.at if when.at.tzinfo is None else None
    if said is not None and when.repeat is None and clock_of(said) != clock_of(due):
        text += at.say("clock_skips", said=clock_of(said), due=clock_of(due))
    if when.guessed and when.repeat is None:
        text += at.say("other_time")
    return text


def problem(at: Visit, when: When) -> str:
    """Returns why a time cannot be used."""
    if when.problem == "none":
        return at.say("left_alone")
    day = impossible_day(at.turn.utterance)
    return at.say(f"when_{when.problem or 'no_time'}", day=day)


async def snooze(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Snoozes what has just rung."""
    at = Visit.of(turn, dialogue, services)
    found = durations(turn.utterance, at.now)
    if found and negative(turn.utterance, found[0]):
        return Reply(at.say("when_negative", day=""))
    bare = re.search(r"\b(\d{1,3})\b", turn.utterance)
    default = float(services.options["snooze"])
    minutes = float(bare[1]) if bare and not found else default
    seconds = found[0].value.total_seconds() if found else 60 * minutes  # type: ignore[union-attr]
    if not 1 <= seconds <= LONGEST_SNOOZE:
        return Reply(at.say("snooze_too_long"))
    kept = await services.scheduled(turn.session, "", MOST)
    rung = [each for each in kept if each.rung is not None and 0 <= turn.at - each.rung.timestamp() < SNOOZED]
    if not rung:
        return Reply(at.say("nothing_rang"))
    last = max(rung, key=lambda each: each.rung.timestamp() if each.rung else 0.0)
    data = last.reply.data
    due = datetime.fromtimestamp(turn.at + seconds).astimezone()
    again = last.reply
    if data.get("kind") == "alarm":
        name = str(data.get("name") or "")
        text = at.say(
            "alarm_rings_named" if name else "alarm_rings", time=clock_of(due.replace(tzinfo=None, second=0)), name=name
        )
        again = Reply(text, data=dict(data))
    elif data.get("kind") == "timer":
        again = over(str(data.get("name") or ""), float(data["seconds"]), at)
    key = f"{data.get('kind', 'reminder')}:{turn.id}:snoozed"
    entry = await services.at(due, again, session=turn.session, key=key, insistent=last.insistent)
    return rings_note(at, [entry], at.say("snoozed", length=length(seconds, at.language)))
