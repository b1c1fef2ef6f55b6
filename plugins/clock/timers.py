"""Timers: set, changed, paused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from assistant import Dialogue, Reply, Services, Turn
from assistant.intents.numbers import find_numbers
from assistant.outputs.schedule import Scheduled

from .amending import MORE, undoes
from .asking import masked, tells_of_earlier
from .kept import Visit, choose, clean, described, just_set, kind_in, matching, rings_note, snapshot
from .labels import timer_named, timers_in
from .moments import durations, negative, read_when
from .renaming import new_name
from .sureness import surely
from .undoing import taken_back
from .wording import length, short_name

__all__ = ["change_timer", "over", "set_timer"]

LONGEST = 366 * 86_400.0
"""seconds"""
AT_ONCE = 20
"""timers that one request sets"""
NUMBERS = (
    *"0123456789一二两三四五六七八九十半",
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("fif", "twen", "thir", "for", "half", "an"),
)
"""beginnings of an answer that may say a length with no unit"""
ONES = re.compile(r"\s*(?:ones?|timers?)\b|个", re.IGNORECASE)
"""behind a number that counts timers"""
RECENT = 600.0
"""seconds for which time can be added to a timer that has rung"""
THING = re.compile(r"\btimers?\b|计时")
BARE = re.compile(
    r"^\W*(?:(?:hey|ok|please|can you|could you|set|start|do|give me|put|run|a|an|the|new|quick|another"
    r"|one)\W+)*(?:[\w'-]+ ){0,2}timers?(?: on| of| for| to| at)?\W*(?:\d{1,3}|[a-z-]+(?: [a-z-]+)?)(?: please| pls"
    r"| thanks)*\W*$|^\W*(?:(?:set|start|do|give me|put|run|a|an|please)\W+)*(?:\d{1,3}|[a-z]+)[ -]?timer\W*$"
    r"|(?:计时器?|定时器?|倒计时)[\s，,]*(?:定|设)?(?:\d{1,3}|[一二三四五六七八九十两]+)个?\W*$",
    re.IGNORECASE,
)
"""names a number for a timer, and no unit"""
SEVERAL = re.compile(
    r"\btimers\b|分别|各|[两二三四五]个(?:倒?计时|定时)"
    r"|\b(?:another|and (?:a|one|then)|second one|separate|both)\b|再|另|还要|一起",
    re.IGNORECASE,
)
"""says that several lengths are for several timers"""
OPERATIONS = {
    "resume": r"\b(?:resume|continue|unpause|un-pause|carry on|go on|keep going|unfreeze)\b|继续|恢复|接着",
    "restart": r"\b(?:restart|reset|start .*again|start over|from the beginning)\b|重新|从头",
    "pause": r"\b(?:pause|hold|freeze|halt|suspend|stop .* for a (?:moment|minute|second)|wait)\b|暂停|先停|停一下",
    "shorten": r"\b(?:take|subtract|remove|knock|shave|cut|less|fewer|shorter|shorten|reduce|minus)\b|减|缩短|少|提前",
    "extend": r"\b(?:add|adding|more|another|extend|longer|extra|plus|prolong|tack|increase|lengthen)\b|加|延长|多|再",
}


def over(name: str, seconds: float, at: Visit) -> Reply:
    """Returns the announcement at the end of a timer."""
    text = (
        at.say("timer_over_named", name=name) if name else at.say("timer_over", length=short_name(seconds, at.language))
    )
    return Reply(text, data={"kind": "timer", "name": name, "seconds": seconds})


CONVERTS = re.compile(
    r"\b(?:what|how (?:much|many|long))\b.*\b(?:in|to) (?:seconds|minutes|hours|days)\b|是?多少(?:秒|分钟|小时)"
)
"""asks what a length is in another unit"""


async def set_timer(turn: Turn, dialogue: Dialogue, services: Services, duration: timedelta | None = None) -> Reply:
    """Set a timer, with a name if you like."""
    at = Visit.of(turn, dialogue, services)
    found = durations(turn.utterance, at.now)
    if any(negative(turn.utterance, entity) for entity in found):
        return Reply(at.say("timer_negative"))
    if tells_of_earlier(turn.utterance) or CONVERTS.search(turn.utterance):
        return Reply(at.say("told_earlier")).declined()
    if not await surely(at, "timer"):
        return Reply(at.say("left_alone"))
    timers = _wanted(turn.utterance, at)
    if not timers:
        until = _until(at)
        if until is None:
            told = await dialogue.ask(at.say("timer_how_long"), kind=timedelta, mentions=NUMBERS)
            until = told.total_seconds() if isinstance(told, timedelta) else _bare_length(told, at)
        timers = [(until, "")]
    lengths = [seconds for seconds, _ in timers]
    if min(lengths) < 1 or max(lengths) > LONGEST:
        return Reply(at.say("timer_too_short" if min(lengths) < 1 else "timer_too_long"))
    kept = [await _start(at, at.key("timer", n), name, long, long) for n, (long, name) in enumerate(timers)]
    keys = [entry.key for entry in kept]
    if len(timers) == 1:
        ((seconds, name),) = timers
        text = at.say("timer_set_named" if name else "timer_set", length=length(seconds, at.language), name=name)
    else:
        alike = len({name for _, name in timers}) == 1
        told = [(length(long, at.language), "" if alike else name) for long, name in timers]
        listed = at.say("comma").join(
            at.say("timer_named", name=name, length=long) if name else long for long, name in told
        )
        text = at.say("timers_set", length=listed, count=len(kept))
    return rings_note(at, kept, text, timers=keys).about(at.say("the_timer"))


def _wanted(text: str, at: Visit) -> list[tuple[float, str]]:
    """Returns the requested timers with their names; several if they are named or counted."""
    timers = timers_in(text, at.now)[:AT_ONCE]
    if not timers and len(found := find_numbers(text)) == 1 and BARE.search(text):
        length = f"{found[0].value} minutes" if text.isascii() else f"{found[0].value}分钟"
        timers = timers_in(f"{text[: found[0].start]} {length} {text[found[0].end :]}", at.now)[:1]  # "timer 25"
    if not timers and MORE.search(text) and (bare := re.search(r"(?<!\d)(\d{1,3})\W*$", text)):  # "and one more, 12"
        unit = "分钟" if re.search(r"[\u4e00-\u9fff]", text) else " minutes"
        timers = timers_in(f"{text[: bare.end(1)]}{unit}", at.now)[:1]
    names = [name for _, name in timers if name]
    if len(timers) > 1 and (SEVERAL.search(text) or len(set(names)) >= len(timers) - 1 > 0):
        return timers
    return timers[:1]


async def _start(at: Visit, key: str, name: str, seconds: float, left: float) -> Scheduled:
    due = datetime.fromtimestamp(at.turn.at + left).astimezone()
    return await at.services.at(due, over(name, seconds, at), session=at.turn.session, key=key, insistent=True)


def _bare_length(told: str, at: Visit) -> float:
    """Seconds of an answer such as "eight", which are minutes."""
    said, numbers = durations(told, at.now), find_numbers(told)
    seconds = sum(each.value.total_seconds() for each in said if isinstance(each.value, timedelta))
    return seconds or (60.0 * float(numbers[0].value) if numbers else 0.0)


def _until(at: Visit) -> float | None:
    """Seconds until the time of day that is named instead of a length."""
    when = read_when(at.turn.utterance, at.now, "reminder")
    if when.at is None or when.problem or when.repeat or when.guessed:
        return None
    return when.at.timestamp() - at.turn.at


async def change_timer(turn: Turn, dialogue: Dialogue, services: Services, duration: timedelta | None = None) -> Reply:
    """Add time to a timer, take some off, pause it, let it run on, or start it again."""
    at = Visit.of(turn, dialogue, services)
    if kind_in(turn.utterance) in ("alarm", "reminder"):
        return Reply(at.say("change_how"))
    if undoes(masked(turn.utterance)) and (back := await taken_back(at)) is not None:
        return back
    if (named := new_name(turn.utterance)) is not None and (running := await at.kept("timer")):
        return await _renamed(at, (await just_set(at, running) or running)[-1], clean(named[0]))
    text = turn.utterance.lower()
    operation = next((name for name, words in OPERATIONS.items() if re.search(words, text)), "")
    found = durations(turn.utterance, at.now)
    timers = await at.kept("timer")
    if operation == "pause":
        timers = [timer for timer in timers if timer.due is not None]
    elif operation == "resume":
        timers = [timer for timer in timers if timer.due is None]
    if not timers:
        return await _none(at, operation, found[0].value.total_seconds() if found else 0.0)  # type: ignore[union-attr]
    by = found[0].value.total_seconds() if found else _bare(turn.utterance, timers, at)  # type: ignore[union-attr]
    if operation in ("extend", "shorten", "") and not by:
        return Reply(at.say("change_how"))
    if found and operation in ("extend", "shorten") and negative(turn.utterance, found[0]):
        operation = "shorten" if operation == "extend" else "extend"
    bare = _without(at, found)
    name = timer_named(bare.utterance)
    visit = Visit(bare, services, dialogue, at.language, at.now)
    if len(timers) > 1 and not name and not matching(timers, bare.utterance, visit) and not THING.search(text):
        timers = await just_set(at, timers) or timers
    chosen = await choose(visit, timers, "which_timer", name)
    if not chosen:
        return Reply(at.say("no_such_timer"))
    lines = [await _change(services, at, timer, operation, by) for timer in chosen]
    changed = [timer for _, timer in lines if timer is not None]
    text, undo = "\n".join(line for line, _ in lines[:10]), [snapshot(timer) for timer in chosen]
    note = rings_note(at, changed, text, timers=[each.key for each in chosen], undo=undo, understood=turn.utterance)
    return note.about(at.say("the_timer"))


async def _renamed(at: Visit, timer: Scheduled, name: str) -> Reply:
    reply, seconds = timer.reply, float(timer.reply.data["seconds"])
    rings = over(name, seconds, at)
    kept = Reply(rings.text, data={**reply.data, "name": name})
    entry = await at.services.at(timer.due, kept, session=at.turn.session, key=timer.key, insistent=True)
    data = {"timers": [timer.key], "undo": [snapshot(timer)]}
    return Reply(at.say("one", what=described(entry, at)), data=data).about(at.say("the_timer"))


def _bare(text: str, timers: Sequence[Scheduled], at: Visit) -> float:
    """Returns the seconds of a number without a unit, in the unit of the timer meant, or minutes; 0 for none."""
    numbers = [each for each in find_numbers(text) if not ONES.match(text[each.end :])]
    if len(numbers) != 1 or "%" in text:
        return 0.0
    named = list(timers) if len(timers) == 1 else matching(timers, text, at)
    if len(named) != 1:
        return float(numbers[0].value) * 60
    seconds = float(named[0].reply.data["seconds"])
    return float(numbers[0].value) * next(unit for unit in (3600, 60, 1) if seconds % unit == 0)


def _without(at: Visit, found: list) -> Turn:  # type: ignore[type-arg]
    """Removes durations from the turn: five more minutes is not the name of a timer of five minutes."""
    text = at.turn.utterance
    for entity in sorted(found, key=lambda e: -e.start):
        text = text[: entity.start] + " " + text[entity.end :]
    return replace(at.turn, text=text, transcript=None)


async def _change(
    services: Services, at: Visit, timer: Scheduled, operation: str, by: float
) -> tuple[str, Scheduled | None]:
    name, seconds = str(timer.reply.data.get("name") or ""), float(timer.reply.data["seconds"])
    paused = timer.reply.data.get("left")
    left = float(paused) if paused is not None else max(0.0, timer.due.timestamp() - at.turn.at if timer.due else 0.0)
    named = name or short_name(seconds, at.language)
    if operation == "pause":
        reply = over(name, seconds, at)
        kept = Reply(reply.text, data={**reply.data, "left": left})
        await at.services.at(None, kept, session=at.turn.session, key=timer.key, insistent=True)
        return at.say("timer_paused", name=named, left=length(left, at.language)), None
    if operation in ("extend", "shorten"):
        left += by if operation == "extend" else -by
    elif operation == "restart":
        left = seconds
    elif operation == "":
        left = seconds = by
    if left > LONGEST:
        return at.say("timer_too_long"), None
    if left < 1:
        await services.unschedule([timer.key])
        await services.announce(over(name, seconds, at), session=at.turn.session)
        return at.say("timer_over_now", name=named), None
    if paused is not None and operation in ("extend", "shorten"):
        reply = over(name, seconds, at)
        kept = Reply(reply.text, data={**reply.data, "left": left})
        await at.services.at(None, kept, session=at.turn.session, key=timer.key, insistent=True)
        return at.say("timer_paused", name=named, left=length(left, at.language)), None
    started = await _start(at, timer.key, name, seconds, left)
    return at.say("timer_runs", name=named, left=length(left, at.language)), started


async def _none(at: Visit, operation: str, by: float) -> Reply:
    """Handles a change without a running timer: restarts the one that has just rung, or sets a new one."""
    found = await at.services.scheduled(at.turn.session, "timer:", 50)
    rung = [each for each in found if each.rung is not None and at.turn.at - each.rung.timestamp() < RECENT]
    if operation == "extend" and by >= 1 and rung:
        last = max(rung, key=lambda each: each.rung.timestamp() if each.rung else 0.0)
        name = str(last.reply.data.get("name") or "")
        started = await _start(at, at.key("timer"), name, by, by)
        return rings_note(
            at, [started], at.say("timer_set_named" if name else "timer_set", length=length(by, at.language), name=name)
        )
    if operation == "" and by >= 1:  # Timer auf 5 Minuten
        started = await _start(at, at.key("timer"), "", by, by)
        return rings_note(at, [started], at.say("timer_set", length=length(by, at.language), name=""))
    paused = operation == "pause" and any(each.reply.data.get("left") is not None for each in found)
    return Reply(at.say("timer_paused_already" if paused else "no_paused" if operation == "resume" else "no_timers"))
