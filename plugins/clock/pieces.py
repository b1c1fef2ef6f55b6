"""Every pair of a time and a thing in one request: "call mum at 5 and dad at 6", 鸡蛋八分钟 米饭二十分钟."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

from assistant.language import detect_language
from assistant.understanding.entities import Entity, find_entities

from .cues import ALARM, REMIND, REMIND_ZH
from .excepting import days_left_out
from .shifting import lead_time

__all__ = ["JOINT", "clock_said", "day_said", "entities_of", "grouped", "lengths_of", "timed_pieces", "with_context"]

_TIMES = ("time", "datetime", "date", "date_range", "recurrence", "duration")
_FILLS = {"time": "c", "datetime": "cd", "date": "d", "date_range": "d", "recurrence": "d", "duration": "cd"}
"""which part of a moment each kind says: the clock or the day; a length from now says both"""
_LISTED = re.compile(r"\s*(?:,|\band\b|&|和|、)\s*|(?<=[\u4e00-\u9fff])\s+")
"""between lengths of one list"""
_AND = re.compile(r"\s*(?:和|跟|与|or|/)\s*(?:at |on )?", re.IGNORECASE)
_ADDED = re.compile(r"\s*,?\s*(?:and\s+)?|零|又")
JOINT = re.compile(
    r"\s*[,，;；、。.!]+\s*(?:and\s+|then\s+|also\s+|plus\s+)*|\s+(?:and then|and also|and|then|plus|also|&)\s+"
    r"|\s*(?:还有|以及|另外|然后|再来)\s*|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff\d])",
    re.IGNORECASE,
)
"""between two wishes"""
_AND_TO = re.compile(
    r"[\s,;]+(?:and|plus|also|then)(?: also| then)?(?: (?:please )?remind me)? (?:to|that|about)\b", re.IGNORECASE
)
_WISH = re.compile(
    r"\b(?:please|pls|hey|ok|can|could|would|will|you|u|i|need|want|like|set|start|give|make|get|put|add|create|do"
    r"|me|us|up|a|an|the|my|one|two|three|four|five|\d+|another|new|for|at|on|in|by|to|about|of|and|also|then"
    r"|timers?|alarms?|reminders?|remind|wake|nudge|ping|poke|tell|every|each|time|both|all|of|so|just"
    r"|count ?downs?)\b|提醒|一下|我|请|帮|给|设置?|定|订|来|开|叫|喊|个|一|两|三|闹[钟铃]|计时器?|都|把|[\W_]",
    re.IGNORECASE,
)
"""words that only ask"""
_STATES = re.compile(
    r"^(?:(?:and|but|so|because|cos|cause|cuz|since|as)\s+)?(?:(?:i|we|he|she|they|it|that|there)(?:'?\w{1,2})?\b(?!:)"
    r"|gott?a\b|(?:my|the|our|his|her|poor) (?:\w+ ){1,3}?(?:is|are|was|has|have|will|\w{2,}s)\b)|^(?:因为|我"
    r"|他|她|我们|人家|老师)",
    re.IGNORECASE,
)
"""how a clause begins that tells something"""
_CUES = (ALARM, REMIND, REMIND_ZH, re.compile("[叫喊闹]"))
_OPENS = re.compile(
    r"\s*[,;，；。]\s*|\.\s+|\s+(?=(?:so|because|cos|cuz|but|i'?m|i'?ve)\b)|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff\d])",
    re.IGNORECASE,
)


@dataclass
class _Group:
    """The times that together say one moment."""

    marks: list[Entity] = field(default_factory=list)
    filled: set[str] = field(default_factory=set)

    @property
    def start(self) -> int:
        return self.marks[0].start

    @property
    def end(self) -> int:
        return self.marks[-1].end


def entities_of(text: str, now: datetime) -> list[Entity]:
    """The entities of a text in its own language."""
    return list(find_entities(text, detect_language(text), now))


def _marks(text: str, now: datetime) -> list[Entity]:
    """The times of a text in order, without what is only a lead ("half an hour before") or left out."""
    found = [each for each in entities_of(text, now) if each.kind in _TIMES]
    skipped: list[tuple[int, int]] = []
    if (lead := lead_time(text, found)) is not None:
        skipped.append(lead[1])
    skipped += days_left_out(text)[1]
    found = [part for each in found for part in (lengths_of(each) if each.kind == "duration" else [each])]
    return [each for each in found if not any(start <= each.start < end for start, end in skipped)]


def lengths_of(entity: Entity) -> list[Entity]:
    """Returns one duration, or those of a list that was read as a sum: "5 minutes, 10 minutes and 15 minutes"."""
    parts, at = [], 0
    for piece in _LISTED.split(entity.text):
        start = entity.text.index(piece, at)
        at = start + len(piece)
        parts += [
            replace(each, start=entity.start + start + each.start, end=entity.start + start + each.end)
            for each in entities_of(piece, datetime.now())
            if each.kind == "duration"
        ]
    return parts if len({_unit(each) for each in parts}) < len(parts) else [entity]


def grouped(text: str, marks: Sequence[Entity]) -> list[_Group]:
    """The times of a text in groups that each say one moment."""
    groups: list[_Group] = []
    for mark in marks:
        fills = set(_FILLS[mark.kind])
        last = groups[-1] if groups else None
        if last is None:
            groups.append(_Group([mark], fills))
            continue
        between = text[last.end : mark.start]
        units = {getattr(each.value, "unit", "") for each in (*last.marks, mark)}
        if mark.kind == "duration":
            joined = last.marks[-1].kind == "duration" and _ADDED.fullmatch(between) is not None
            joined = joined and _unit(mark) < _unit(last.marks[-1])
        else:
            joined = not fills & last.filled or (bool(units & {"month", "year"}) and fills == {"d"})
        if joined and not _AND_TO.search(between):
            last.marks.append(mark)
            last.filled |= fills
        else:
            groups.append(_Group([mark], fills))
    return groups


def _unit(entity: Entity) -> int:
    """Seconds of the unit in which a length was said."""
    units = (
        (r"h(?:ou)?rs?\b|小时|钟头", 3600),
        (r"sec|秒", 1),
        (r"min|分|刻", 60),
        (r"day|天", 86_400),
        (r"week|周|星期", 604_800),
    )
    return next((size for said, size in units if re.search(said, entity.text, re.IGNORECASE)), 60)


def timed_pieces(text: str, now: datetime) -> list[str]:
    """Splits a request into one text for each moment; a missing day or hour is taken from the last one.

    Args:
        text: spelled out.
        now: on the wall clock, without a zone.

    Returns:
        Two texts or more; [] where only one moment is named.
    """
    groups = grouped(text, _marks(text, now))
    joined = groups[:1]
    for group in groups[1:]:  # "at 3 to tell Bo that it begins at 5" names one moment
        between = text[joined[-1].end : group.start]
        ends = (e for e in (*JOINT.finditer(text), *_AND_TO.finditer(text)) if joined[-1].end <= e.start())
        if _AND.fullmatch(between) or any(e.end() <= group.start for e in ends):
            joined.append(group)
    groups = joined
    if len(groups) < 2:
        return []
    first = not _WISH.sub("", text[: groups[0].start])  # the times stand before their things
    edges = [0]
    for before, after in pairwise(groups):
        joints = [e for e in JOINT.finditer(text) if before.end <= e.start() and e.end() <= after.start]
        to = [e for e in _AND_TO.finditer(text) if before.end <= e.start() and e.end() <= after.start]
        edge = to[0].start() if to else joints[-1 if first else 0].start() if joints else None
        edges.append(edge if edge is not None else after.start if first else before.end)
    parts = [text[start:end].strip(" ,;，；") for start, end in pairwise([*edges, len(text)])]
    things = [bool(_thing(part, now)) for part in parts]
    if sum(things) < 2 and (things[0] or things[-1] or not any(things)):  # one thing at several times
        parts = [_without(text, [each for each in groups if each is not group]) for group in groups]
    return _completed(parts, groups, now)


def _completed(parts: Sequence[str], groups: Sequence[_Group], now: datetime) -> list[str]:
    days, clocks = [day_said(part, now) for part in parts], [clock_said(part, now) for part in parts]
    texts = []
    for number, (part, group) in enumerate(zip(parts, groups, strict=True)):
        part = re.sub(r"^(?:(?:and|then|plus|also)\b\s*|还有|以及|另外|然后)+", "", part, flags=re.IGNORECASE)
        if "d" not in group.filled:
            near = [*reversed(days[:number]), *([] if any(days[: number + 1]) else days[number:])]
            if day := next(filter(None, near), ""):
                part = f"{day} {part}" if part.isascii() else f"{day}{part}"
        clock = next(filter(None, reversed(clocks[:number])), "")
        if clock and "c" not in group.filled and all(each.kind == "date" for each in group.marks):
            part = f"{part} at {clock}" if part.isascii() else f"{part}{clock}"
        texts.append(part)
    return texts


def _without(text: str, groups: Sequence[_Group]) -> str:
    """Removes some moments from a text, with the words that joined them to the others."""
    for group in sorted(groups, key=lambda each: -each.start):
        before, after = text[: group.start], text[group.end :]
        shorter = re.sub(
            r"(?:\s*(?:[,，、]|\b(?:and|or|also|another)\b|和|跟|还有))+(?:\s*\b(?:at|on|for|in)\b)?\s*$", "", before
        )
        if shorter == before:
            after = re.sub(r"^(?:\s*(?:[,，、]|\b(?:and|or|also|another)\b|和|跟|还有))+", "", after)
            shorter = (
                re.sub(r"\s*\b(?:at|on|for|in)\s*$", " ", before)
                if re.match(r"\s*\b(?:at|on|for|in)\b", after)
                else before
            )
        text = f"{shorter} {after.lstrip()}" if text.isascii() else shorter + after
    return " ".join(re.sub(r"\b(at|on|for|in)\s*(?:,|\band\b)\s*", r"\1 ", text).split())


def _thing(text: str, now: datetime) -> str:
    for each in sorted((e for e in entities_of(text, now) if e.kind in _TIMES), key=lambda e: -e.start):
        text = text[: each.start] + " " + text[each.end :]
    return _WISH.sub("", text)


def with_context(text: str, now: datetime) -> tuple[str, str]:
    """Removes the clauses that only state a reason with a time, but keeps their day; returns both.

    "I've to leave by ten tomorrow so wake me at seven" asks for tomorrow at seven; where the wish has no time of its
    own, what was told has it: 明天下午三点开会，别让我忘了.
    """
    parts = [each for each in _OPENS.split(text) if each and each.strip()]
    asking = [each for each in parts if any(cue.search(each) for cue in _CUES)]
    own = [each for each in asking if _marks(each, now)]
    if len(parts) < 2 or not own:
        return text, ""
    told = [
        each
        for number, each in enumerate(parts)
        if each not in asking and _marks(each, now) and (number < parts.index(own[0]) or _STATES.search(each.strip()))
    ]
    rest = [each.strip() for each in parts if each not in told]
    joint = ", " if text.isascii() else "，"
    days = (day_said(each, now) for each in told)
    day = "" if any(day_said(each, now) for each in rest) else next(filter(None, days), "")
    if not told:
        return text, ""
    return (f"{joint.join(rest)} {day}" if text.isascii() else f"{day}{joint.join(rest)}"), joint.join(told)


def day_said(text: str, now: datetime) -> str:
    """The words that name the day, or how often; "" where only a time is said, or a length of time."""
    found = _marks(text, now)
    if any(each.kind == "duration" for each in found):
        return ""
    for entity in found:
        if entity.kind in ("date", "date_range", "recurrence"):
            return entity.text
        if entity.kind == "datetime":
            return next((part for part in _parts(entity.text) if _is_day(part, now)), "")
    return ""


def clock_said(text: str, now: datetime) -> str:
    """Returns the words that name the time of day; "" for none."""
    for entity in _marks(text, now):
        if entity.kind == "time":
            return entity.text
        if entity.kind == "datetime":
            found = (
                part for part in _parts(entity.text) if [e.kind for e in entities_of(f"at {part}", now)] == ["time"]
            )
            return next(found, "")
    return ""


def _parts(words: str) -> list[str]:
    """The beginnings and ends of a few words, the longest first."""
    pieces = words.split() if words.isascii() else list(words)
    joint = " " if words.isascii() else ""
    sizes = range(len(pieces) - 1, 0, -1)
    return [joint.join(part) for size in sizes for part in (pieces[:size], pieces[-size:])]


def _is_day(words: str, now: datetime) -> bool:
    found = entities_of(words, now)
    return len(found) == 1 and found[0].kind == "date" and found[0].text == words
