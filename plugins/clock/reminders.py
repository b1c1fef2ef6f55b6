"""Reminders: of something at a time, or in so long; several at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from assistant import Dialogue, Reply, Services, Turn

from .alarms import AT_ONCE, ask_when, confirmed, keep, problem, zoned
from .amending import MORE
from .asking import asks
from .kept import FILLER, Visit, clean, just_set, rings_note
from .moments import When, durations, read_when, rest_of
from .pieces import day_said, entities_of, timed_pieces, with_context
from .shifting import EVE, lead_time
from .sureness import surely

__all__ = ["remind_me", "task_in"]

LEAD = re.compile(
    r"^\W*(?:(?:please|hey|ok(?:ay)?|so|and|also|then|now)\b[\s,]*)*(?:(?:can|could|would|will) you\s+(?:please\s+)?"
    r"|i(?:'d| would) like you to\s+|i (?:want|need) (?:you to|a)\s+|i want to be\s+|please\s+)?",
    re.IGNORECASE,
)
ASKED = re.compile(
    r"\b(?:remind(?:ed)? me(?: again)?|remember(?: for me)?|(?:do not|don't) let me forget|don't forget"
    r"|make sure (?:that )?i(?: don't forget)?|(?:set|create|add|make|put|give me|schedule)(?: up)? (?:a |an "
    r"|another )?(?:\w+ )?reminder(?: for me)?|(?:a )?reminder|ping me|nudge me|alert me|notify me|let me know"
    r"|tell me|poke me|prod me|buzz me|i must not forget|i have to remember|i need to remember)\b[\s:,-]*",
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
    r"|告诉)(?:我|一下我?)(?:要|去|一下)?|(?:请|帮我|给我)?(?:设置?|定|加|新建|创建)(?:一个|一条|个)?的?提醒(?:事项)?"
    r"|(?:可|千万)?(?:别|不要)(?:让我|给我?)?忘(?:了|记)?|记得|的?提醒$"
)
LEAD_ZH = re.compile(r"^(?:行吧?|好吧?|那就?|嗯|哦|对了|啊|[\s，,。]|再|还有|另外|然后|以及)+")
GOES_ON = re.compile(
    r"\b(?:then|anyway|anyhow|in that case|just in case|fine|ok(?:ay)?)\b|那|行吧|好吧|算了|还是", re.IGNORECASE
)
"""what takes up what was said before"""
LINK_ZH = re.compile(r"^(?:[，,：:、的\s]|[因为]{2})+|[，,：:、的吧呢吗都也。！!？?\s]+$")


async def remind_me(
    turn: Turn, dialogue: Dialogue, services: Services, task: str = "", when: datetime | None = None
) -> Reply:
    """Remind you of something at a time, or in so long; again and again if you like."""
    turn = replace(turn, text=_with_unit(turn.utterance), transcript=None)
    turn = await _on_day_before(turn, services)
    at = Visit.of(turn, dialogue, services)
    if MORE.search(turn.utterance) and (day := await _day_of_last(at)):
        said = f"remind me {turn.utterance} {day}" if turn.utterance.isascii() else f"{day}{turn.utterance}"
        at = replace(at, turn=(turn := replace(turn, text=said, transcript=None)))
    if not await surely(at, "reminder"):
        return Reply(at.say("left_alone"))
    words, told = with_context(turn.utterance, at.now)
    if texts := _several_reminders(words, at):
        return await _remind_several(at, texts, told)
    asked = zoned(read_when(words, at.now, "reminder"), words, at)
    if asked.problem in ("past", "no_such_day", "negative", "far"):
        return Reply(problem(at, asked))
    task = task_in(words, asked) or clean(told)  # the whole of it: an example's pattern sees four words
    if not task:
        last = (await services.conversation(turn.session, 1))[-1:]
        task = str(last[0].data.get("what") or "") if last else ""
    if not task:
        task = clean(await dialogue.ask(at.say("remind_of_what"), kind=str))
    if asked.at is None:
        asked = await ask_when(at, asked, "remind_when", "reminder")
        if asked.problem or asked.at is None:
            return Reply(problem(at, asked))
    away = {"away": asked.away.total_seconds()} if asked.away is not None else {}
    reply = Reply(at.say("reminder_rings", name=task), data={"kind": "reminder", "name": task, **away})
    entry = await keep(at, "reminder", reply, asked)
    text = confirmed(at, "reminder_set", entry, asked, task)
    if lead_time(words, entities_of(words, at.now)) is not None:  # "half an hour before": the time told holds it
        told = turn.utterance
    note = rings_note(at, [entry], text, reminder=entry.key, guessed=asked.guessed, understood=told)
    return note.about(at.say("the_reminder"))


async def _on_day_before(turn: Turn, services: Services) -> Turn:
    """Returns a request with the day of a question that no intent served: "will it rain tomorrow", "ok, then …"."""
    said, now = turn.utterance, datetime.fromtimestamp(turn.at)
    last = (await services.conversation(turn.session, 1))[-1:]
    if last and isinstance(told := last[0].data.get("date"), str) and (named := _from_date(said, told, now)):
        return replace(turn, text=named, transcript=None)
    if (
        not last
        or last[0].outcome == "answer"
        or not GOES_ON.search(said)
        or day_said(said, now)
        or durations(said, now)
    ):
        return turn
    day = day_said(last[0].text, now)
    return (
        replace(turn, text=f"{said} {day}" if said.isascii() else f"{day}{said}")
        if day and day in said + last[0].text
        else turn
    )


def _from_date(said: str, told: str, now: datetime) -> str:
    """Returns the request with the day that was named before, if it counts from that: "the day before", 那天; or ""."""
    if EVE.search(said) and not day_said(EVE.sub("", said), now):
        back = timedelta(days=7 if "week" in said.lower() else 1)
        part = " in the evening" if re.search(r"\b(?:night|evening) before", said, re.IGNORECASE) else ""
        return EVE.sub(f"on {date.fromisoformat(told) - back}{part}", said)
    if re.search(r"那[天日]", said):
        return re.sub(r"就?那[天日]", told, said, count=1)
    if re.search(r"\b(?:that day|on the day)\b", said, re.IGNORECASE) and not day_said(said, now):
        return re.sub(r"\b(?:that day|on the day)\b", f"on {told}", said, count=1, flags=re.IGNORECASE)
    return ""


async def _day_of_last(at: Visit) -> str:
    """The day of the reminder that was set last, where "and to … at 11" names none; "" for today, or for none."""
    said = re.sub(r"^\W*(?:and|also|plus|then)\b", "", at.turn.utterance)
    if (
        asks(said)
        or day_said(said, at.now)
        or durations(said, at.now)
        or read_when(said, at.now, "reminder").at is None
    ):
        return ""
    last = await just_set(at, [each for each in await at.kept() if each.due is not None], 1)
    due = last[-1].due if last and last[-1].repeat is None else None
    return f"{due:%Y-%m-%d}" if due is not None and due.date() != at.now.date() else ""


def _several_reminders(text: str, at: Visit) -> list[str]:
    """Splits a request for several reminders: "… at 8 am and 8 pm", "to X in 2 hours and to Y at 5"; or []."""
    texts = timed_pieces(text, at.now)[:AT_ONCE]
    texts = [each if not each.isascii() or ASKED.search(each) else f"remind me {each}" for each in texts]
    whens = [read_when(each, at.now, "reminder") for each in texts]
    whole = all(when.at is not None and task_in(each, when) for each, when in zip(texts, whens, strict=True))
    return texts if whole else []


async def _remind_several(at: Visit, texts: Sequence[str], context: str) -> Reply:
    told, entries = [], []
    for number, text in enumerate(texts):
        asked = zoned(read_when(text, at.now, "reminder"), text, at)
        task = task_in(text, asked)
        if asked.problem or asked.at is None or not task:
            told.append(at.say("reminder_unread", said=clean(text)))
            continue
        reply = Reply(at.say("reminder_rings", name=task), data={"kind": "reminder", "name": task})
        entries.append(await keep(at, "reminder", reply, asked, number=number))
        told.append(confirmed(at, "reminder_set", entries[-1], asked, task))
    note = rings_note(at, entries, "\n".join(told), reminders=[e.key for e in entries], understood=context)
    return note.about(at.say("the_reminder"))


def _task_zh(rest: str) -> str:
    """Returns the task of a Chinese request; it follows the request or precedes it: 后天开家长会，别让我忘了."""
    asked = ASKED_ZH.search(rest)
    after = LINK_ZH.sub("", rest[asked.end() :]) if asked else rest
    while asked and (more := ASKED_ZH.match(after)):
        after = LINK_ZH.sub("", after[more.end() :])
    task = after if asked and len(after) > 1 else rest[: asked.start()] if asked else after
    return LINK_ZH.sub("", LEAD_ZH.sub("", task))


def _with_unit(text: str) -> str:
    """Adds the unit "minutes" to a bare number: "remind me in 20 to turn it off"."""
    text = re.sub(r"\b(reminder for|another for) (\d{1,2})(?= to\b)", r"\1 at \2", text)
    return re.sub(r"\bin (\d{1,3})(?= to\b|\W*$)", r"in \1 minutes", text)


def task_in(text: str, when: When) -> str:
    """Returns the task: the text without the request and the time; "" if nothing remains."""
    rest = FILLER.sub("", rest_of(text, when))
    if re.search(r"[\u4e00-\u9fff]", rest):
        return clean(_task_zh(rest))
    lead = LEAD.match(rest)
    rest = rest[lead.end() :] if lead else rest
    asked = ASKED.search(rest)
    if asked is None:
        return clean(ENDS.sub("", LINK.sub("", rest)))
    after, before = rest[asked.end() :], rest[: asked.start()]
    task = ENDS.sub("", LINK.sub("", after.strip()))
    return clean(task or ENDS.sub("", before))
