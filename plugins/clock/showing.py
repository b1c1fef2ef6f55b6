"""Shows and cancels entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from assistant import Dialogue, Reply, Services, Turn
from assistant.language import detect_language
from assistant.outputs.schedule import Scheduled
from assistant.understanding.entities import find_entities

from .checking import checked, checks
from .kept import MOST, Kind, Visit, choose, described, just_set, kind_in, matching, rings_note, snapshot, wants_all
from .labels import timer_named
from .moments import durations, read_when
from .sparing import told_apart
from .wording import moment

__all__ = ["cancel", "show"]

NAMED = 3
"""entries that are named when they are cancelled together"""
LISTED = 10
"""entries that one answer names"""
KINDS: tuple[Kind, ...] = ("timer", "alarm", "reminder")
TODAY = re.compile(r"\btoday\b|今天", re.IGNORECASE)
MISSED = re.compile(r"\bmiss(?:ed)?\b|错过|漏", re.IGNORECASE)
BRIEF = re.compile(
    r"\W*(?:(?:no|nah|actually|oh|ok|please)\W+)*(?:stop|cancel|kill|delete|turn off|scrap|forget|bin|drop|lose"
    r"|ditch)(?: (?:it|that|this|(?:that|this|the) one))?"
    r"(?: (?:please|now|then|again))*\W*|(?:停|停下|停掉|取消|取消掉|删掉)(?:它|那个|这个)?[吧了]*\W*"
    r"|(?:算了[吧，,\s]*)?(?:不要|不用|不需要)了吧?\W*(?:取消吧?)?\W*|.*\b(?:don't|do not|won't) need (?:it|that)\b.*",
    re.IGNORECASE,
)
"""names nothing: what was set last is meant"""
CALLED_OFF = re.compile(
    r"\bnot \w+ing\b|\b(?:called off|cancell?ed|is off|'s off|is over|'s over|can't|won't|changed?)\b"
    r"|不[\u4e00-\u9fff]{1,4}了|[取改黄].?了",
    re.IGNORECASE,
)
"""why what was set last is needed no more"""
DONE = re.compile(
    r"\b(?:done|ready|cooked|boiled|baked|finished|out)\b.*\b(?:no|stop|don't|forget)\b|了[，,\s]*(?:就"
    r"|都)?(?:不用|别|不必|不要|甭|停)",
    re.IGNORECASE,
)
"""tells that something is done, for which a timer was set"""
ONE_DAY = re.compile(
    r"\b(?:today|tomorrow|tonight)\b|\b(?:for|just|only|skip)\b|\bon\b|\bnext\b|今天|明天|后天|那天|这次|那次|下个?(?:周|星期|礼拜)",
    re.IGNORECASE,
)
SILENCE = re.compile(r"\b(?:stop|turn off|switch off|shut|silence|quiet|end)\b|关掉?|停|别响|安静", re.IGNORECASE)
RINGS = 120.0
"""seconds for which "stop the alarm" means that it shall be silent, and not that it shall never ring again"""
LEFT = re.compile(
    r"\b(?:left|remain\w*|how long|longer|running|ticking)\b|还[剩有]|多久|多长|在[走跑计]", re.IGNORECASE
)


async def show(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Say which timers, alarms and reminders there are, and how long is left."""
    at = Visit.of(turn, dialogue, services)
    if checks(turn.utterance) and (meant := await just_set(at, await at.kept(), 1)):
        return Reply(checked(meant, at), data={"entries": [{"key": each.key} for each in meant]})
    if MISSED.search(turn.utterance):
        return await _missed(at)
    kind = kind_in(turn.utterance)
    if kind is None and LEFT.search(turn.utterance):
        kind = "timer" if await at.kept("timer") else None
    entries = await at.kept(kind)
    if TODAY.search(turn.utterance):
        entries = [each for each in entries if each.due is not None and each.due.date() == at.now.date()]
        if not entries:
            return Reply(at.say("nothing_today"))
    if kind == "timer" and len(entries) > 1 and (named := matching(entries, turn.utterance, at)):
        entries = named
    if not entries:
        return Reply(at.say(f"no_{kind}s" if kind else "nothing_set"))
    data = {"entries": [{"key": e.key, "due": e.due and e.due.isoformat(), **e.reply.data} for e in entries[:LISTED]]}
    if len(entries) == 1:
        told = Reply(at.say("one", what=described(entries[0], at)), data=data)
        return told.about(at.say(f"the_{entries[0].reply.data.get('kind', 'reminder')}"))
    return Reply(_listed(at, entries), data=data)


def _listed(at: Visit, entries: Sequence[Scheduled]) -> str:
    lines = [f"  · {described(entry, at)}" for entry in entries[:LISTED]]
    if len(entries) > LISTED:
        lines.append(at.say("and_more", count=f"{len(entries) - LISTED:,}"))
    count = f"{len(entries):,}" + "+" * (len(entries) == MOST)
    return "\n".join([at.say("set_now", count=count), *lines])


async def _missed(at: Visit) -> Reply:
    found = await at.services.scheduled(at.turn.session, "", MOST)
    rung = [each for each in found if each.rung is not None and at.turn.at - each.rung.timestamp() < 86_400]
    if not rung:
        return Reply(at.say("nothing_rang_today"))
    lines = [f"  · {each.rung:%H:%M} {each.reply.text}" for each in rung[:LISTED] if each.rung is not None]
    more = [at.say("and_more", count=f"{len(rung) - LISTED:,}")] if len(rung) > LISTED else []
    return Reply("\n".join([at.say("rang_today", count=len(rung)), *lines, *more]))


async def cancel(turn: Turn, dialogue: Dialogue, services: Services) -> Reply:
    """Cancel a timer, an alarm or a reminder, or all of them."""
    at = Visit.of(turn, dialogue, services)
    kind = kind_in(turn.utterance)
    if (silent := await _silenced(at, kind)) is not None:
        return silent
    entries = await at.kept(kind)
    if not entries:
        return Reply(at.say(f"no_{kind}s")) if kind else Reply(at.say("nothing_set")).declined()
    # "All but the 8" is of those that were spoken of just now, and of no others.
    spared = told_apart(turn.utterance)[1]
    if kind is None and (_means_last(turn.utterance, at.now) or spared):
        entries = await just_set(at, entries, every=bool(spared)) or entries
    if _of_another(at, entries) and not await dialogue.ask(
        at.say("cancel_surely", what=described(entries[0], at)), kind=bool
    ):
        return Reply(at.say("it_stays"))
    exact = _one_named(at, entries)
    name = timer_named(turn.utterance) if kind == "timer" else ""
    chosen = exact if exact is not None else await choose(at, entries, "which_cancel", name)
    if not chosen:
        if spared and (kept := matching(entries, spared, at)):
            return Reply(at.say("only_spared", what=described(kept[0], at)))
        return Reply(at.say("no_such_thing")) if kind else Reply(at.say("no_such_thing")).declined()
    if (skipped := await _skipped(at, chosen)) is not None:
        return skipped
    data: dict[str, object] = {"undo": [snapshot(entry) for entry in chosen[:LISTED]]}
    data["understood"] = turn.utterance  # with what it leaves alone
    cancelled = await services.unschedule([entry.key for entry in chosen])
    while len(chosen) == MOST and (more := await at.kept(kind)):  # all of more than one request looks at
        cancelled += await services.unschedule([entry.key for entry in more])
    if len(chosen) > 1:
        told = at.say("namely") + at.say("apart").join(described(entry, at) for entry in chosen)
        return Reply(
            at.say("cancelled_many", count=f"{cancelled:,}", what=told if len(chosen) <= NAMED else ""), data=data
        )
    return Reply(at.say("cancelled", what=described(chosen[0], at)), data=data)


def _means_last(text: str, now: datetime) -> bool:
    """Returns whether a text that names no kind means the last entry: "stop it", "turn it off on Friday"."""
    named = BRIEF.fullmatch(text) or CALLED_OFF.search(text)
    return named is not None or _day_alone(text, now) is not None


def _of_another(at: Visit, entries: Sequence[Scheduled]) -> bool:
    """Returns whether the text calls a thing done and the only timer has another name, so that its end is not sure."""
    timer = len(entries) == 1 and entries[0].reply.data.get("kind") == "timer"
    named = timer and entries[0].reply.data.get("name")
    said = at.turn.utterance
    if not named or not DONE.search(said) or matching(entries, said, at):
        return False
    return str(named).isascii() or str(named)[-1] not in said  # 面好了 of 泡面


async def _skipped(at: Visit, chosen: Sequence[Scheduled]) -> Reply | None:
    """Answers a request to skip a recurring entry once: "turn it off for tomorrow"; None for other requests."""
    entry, day = chosen[0], _day_alone(at.turn.utterance, at.now)
    if len(chosen) != 1 or entry.repeat is None or entry.due is None or day is None:
        return None
    due = entry.due.replace(tzinfo=None)
    if day != due.date():
        return Reply(at.say("no_skip", when=moment(due, at.now, at.language)), data={"entries": [{"key": entry.key}]})
    kept = await at.services.every(
        entry.repeat, entry.reply, start=due + timedelta(days=1), session=at.turn.session, key=entry.key,
        insistent=entry.insistent,
    )  # fmt: skip
    assert kept.due is not None
    told = at.say(
        "skipped",
        what=moment(due, at.now, at.language),
        next=moment(kept.due.replace(tzinfo=None), at.now, at.language),
    )
    return rings_note(at, [kept], told, moved=kept.key, undo=[snapshot(entry)])


def _day_alone(text: str, now: datetime) -> date | None:
    """Returns the single day that the text is about: tomorrow, or one after "for", "just" or "only"; or None."""
    days = [each.value for each in find_entities(text, detect_language(text), now) if each.kind == "date"]
    one = len(days) == 1 and isinstance(days[0], date) and ONE_DAY.search(text)
    return days[0] if one and isinstance(days[0], date) else None


async def _silenced(at: Visit, kind: Kind | None) -> Reply | None:
    """Answers a request to stop what rings now; a recurring entry rings again next time. None for other requests."""
    if not SILENCE.search(at.turn.utterance) or wants_all(at.turn.utterance):
        return None
    found = await at.services.scheduled(at.turn.session, f"{kind}:" if kind else "", MOST)
    rung = [each for each in found if each.rung and 0 <= at.turn.at - each.rung.timestamp() < RINGS]
    if not rung or ((named := read_when(at.turn.utterance, at.now, "alarm").at) and named.minute != at.now.minute):
        return None
    last = max(rung, key=lambda each: each.rung.timestamp() if each.rung else 0.0)
    if last.due is None:
        return Reply(at.say("silent"))
    return Reply(at.say("silent_again", when=moment(last.due.replace(tzinfo=None), at.now, at.language)))


def _one_named(at: Visit, entries: Sequence[Scheduled]) -> list[Scheduled] | None:
    """Excludes the only entry if it is not the one named: "cancel the 7 o'clock alarm" keeps the one at 8."""
    if len(entries) != 1 or wants_all(at.turn.utterance):
        return None
    text = at.turn.utterance
    named = read_when(text, at.now, "alarm").at is not None or bool(durations(text, at.now))
    return [] if named and not matching(entries, text, at) else None
