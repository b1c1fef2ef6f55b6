"""Changes alarms and reminders (time, shift, days, name), and undoes changes.

What was said decides the change:

=====================  ==========================================================
a length, later        moved by it; without a direction so long from now
an hour                that hour of the same day, in the nearer half of the day
a day                  that day, at the same hour; "just tomorrow" once only
how often              from now on so often, at the same hour
days left out          not on those days; of what comes once nothing changes
"am", "pm"             the other half of the day
a name, another word   the same time, under that name
"undo"                 as it was before the last answer
=====================  ==========================================================
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from assistant import Dialogue, Reply, Services, Turn
from assistant.outputs.schedule import Scheduled
from assistant.understanding.entities import Recurrence

from .alarms import confirmed, first_start, keep, set_alarm
from .amending import meant_after_all, time_told, undoes
from .asking import masked
from .cues import CUES
from .excepting import blanked, days_left_out, moved_days, without_days
from .kept import LOOKED_BACK, Kind, Visit, choose, clean, described, just_set, kind_in, matching, rings_note, snapshot
from .moments import HALF_KNOWN, When, durations, read_when, rest_of
from .reminders import remind_me
from .renaming import new_name, replaced, text_told
from .undoing import taken_back
from .wording import clock_of, length, moment, repeats

__all__ = ["change_alarm", "moves", "set_another"]

MOVES = re.compile(
    r"^\W*(?:(?:please|can you|could you|actually|no|sorry|ok(?:ay)?|wait|and|then|just)\b[\s,]*)*(?:make|move"
    r"|change|shift|push|bring|postpone|delay|reschedule)\b[\s\w']*?\b(?:the|my|that"
    r"|this)\s(?:[\w']+\s){0,4}?(?:alarms?|reminders?)\b|(?:把|将).*(?:闹钟|闹铃|提醒).*(?:改|换|调|挪|推|提前|延后)"
    r"|(?:改|换|调整?|挪|推迟|提前|延后)(?:一下)?.{0,6}(?:闹钟|闹铃|提醒)",
    re.IGNORECASE,
)
EARLIER = re.compile(r"\b(?:earlier|sooner|forwards?|before|ahead)\b|提前|早|往前", re.IGNORECASE)
BY = re.compile(
    r"\b(?:earlier|later|sooner|forwards?|back|ahead|by|delay|postpone|push|before|after|more)\b|提前|提早|推迟"
    r"|延后|晚|早|往[前后]|推|[前后]",
    re.IGNORECASE,
)
ONLY = re.compile(r"\b(?:just|only)\b|只|仅|就(?:行|好|可以)", re.IGNORECASE)
HAN_DAYS = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
PAST_HOUR = re.compile(
    r"\b(?P<n>half|a quarter|quarter|ten|twenty|five) (?P<side>past|to)\b(?=\W*(?:instead|please|then|now"
    r"|though)?\W*$)",
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
NUMBER = r"(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
BARE_HOUR = re.compile(
    rf"(?<![:.\d])\b{NUMBER}\s*(?:instead|then|please|pls|rather|ok|will do|is fine|works)?\W*$", re.IGNORECASE
)
INSTEAD = re.compile(r"\b(?:instead of|rather than|in place of) (?:the |on |at )?[\w:]+(?: [ap]m)?", re.IGNORECASE)
"""what it is no more: "Tuesdays now instead of Mondays" """
NOT_THAT = re.compile(r"[\s,]+(?:not|instead of|rather than)\b(?!.*\bbut\b).*$", re.IGNORECASE)
HALF = re.compile(
    r"\b([ap])\.?m\b|\b(morning|evening|afternoon|night)\b|(早上|上午|凌晨)|(晚上|下午|傍晚)", re.IGNORECASE
)


def moves(text: str) -> bool:
    """Returns whether the text moves an alarm or reminder that is set."""
    return MOVES.search(text) is not None


async def change_alarm(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Move an alarm or a reminder to another time."""
    at = Visit.of(turn, dialogue, services)
    if undoes(masked(turn.utterance)) and (back := await taken_back(at)) is not None:
        return back
    kind = kind_in(turn.utterance)
    entries = [each for each in await at.kept(kind if kind != "timer" else None) if each.due is not None]
    entries = [each for each in entries if each.reply.data.get("kind") in ("alarm", "reminder")]
    if not entries and CUES["alarm"].search(turn.utterance) and read_when(turn.utterance, at.now, "alarm").at:
        return await set_alarm(turn, dialogue, services)  # 那十点叫我吧, with nothing set
    if not entries:
        return Reply(at.say(f"no_{kind}s" if kind in ("alarm", "reminder") else "nothing_set"))
    last = (await just_set(at, entries) or entries)[-1]
    if (name := _name_now(turn.utterance, last)) is not None:
        return await _changed(at, last, name=name)
    if told := time_told(turn.utterance, await services.conversation(turn.session, 1)):
        turn = replace(turn, text=f"at {told}" if told.isascii() else told, transcript=None)
    turn = replace(turn, text=meant_after_all(turn.utterance), transcript=None)
    said = INSTEAD.sub("", turn.utterance)
    words = _with_hour(NOT_THAT.sub("", said) if last.repeat is None else said)
    found = durations(words, at.now)
    by = found[0].value if found and BY.search(words) else None
    when = read_when(words, at.now, "reminder")
    chosen = await _meant(at, words, when, entries, kind)
    if len(chosen) != 1:
        return Reply(at.say("no_such_thing"))
    entry = chosen[0]
    left_out, _ = days_left_out(words)
    if left_out and entry.repeat is None and when.at is None and when.repeat is None:
        return Reply(at.say("comes_once", what=described(entry, at)))
    repeat = moved_days(at.turn.utterance, entry.repeat) or _repeats_now(entry, when, words)
    if repeat is not None:
        told = at.say("not_on").join(["", at.say("comma").join(_day_names(at, left_out))]) if left_out else ""
        others = await just_set(at, [each for each in entries if each.repeat is None], 1)
        if len(others) > 1 and entry in others and (when.at is None or when.guessed):
            return await _all_changed(at, others, repeat)  # "every day, I mean", of two that were set together
        return await _changed(at, entry, _at_time_said(entry, when), repeat, told=told)
    due = _moved_to(entry, by if isinstance(by, timedelta) else None, when, words)
    if due is not None and not by and (again := await _so_long(at, entry, words)) is not None:
        due = again
    if due is None:
        answer = await dialogue.ask(at.say("move_when", what=described(entry, at)), kind=str)
        due = _moved_to(entry, None, read_when(_with_hour(f"at {answer}"), at.now, "reminder"), answer)
    if due is not None and entry.repeat is not None and due <= at.now:
        due = first_start(datetime.combine(at.now.date(), due.time()), entry.repeat, at.now)
    if due is None or due.timestamp() <= turn.at:
        return Reply(at.say("when_past" if due else "when_no_time", day=""))
    if isinstance(by, timedelta):
        key = "moved_earlier" if EARLIER.search(words) else "moved_later"
        return await _changed(at, entry, due, told=at.say(key, length=length(by.total_seconds(), at.language)))
    once = entry.repeat is not None and ONLY.search(words) is not None and when.guessed
    return await _changed(at, entry, due, once=once)


async def _meant(at: Visit, words: str, when: When, entries: Sequence[Scheduled], kind: Kind | None) -> list[Scheduled]:
    """The entry that words mean: named by them, or else the one that was spoken of last."""
    named = blanked(rest_of(words, when), days_left_out(rest_of(words, when))[1])
    bare = replace(at.turn, text=named, transcript=None)
    visit = Visit(bare, at.services, at.dialogue, at.language, at.now)
    if len(entries) > 1 and not matching(entries, bare.utterance, visit):
        back = LOOKED_BACK if kind is None else 1  # "the reminder" is the one that was just spoken of
        entries = (await just_set(at, entries, back))[-1:] or entries
    return [entries[0]] if len(entries) == 1 else await choose(visit, entries, "which_move")


def _name_now(text: str, entry: Scheduled) -> str | None:
    """The name or the text that words give to an entry; None for none."""
    old = str(entry.reply.data.get("name") or "")
    if (named := new_name(text)) is not None:
        name, instead_of = named
        part = re.compile(re.escape(instead_of), re.IGNORECASE)
        return part.sub(lambda _: name, old) if instead_of and part.search(old) else name
    if old and (swap := replaced(text, old)) is not None:
        return re.sub(re.escape(swap[1]), lambda _: swap[0], old, count=1, flags=re.IGNORECASE)
    return text_told(text) or None if entry.reply.data.get("kind") == "reminder" else None


async def _so_long(at: Visit, entry: Scheduled, words: str) -> datetime | None:
    """Asks whether "3" means three o'clock or in three hours, for an entry that was set "in 2 hours"."""
    away = entry.reply.data.get("away")
    number = re.search(rf"\b(?:it|that|to|say) {NUMBER}\W*$", at.turn.utterance, re.IGNORECASE)
    if not isinstance(away, (int, float)) or number is None or re.search(r"[:点]|\bat\b|\b[ap]m\b", at.turn.utterance):
        return None
    unit = "hour" if away % 3600 == 0 else "minute"
    long, clock = f"in {number[1]} {unit}s", f"at {number[1]} o'clock"
    meant = await at.dialogue.ask(at.say("which_of_two", first=long, second=clock), kind=str, choices=(long, clock))
    when = read_when(meant, at.now, "reminder")
    return when.at.replace(tzinfo=None) if when.at is not None else None


def _with_hour(text: str) -> str:
    """Marks a final bare hour as a time: "make the reminder 9"; but not that of "quarter to 9"."""
    found = BARE_HOUR.search(text)
    if found is None or re.search(r"\bat\b", text):
        return text
    before = text[: found.start()]
    moves_to = re.search(r"\b(?:it|that|alarm|reminder|change|move|set|push) to\s+$", before)
    if re.search(r"\b(?:past|to|half)\s+$", before) and not moves_to:
        return text
    return f"{before}at {text[found.start() :]}"


def _repeats_now(entry: Scheduled, when: When, text: str) -> Recurrence | None:
    """Returns the new recurrence of an entry; None if the text names none: "just weekdays", 周末不用."""
    days, _ = days_left_out(text)
    if days and entry.repeat is not None:
        return without_days(entry.repeat, days)
    if when.repeat is not None:
        return when.repeat
    return _only(text) if entry.repeat is not None or ONLY.search(text) else None


def _only(text: str) -> Recurrence | None:
    """Reads a recurrence on given days only: 只要工作日, "only at the weekend"."""
    if not ONLY.search(text):
        return None
    if re.search(r"周末|双休日|weekend", text):
        return Recurrence("week", 1, (5, 6))
    days = tuple(sorted({"一二三四五六日".index(each.replace("天", "日")) for each in HAN_DAYS.findall(text)}))
    return Recurrence("week", 1, days) if days else None


def _at_time_said(entry: Scheduled, when: When) -> datetime:
    """Returns the next time the entry rings, at the time of day of `when` if it has one."""
    assert entry.due is not None
    due = entry.due.replace(tzinfo=None)
    return due if when.at is None or when.guessed else datetime.combine(due.date(), when.at.time())


def _moved_to(entry: Scheduled, by: timedelta | None, when: When, text: str) -> datetime | None:
    """Returns the new time of an entry; None if the text names none."""
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
    named = when.at is not None and not when.guessed
    if (half := HALF.search(text)) is not None and not named and not _names_day(text, when):
        early = (half[1] or "").lower() == "a" or (half[2] or "").lower() == "morning" or bool(half[3])
        return due.replace(hour=due.hour % 12 + (0 if early else 12))
    if when.at is None or when.problem not in ("", "past") or when.repeat is not None:
        return None
    at = when.at.replace(tzinfo=None)
    if when.guessed:  # a day alone keeps the time
        return datetime.combine(at.date(), due.time())
    if _names_day(text, when) or when.away is not None:
        return at
    # An hour alone keeps the day, and the half of the day that is nearer.
    hours = [datetime.combine(due.date(), at.time())]
    if not HALF_KNOWN.search(text):
        hours.append(hours[0] + timedelta(hours=12 if at.hour < 12 else -12))
    return min(hours, key=lambda each: abs(each - due))


def _names_day(text: str, when: When) -> bool:
    return any(re.search(r"\w", CLOCK_WORDS.sub("", text[start:end])) for start, end in when.spans)


def _day_names(at: Visit, days: frozenset[int]) -> list[str]:
    return [at.say("repeat_weekdays").split()[day] for day in sorted(days)]


async def _changed(
    at: Visit,
    entry: Scheduled,
    due: datetime | None = None,
    repeat: Recurrence | None = None,
    *,
    name: str | None = None,
    once: bool = False,
    told: str = "",
) -> Reply:
    """Keep an entry with what has changed, and say what it is now."""
    assert entry.due is not None
    kind: Kind = "alarm" if entry.reply.data.get("kind") == "alarm" else "reminder"
    named = clean(name) if name is not None else str(entry.reply.data.get("name") or "")
    again = None if once else repeat or entry.repeat
    due = due or entry.due.replace(tzinfo=None)
    if repeat is not None and repeat.unit == "week" and not repeat.weekdays:
        repeat = again = replace(repeat, weekdays=(due.weekday(),))
    if again is not None and repeat is not None:
        due = first_start(datetime.combine(at.now.date(), due.time()), again, at.now)
    key = "reminder_rings" if kind == "reminder" else "alarm_rings_named" if named else "alarm_rings"
    data = {each: value for each, value in entry.reply.data.items() if each != "away"}
    rings = Reply(at.say(key, time=clock_of(due), name=named), data={**data, "name": named})
    session, insistent = at.turn.session, entry.insistent
    if again is not None:
        kept = await at.services.every(again, rings, start=due, session=session, key=entry.key, insistent=insistent)
    else:
        kept = await at.services.at(due, rings, session=session, key=entry.key, insistent=insistent)
    assert kept.due is not None
    comes = kept.due.replace(tzinfo=None)
    if again is not None:
        when = repeats(again.unit, again.every, again.weekdays, comes, at.language) + told
        first = moment(comes, at.now, at.language)
        text = at.say(f"{kind}_now_again", when=when, first=first, name=named)
    else:
        text = at.say(f"{kind}_now", when=moment(comes, at.now, at.language) + told, name=named)
    if kind == "alarm" and named:
        text += at.say("is_called", name=named)
    unit = again.unit if again is not None else ""
    note = rings_note(at, [kept], text, moved=kept.key, undo=[snapshot(entry)], unit=unit)
    return note.about(at.say(f"the_{kind}"))


async def _all_changed(at: Visit, entries: Sequence[Scheduled], repeat: Recurrence) -> Reply:
    notes = [await _changed(at, entry, None, repeat) for entry in entries]
    lines = "\n".join(note.text.split("\n")[0] for note in notes)
    kept = [each for each in await at.kept() if each.key in {entry.key for entry in entries}]
    undo = [snapshot(entry) for entry in entries]
    return rings_note(at, kept, lines, moved=[each.key for each in kept], undo=undo, unit=repeat.unit)


async def set_another(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Set one more alarm or reminder like the last one: "and at 8 am too", 提前一刻钟再设一个."""
    at = Visit.of(turn, dialogue, services)
    entries = [each for each in await at.kept() if each.reply.data.get("kind") in ("alarm", "reminder")]
    last = await just_set(at, [each for each in entries if each.due is not None])
    if not last:
        return await (remind_me if re.search("remind|提醒", turn.utterance) else set_alarm)(turn, dialogue, services)
    entry = last[-1]
    kind: Literal["alarm", "reminder"] = "alarm" if entry.reply.data.get("kind") == "alarm" else "reminder"
    words = _with_hour(turn.utterance)
    found = durations(words, at.now)
    by = found[0].value if found and BY.search(words) else None
    when = read_when(words, at.now, kind)
    due = _moved_to(entry, by if isinstance(by, timedelta) else None, when, words)
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
