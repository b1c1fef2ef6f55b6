"""Alarms and reminders: set at a time, again and again, put off."""

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

from .kept import FILLER, MOST, Kind, Visit, clean, rings_note, surely
from .moments import When, durations, impossible_day, negative, read_when, rest_of
from .places import zone_of
from .said import asks_surely, tells_of_earlier
from .several import day_said, several
from .timers import over
from .wording import clock_of, length, moment, repeats

__all__ = ["confirmed", "first_start", "keep", "remind_me", "set_alarm", "snooze"]

SNOOZED = 3_600.0
"""seconds for which what has rung can be put off"""
AT_ONCE = 20
"""alarms that one request sets"""
LONGEST_SNOOZE = 86_400.0
LEAD = re.compile(
    r"^\W*(?:(?:please|hey|ok(?:ay)?|so|and|also|then|now)\b[\s,]*)*(?:(?:can|could|would"
    r"|will) you\s+(?:please\s+)?|i(?:'d| would) like you to\s+"
    r"|i (?:want|need) (?:you to|a)\s+|i want to be\s+|please\s+)?",
    re.IGNORECASE,
)
ASKED = re.compile(
    r"\b(?:remind(?:ed)? me(?: again)?|remember(?: for me)?|(?:do not|don't) let me forget|don't forget"
    r"|make sure (?:that )?i(?: don't forget)?"
    r"|(?:set|create|add|make|put|give me|schedule)(?: up)? (?:a |an |another )?(?:\w+ )?reminder(?: for me)?"
    r"|(?:a )?reminder|ping me|nudge me|alert me|notify me"
    r"|let me know|tell me|poke me|prod me|buzz me|i must not forget|i have to remember|i need to remember)\b[\s:,-]*",
    re.IGNORECASE,
)
LINK = re.compile(
    r"^(?:(?:to|that|about|of|regarding|it is|it's|when it is|saying|for|and)\b[\s:,]*|[:,\-–—]\s*)+", re.IGNORECASE
)
ENDS = re.compile(
    r"(?:[\s,]*\b(?:please|anyway|though|then|as well|thanks|thank you|at|on|in|by|for|every|to|about|from"
    r"|the)\b|[\s,;:.!?])+$",
    re.IGNORECASE,
)
ASKED_ZH = re.compile(
    r"(?:请|麻烦|帮我|给我|替我|你|能不能|可以|要|记得|到时候?|设置?|定|加|新建|创建|一个|一条|个)*(?:提醒|叫|通知"
    r"|告诉)(?:我|一下我?)(?:要|去|一下)?"
    r"|(?:请|帮我|给我)?(?:设置?|定|加|新建|创建)(?:一个|一条|个)?的?提醒(?:事项)?|别让我忘了?|别忘了?|不要忘了?"
    r"|记得|的?提醒$"
)
LEAD_ZH = re.compile(r"^(?:行吧?|好吧?|那就?|嗯|哦|对了|啊|[\s，,。]|再|还有|另外|然后|以及)+")
AND_TO = re.compile(
    r"[\s,;]+(?:and|plus|also|then)(?: also| then)?(?: (?:please )?remind me)? (?=(?:to|that|about)\b)"
    r"|[，,；;。]\s*(?:还有|然后|以及|另外|再)?(?=.*[\u4e00-\u9fff])"
)
"""between two things to be reminded of"""
LINK_ZH = re.compile(r"^[，,：:、的\s]+|[，,：:、的吧呢吗。！!？?\s]+$")
LABEL = re.compile(
    r"\b(?:called|named|labell?ed|for (?:the|my)|to)\s+(?P<name>[a-z][\w' -]{1,40})$|(?:叫做|名叫"
    r"|名为)[“\"]?(?P<han>\w{1,20})",
    re.IGNORECASE,
)
NO_LABEL = re.compile(r"\b(?:me|wake|up|get|alarm|set|bed|work\b\s*days?|o'?clock)\b", re.IGNORECASE)
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
    if not (asks_surely(turn.utterance) or await surely(at, "alarm")):
        return Reply(at.say("left_alone"))
    if times := several(turn.utterance, at.now)[:AT_ONCE]:
        return await _set_several(at, times)
    asked = _zoned(read_when(_hour_said(turn.utterance), at.now, "alarm"), turn.utterance, at)
    if asked.at is None and not asked.problem.replace("no_time", ""):
        asked = await _ask(at, asked, "alarm_when", "alarm")
    if asked.problem or asked.at is None:
        return Reply(_problem(at, asked))
    name = _label(rest_of(turn.utterance, asked))
    rings = datetime.fromtimestamp(asked.at.timestamp())  # the clock here may skip the time that was said
    then = clock_of(rings.replace(second=0))
    now = at.say("alarm_rings_named" if name else "alarm_rings", time=then, name=name)
    entry = await keep(at, "alarm", Reply(now, data={"kind": "alarm", "name": name}), asked)
    note = rings_note(at, [entry], confirmed(at, "alarm_set", entry, asked, name), alarm=entry.key)
    return note.about(at.say("the_alarm"))


async def _set_several(at: Visit, texts: Sequence[str]) -> Reply:
    """Set one alarm for each text."""
    told, entries = [], []
    for number, text in enumerate(texts):
        asked = read_when(text, at.now, "alarm")
        if asked.problem or asked.at is None:
            told.append(_problem(at, asked))
            continue
        rings = datetime.fromtimestamp(asked.at.timestamp())
        now = at.say("alarm_rings", time=clock_of(rings.replace(second=0)), name="")
        entry = await keep(at, "alarm", Reply(now, data={"kind": "alarm", "name": ""}), asked, number=number)
        entries.append(entry)
        told.append(confirmed(at, "alarm_set", entry, asked, ""))
    return rings_note(at, entries, "\n".join(told), alarms=[entry.key for entry in entries])


async def remind_me(
    turn: Turn, dialogue: Dialogue, services: Services, task: str = "", when: datetime | None = None
) -> Reply:
    """Remind you of something at a time, or in so long; again and again if you like."""
    turn = replace(turn, text=_with_unit(turn.utterance), transcript=None)
    at = Visit.of(turn, dialogue, services)
    if not (asks_surely(turn.utterance) or await surely(at, "reminder")):
        return Reply(at.say("left_alone"))
    if texts := _several_reminders(turn.utterance, at)[:AT_ONCE]:
        return await _remind_several(at, texts)
    asked = _zoned(read_when(turn.utterance, at.now, "reminder"), turn.utterance, at)
    if asked.problem in ("past", "no_such_day", "negative", "far"):
        return Reply(_problem(at, asked))
    task = task_in(turn.utterance, asked)  # the whole of it: an example's pattern sees four words
    if not task:
        task = clean(await dialogue.ask(at.say("remind_of_what"), kind=str))
    if asked.at is None:
        asked = await _ask(at, asked, "remind_when", "reminder")
        if asked.problem or asked.at is None:
            return Reply(_problem(at, asked))
    reply = Reply(at.say("reminder_rings", name=task), data={"kind": "reminder", "name": task})
    entry = await keep(at, "reminder", reply, asked)
    note = rings_note(at, [entry], confirmed(at, "reminder_set", entry, asked, task), reminder=entry.key)
    return note.about(at.say("the_reminder"))


def _several_reminders(text: str, at: Visit) -> list[str]:
    """A request for several reminders as one for each: "… at 8 am and 8 pm", "to X in 2 hours and to Y at 5"; or []."""
    pieces = [piece for piece in AND_TO.split(text) if piece.strip()]
    texts = [pieces[0], *(f"remind me {piece}" if piece.isascii() else piece for piece in pieces[1:])]
    whens = [read_when(each, at.now, "reminder") for each in texts]
    if len(texts) > 1 and (first := day_said(texts[0], at.now)):
        texts = [texts[0], *(each if day_said(each, at.now) else f"{first} {each}" for each in texts[1:])]
        whens = [read_when(each, at.now, "reminder") for each in texts]
    asked_first = pieces[0].isascii() or ASKED_ZH.search(pieces[0]) is not None
    if (
        len(texts) > 1
        and asked_first
        and all(when.at is not None and task_in(each, when) for each, when in zip(texts, whens, strict=True))
    ):
        return texts
    return several(text, at.now)


async def _remind_several(at: Visit, texts: Sequence[str]) -> Reply:
    told, entries = [], []
    for number, text in enumerate(texts):
        asked = _zoned(read_when(text, at.now, "reminder"), text, at)
        task = task_in(text, asked)
        if asked.problem or asked.at is None or not task:
            told.append(at.say("reminder_unread", said=clean(text)))
            continue
        reply = Reply(at.say("reminder_rings", name=task), data={"kind": "reminder", "name": task})
        entries.append(await keep(at, "reminder", reply, asked, number=number))
        told.append(confirmed(at, "reminder_set", entries[-1], asked, task))
    note = rings_note(at, entries, "\n".join(told), reminders=[entry.key for entry in entries])
    return note.about(at.say("the_reminder"))


def _task_zh(rest: str) -> str:
    """What is to be done is said after the asking, or else before it: 后天开家长会，别让我忘了."""
    asked = ASKED_ZH.search(rest)
    after = LINK_ZH.sub("", rest[asked.end() :]) if asked else rest
    while asked and (more := ASKED_ZH.match(after)):
        after = LINK_ZH.sub("", after[more.end() :])
    task = after if asked and len(after) > 1 else rest[: asked.start()] if asked else after
    return LINK_ZH.sub("", LEAD_ZH.sub("", task))


def _with_unit(text: str) -> str:
    """Minutes that nothing marks as such, marked: "remind me in 20 to turn it off"."""
    return re.sub(r"\bin (\d{1,3})(?= to\b|\W*$)", r"in \1 minutes", text)


def task_in(text: str, when: When) -> str:
    """What is to be done: the words without the request and without the time; "" where there are none."""
    rest = FILLER.sub("", rest_of(text, when))
    if re.search(r"[\u4e00-\u9fff]", rest):
        return clean(_task_zh(rest))
    lead = LEAD.match(rest)
    rest = rest[lead.end() :] if lead else rest
    asked = ASKED.search(rest)
    if asked is None:
        return clean(ENDS.sub("", rest))
    after, before = rest[asked.end() :], rest[: asked.start()]
    task = ENDS.sub("", LINK.sub("", after.strip()))
    return clean(task or ENDS.sub("", before))


def _hour_said(text: str) -> str:
    """An hour that nothing marks as one, marked: "wake me up 7"."""
    return (
        text if re.search(r"\bat\b|:", text) else BARE_HOUR.sub(lambda m: m.group().replace(m[1], f"at {m[1]}"), text)
    )


def _label(rest: str) -> str:
    found = LABEL.search(rest.strip(" .!?,"))
    name = clean(found["name"] or found["han"]) if found else ""
    return "" if NO_LABEL.search(name) else name


def _zoned(when: When, text: str, at: Visit) -> When:
    """A time that is said to be that of another zone."""
    named = next((e for e in find_entities(text, "en", at.now) if e.kind == "timezone"), None)
    if named is None or when.at is None or when.at.tzinfo is not None or when.repeat is not None:
        return when
    there = when.at.replace(tzinfo=zone_of(str(named.value)))
    beside = re.match(r"\s*(?:time\b|时间)", text[named.end :])
    spans = (*when.spans, (named.start, named.end + (beside.end() if beside else 0)))
    return replace(when, at=there, spans=spans, problem="past" if there.timestamp() <= at.turn.at else "")


async def _ask(at: Visit, known: When, question: str, kind: Any) -> When:
    """What is known of a time, with the answer to a question about it."""
    answer = await at.dialogue.ask(at.say(question), kind=str)
    if read_consent(answer) == "no":
        return replace(known, problem="none")
    said = " ".join(filter(None, (_said(at.turn.utterance, known), answer)))
    asked = _zoned(read_when(_hour_said(said), at.now, kind), said, at)
    if (
        asked.at is None
        and not asked.problem.replace("no_time", "")
        and (hour := re.fullmatch(r"\W*(\d{1,2})\W*", answer))
    ):
        return read_when(f"{_said(at.turn.utterance, known)} at {hour[1]}", at.now, kind)
    return asked


def _said(text: str, when: When) -> str:
    return " ".join(text[start:end] for start, end in sorted(when.spans))


async def keep(at: Visit, kind: Kind, reply: Reply, when: When, *, number: int = 0) -> Scheduled:
    """Have something ring."""
    assert when.at is not None
    key, insistent, session = at.key(kind, number), kind == "alarm", at.turn.session
    if when.repeat is not None:
        start = first_start(when.at.replace(tzinfo=None), when.repeat, at.now)
        return await at.services.every(when.repeat, reply, start=start, session=session, key=key, insistent=insistent)
    return await at.services.at(when.at, reply, session=session, key=key, insistent=insistent)


def first_start(start: datetime, repeat: Recurrence, now: datetime) -> datetime:
    """When what comes again first may come: never in the past."""
    if start > now:
        return start
    if repeat.unit == "day":
        return start + timedelta(days=1)
    today = max(start, now + timedelta(seconds=1)).replace(
        hour=start.hour, minute=start.minute, second=start.second, microsecond=0
    )
    return today + timedelta(days=today <= now)


def confirmed(at: Visit, key: str, entry: Scheduled, when: When, name: str) -> str:
    """What was set, with when it rings."""
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


def _problem(at: Visit, when: When) -> str:
    if when.problem == "none":
        return at.say("left_alone")
    day = impossible_day(at.turn.utterance)
    return at.say(f"when_{when.problem or 'no_time'}", day=day)


async def snooze(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Put off what has just rung."""
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
