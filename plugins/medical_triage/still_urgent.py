"""Keeps an emergency open over the next turns until the user says that there is none."""

from __future__ import annotations

import re

from assistant import Reply, Services, Turn

from .alarm_replies import URGENT
from .calm import says
from .facts import plain, read_facts
from .wording import language_of, say

__all__ = ["still_urgent"]

LOOKED_BACK = 3
"""turns in which an emergency is not forgotten; one that may be none is, unless the very next turn is about it"""
DOUBTED = "doubted"
"""says of a reply that an emergency that may be none was doubted: then only a call that was made still is about it"""
NONE_WAS = re.compile(
    r"\bfalse alarm\b|fehlalarm|\b(?:my|a) mistake\b|\bonly joking\b|\bjust a joke\b|虚惊|搞错|误会|开玩笑",
    re.IGNORECASE,
)

CALLED = re.compile(
    r"\b(?:(?:i|we|he|she|they|someone|somebody)(?:'?m|'?re|'?s|'?ve|'?ll| am| are| is| have)?|already|just)(?: \w+)?"
    r" (?:call|phon|ring|dial)\w*\b|\b(?:they|it|ambulance|help)(?:'?re|'?s| is| are)? (?:here|coming)\b"
    r"|\bon (?:the|their|its|our) way\b|\bgoing (?:now|there|in)\b|^(?:(?:ok(?:ay)?|yes|right|fine)\W+)*calling\b"
    r"|\bcalling (?:now|them|\d{3})\b"
    r"|(?:已经|刚|正?在|马上|现在|这就|我|我们)[就来去]?[打拨叫][了过吧着]?|打了|叫了(?:救护)?车|(?:马上|这就|现在就?)去"
    r"|在路上|[快就]?来了",
    re.IGNORECASE,
)
"""says that help is called or on its way"""
NOT_CALLED = re.compile(r"n[o']t\b|\bnever\b|\bshould\b|\bdo i\b|dont|wont|不|没|别|要不要|用[不得]", re.IGNORECASE)
PEN = re.compile(
    r"\bepi-? ?pens?\b|\b(?:adrenaline?|epinephrine|jext|emerade)\b|\badrenalin-?(?:pen|stift)\b|肾上腺素",
    re.IGNORECASE,
)
"""names the pen against an allergic reaction"""
SENTENCES = re.compile(r"[.!?;。！？；]\s*")


async def still_urgent(turn: Turn, services: Services, within: int = LOOKED_BACK) -> Reply | None:
    """Say again to call, where a turn just before told of an emergency and this one does not take it back; else None.

    "He says he only wants to rest", "sweating a lot now" and "not that bad" are about it, whatever they mean alone.

    Args:
        within: turns that are looked back.
    """
    before = await services.conversation(turn.session, within)
    told = [str(each.data.get(URGENT, "")) for each in before]
    # "Ok calling. Should he walk around?" says in one sentence that help is called, and asks in another.
    called = any(CALLED.search(each) and not NOT_CALLED.search(each) for each in SENTENCES.split(turn.utterance))
    if "sure" not in told and told[-1:] != ["perhaps"] and not (called and told[-1:] == [DOUBTED]):
        return None
    if NONE_WAS.search(turn.utterance) or _denies_it(turn.utterance):
        return None
    if says("doubts", plain(turn.utterance)) and not read_facts(turn.utterance).present - {"severe", "pressing"}:
        sure = "sure" in told
        text = say("doubted" if sure else "doubted_perhaps", language_of(turn.utterance))
        return Reply(text, data={URGENT: "sure" if sure else DOUBTED})
    text = say("help_is_coming" if called else "still_urgent", language_of(turn.utterance))
    if PEN.search(turn.utterance):
        text = f"{say('adrenaline_pen', language_of(turn.utterance))}\n{text}"
    return Reply(text, data={URGENT: told[-1] or "sure"})


def _denies_it(text: str) -> bool:
    """Returns whether a text says what is no longer so: "not bleeding any more"."""
    facts = read_facts(text)
    return bool(facts.denied) and not facts.present
