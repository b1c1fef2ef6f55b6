"""Alarms and reminders moved to another time: "make it 9", "push the reminder back an hour"."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from assistant import Dialogue, Reply, Services, Turn
from assistant.outputs.schedule import Scheduled
from assistant.understanding.entities import Recurrence

from .alarms import first_start
from .excepting import days_left_out, without_days
from .kept import LOOKED_BACK, Kind, Visit, choose, clean, described, just_set, kind_in, matching, rings_note
from .moments import HALF_KNOWN, When, durations, read_when, rest_of
from .said import new_name, time_told
from .wording import clock_of

__all__ = ["change_alarm", "moved_to", "moves"]

MOVES = re.compile(
    r"^\W*(?:(?:please|can you|could you|actually|no|sorry|ok(?:ay)?|wait|and|then|just)\b[\s,]*)*"
    r"(?:make|move|change|shift|push|bring|postpone|delay|reschedule)\b[\s\w']*?"
    r"\b(?:the|my|that|this)\s(?:[\w']+\s){0,4}?(?:alarms?|reminders?)\b"
    r"|(?:把|将).*(?:闹钟|闹铃|提醒).*(?:改|换|调|挪|推|提前|延后)"
    r"|(?:改|换|调整?|挪|推迟|提前|延后)(?:一下)?.{0,6}(?:闹钟|闹铃|提醒)",
    re.IGNORECASE,
)
EARLIER = re.compile(r"\b(?:earlier|sooner|forward|before|ahead)\b|提前|早", re.IGNORECASE)
BY = re.compile(
    r"\b(?:earlier|later|sooner|forward|back|ahead|by|delay|postpone)\b|提前|推迟|延后|晚|早", re.IGNORECASE
)
ONLY = re.compile(r"\b(?:just|only)\b|只|仅|就(?:行|好|可以)", re.IGNORECASE)
HAN_DAYS = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
PAST_HOUR = re.compile(
    r"\b(?P<n>half|a quarter|quarter|ten|twenty|five) (?P<side>past|to)\b(?=\W*(?:instead|please|then|now)?\W*$)",
    re.IGNORECASE,
)
MINUTES = {"half": 30, "quarter": 15, "ten": 10, "twenty": 20, "five": 5}
CLOCK_WORDS = re.compile(
    r"\b(?:at|in|the|a|[ap]\.?m|o'?clock|half|quarter|past|to|noon|midday|midnight|morning|afternoon|evening|night"
    r"|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|twenty-five)\b|[ap]m\b|\d"
    r"|凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|半夜|[早晚点半刻分整钟零一二三四五六七八九十两]",
    re.IGNORECASE,
)
"""words of a time of day, which name no day"""
BARE_HOUR = re.compile(r"(?<![:.\d])\b(\d{1,2})\s*(?:instead|then|please)?\W*$")


def moves(text: str) -> bool:
    """Whether words move an alarm or a reminder that is set."""
    return MOVES.search(text) is not None


async def change_alarm(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Move an alarm or a reminder to another time."""
    at = Visit.of(turn, dialogue, services)
    kind = kind_in(turn.utterance)
    entries = [each for each in await at.kept(kind if kind != "timer" else None) if each.due is not None]
    entries = [each for each in entries if each.reply.data.get("kind") in ("alarm", "reminder")]
    if not entries:
        return Reply(at.say(f"no_{kind}s" if kind in ("alarm", "reminder") else "nothing_set"))
    if (named := new_name(turn.utterance)) is not None:
        last = await just_set(at, entries) or entries
        return await _renamed(at, last[-1], *named)
    if told := time_told(turn.utterance, await services.conversation(turn.session, 1)):
        turn = replace(turn, text=f"at {told}" if told.isascii() else told, transcript=None)
    found = durations(turn.utterance, at.now)
    by = found[0].value if found and BY.search(turn.utterance) else None
    when = read_when(_with_hour(turn.utterance), at.now, "reminder")
    bare = replace(turn, text=rest_of(_with_hour(turn.utterance), when), transcript=None)
    visit = Visit(bare, services, dialogue, at.language, at.now)
    if len(entries) > 1 and not matching(entries, bare.utterance, visit):
        back = LOOKED_BACK if kind is None else 1  # "the reminder" is the one that was just spoken of
        entries = (await just_set(at, entries, back))[-1:] or entries
    chosen = await choose(visit, entries, "which_move")
    if len(chosen) != 1:
        return Reply(at.say("no_such_thing"))
    entry = chosen[0]
    if (repeat := _repeats_now(entry, when, turn.utterance)) is not None:
        return await _keep(at, entry, _at_time_said(entry, when), repeat)
    due = moved_to(entry, by if isinstance(by, timedelta) else None, when, turn.utterance)
    if due is None:
        answer = await dialogue.ask(at.say("move_when", what=described(entry, at)), kind=str)
        due = moved_to(entry, None, read_when(_with_hour(f"at {answer}"), at.now, "reminder"), answer)
    if due is None or due.timestamp() <= turn.at:
        return Reply(at.say("when_past" if due else "when_no_time", day=""))
    return await _keep(at, entry, due)


async def _renamed(at: Visit, entry: Scheduled, name: str, instead_of: str) -> Reply:
    """Give an entry another name, or put a word of its name right."""
    assert entry.due is not None
    old = str(entry.reply.data.get("name") or "")
    part = re.compile(re.escape(instead_of), re.IGNORECASE)
    name = part.sub(lambda _: name, old) if instead_of and part.search(old) else name
    kept = replace(entry, reply=replace(entry.reply, data={**entry.reply.data, "name": clean(name)}))
    return await _keep(at, kept, entry.due.replace(tzinfo=None))


def _with_hour(text: str) -> str:
    """A bare hour at the end marked as a time: "make the reminder 9"."""
    return BARE_HOUR.sub(lambda hour: f"at {hour[1]}", text) if not re.search(r"\bat\b", text) else text


def _repeats_now(entry: Scheduled, when: When, text: str) -> Recurrence | None:
    """How often an entry is to come from now on; None where that is not said: "just weekdays", 周末不用."""
    if when.repeat is not None:
        return when.repeat
    days, _ = days_left_out(text)
    if not days or entry.repeat is None:
        return _only(text) if entry.repeat is not None or ONLY.search(text) else None
    return without_days(entry.repeat, days)


def _only(text: str) -> Recurrence | None:
    """只要工作日, "only at the weekend": what comes on those days alone."""
    if not ONLY.search(text):
        return None
    if re.search(r"周末|双休日|weekend", text):
        return Recurrence("week", 1, (5, 6))
    days = tuple(sorted({"一二三四五六日".index(each.replace("天", "日")) for each in HAN_DAYS.findall(text)}))
    return Recurrence("week", 1, days) if days else None


def _at_time_said(entry: Scheduled, when: When) -> datetime:
    """When it rings next at the latest known time of day."""
    assert entry.due is not None
    due = entry.due.replace(tzinfo=None)
    if when.at is None or when.guessed:
        return due
    return datetime.combine(due.date(), when.at.time())


def moved_to(entry: Scheduled, by: timedelta | None, when: When, text: str) -> datetime | None:
    """When an entry rings from now on; None where that is not said."""
    assert entry.due is not None
    due = entry.due.replace(tzinfo=None)
    if by is not None:
        return due - by if EARLIER.search(text) else due + by
    if (past := PAST_HOUR.search(text)) is not None and (when.at is None or not re.search(r"\d", text)):
        minutes = MINUTES[past["n"].lower().removeprefix("a ")]
        back = past["side"].lower() == "to"
        return due.replace(minute=0) + timedelta(
            minutes=(0 if due.minute < 30 or not back else 60) + (-minutes if back else minutes)
        )
    if when.at is None or when.problem not in ("", "past") or when.repeat is not None:
        return None
    at = when.at.replace(tzinfo=None)
    if when.guessed:  # a day alone keeps the time
        return datetime.combine(at.date(), due.time())
    names_day = any(re.search(r"\w", CLOCK_WORDS.sub("", text[start:end])) for start, end in when.spans)
    if names_day or when.away is not None:
        return at
    # An hour alone keeps the day, and the half of the day that is nearer.
    hours = [datetime.combine(due.date(), at.time())]
    if not HALF_KNOWN.search(text):
        hours.append(hours[0] + timedelta(hours=12 if at.hour < 12 else -12))
    return min(hours, key=lambda each: abs(each - due))


async def _keep(at: Visit, entry: Scheduled, due: datetime, repeat: Recurrence | None = None) -> Reply:
    kind: Kind = "alarm" if entry.reply.data.get("kind") == "alarm" else "reminder"
    name = str(entry.reply.data.get("name") or "")
    key = "reminder_rings" if kind == "reminder" else "alarm_rings_named" if name else "alarm_rings"
    rings = Reply(at.say(key, time=clock_of(due), name=name), data=dict(entry.reply.data))
    session, insistent = at.turn.session, entry.insistent
    if (again := repeat or entry.repeat) is not None:
        if repeat is not None:
            due = first_start(datetime.combine(at.now.date(), due.time()), repeat, at.now)
        kept = await at.services.every(again, rings, start=due, session=session, key=entry.key, insistent=insistent)
    else:
        kept = await at.services.at(due, rings, session=session, key=entry.key, insistent=insistent)
    return rings_note(at, [kept], at.say("moved", what=described(kept, at)), moved=kept.key).about(
        at.say(f"the_{kind}")
    )
