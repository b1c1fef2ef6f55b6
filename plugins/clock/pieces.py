"""Every pair of a time and a thing in one request: "call mum at 5 and dad at 6", 鸡蛋八分钟 米饭二十分钟."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

from assistant.language import detect_language
from assistant.understanding.entities import Entity, find_entities

from .cues import ALARM, REMIND, REMIND_ZH
from .excepting import days_left_out
from .kept import FILLER, clean
from .shifting import lead_time

__all__ = ["day_said", "label", "timed_pieces", "timer_named", "timers_in", "with_context"]

_TIMES = ("time", "datetime", "date", "date_range", "recurrence", "duration")
_FILLS = {"time": "c", "datetime": "cd", "date": "d", "date_range": "d", "recurrence": "d", "duration": "cd"}
"""which part of a moment each kind says: the clock or the day; a length from now says both"""
_LISTED = re.compile(r"\s*(?:,|\band\b|&|和|、)\s*|(?<=[\u4e00-\u9fff])\s+")
"""between lengths of one list"""
_AND = re.compile(r"\s*(?:和|跟|与|or|/)\s*(?:at |on )?", re.IGNORECASE)
_ADDED = re.compile(r"\s*,?\s*(?:and\s+)?|零|又")
_JOINT = re.compile(
    r"\s*[,，;；、。.!]+\s*(?:and\s+|then\s+|also\s+|plus\s+)*|\s+(?:and then|and also|and|then|plus|also|&)\s+"
    r"|\s*(?:还有|以及|另外|然后|再来)\s*|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff\d])",
    re.IGNORECASE,
)
"""between two wishes"""
_AND_TO = re.compile(
    r"[\s,;]+(?:and|plus|also|then)(?: also| then)?(?: (?:please )?remind me)? (?:to|that|about)\b", re.IGNORECASE
)
_WISH = re.compile(
    r"\b(?:please|pls|hey|ok|can|could|would|will|you|u|i|need|want|like|set|start|give|make|get|put|add|create"
    r"|do|me|us|up"
    r"|a|an|the|my|one|two|three|four|five|\d+|another|new|for|at|on|in|by|to|about|of|and|also|then|timers?|alarms?"
    r"|reminders?|remind|wake|nudge|ping|poke|tell|every|each|time|both|all|of|so|just|count ?downs?)\b"
    r"|提醒|一下|我|请|帮|给|设置?|定|订|来|开|叫|喊|个|一|两|三|闹[钟铃]|计时器?|都|把|[\W_]",
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


def _entities(text: str, now: datetime) -> list[Entity]:
    return list(find_entities(text, detect_language(text), now))


def _marks(text: str, now: datetime) -> list[Entity]:
    """The times of a text in order, without what is only a lead ("half an hour before") or left out."""
    found = [each for each in _entities(text, now) if each.kind in _TIMES]
    skipped: list[tuple[int, int]] = []
    if (lead := lead_time(text, found)) is not None:
        skipped.append(lead[1])
    skipped += days_left_out(text)[1]
    found = [part for each in found for part in (_lengths(each) if each.kind == "duration" else [each])]
    return [each for each in found if not any(start <= each.start < end for start, end in skipped)]


def _lengths(entity: Entity) -> list[Entity]:
    """A length of time, or those of a list that was read as their sum: "5 minutes, 10 minutes and 15 minutes"."""
    parts, at = [], 0
    for piece in _LISTED.split(entity.text):
        start = entity.text.index(piece, at)
        at = start + len(piece)
        parts += [
            replace(each, start=entity.start + start + each.start, end=entity.start + start + each.end)
            for each in _entities(piece, datetime.now())
            if each.kind == "duration"
        ]
    return parts if len({_unit(each) for each in parts}) < len(parts) else [entity]


def _groups(text: str, marks: Sequence[Entity]) -> list[_Group]:
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
    """One request for several moments as a text for each; what one leaves out of the day or the hour is the last said.

    Args:
        text: spelled out.
        now: on the wall clock, without a zone.

    Returns:
        Two texts or more; [] where only one moment is named.
    """
    groups = _groups(text, _marks(text, now))
    joined = groups[:1]
    for group in groups[1:]:  # "at 3 to tell Bo that it begins at 5" names one moment
        between = text[joined[-1].end : group.start]
        edges = (e for e in (*_JOINT.finditer(text), *_AND_TO.finditer(text)) if joined[-1].end <= e.start())
        if _AND.fullmatch(between) or any(e.end() <= group.start for e in edges):
            joined.append(group)
    groups = joined
    if len(groups) < 2:
        return []
    first = not _WISH.sub("", text[: groups[0].start])  # the times stand before their things
    edges = [0]
    for before, after in pairwise(groups):
        joints = [e for e in _JOINT.finditer(text) if before.end <= e.start() and e.end() <= after.start]
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
    """A text without some of its moments, and what joined them to the others."""
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
    for each in sorted((e for e in _entities(text, now) if e.kind in _TIMES), key=lambda e: -e.start):
        text = text[: each.start] + " " + text[each.end :]
    return _WISH.sub("", text)


def with_context(text: str, now: datetime) -> tuple[str, str]:
    """A request without the clauses that only tell something with a time of its own, but with their day; and those.

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
    """The words that name the time of the day; "" for none."""
    for entity in _marks(text, now):
        if entity.kind == "time":
            return entity.text
        if entity.kind == "datetime":
            found = (part for part in _parts(entity.text) if [e.kind for e in _entities(f"at {part}", now)] == ["time"])
            return next(found, "")
    return ""


def _parts(words: str) -> list[str]:
    """The beginnings and ends of a few words, the longest first."""
    pieces = words.split() if words.isascii() else list(words)
    joint = " " if words.isascii() else ""
    sizes = range(len(pieces) - 1, 0, -1)
    return [joint.join(part) for size in sizes for part in (pieces[:size], pieces[-size:])]


def _is_day(words: str, now: datetime) -> bool:
    found = _entities(words, now)
    return len(found) == 1 and found[0].kind == "date" and found[0].text == words


# Timers

_UNITLESS = re.compile(
    r"(?P<n>\b\d{1,3}\b|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty"
    r"|forty|fifty)\b)"
    r"(?=\s*(?:$|[,.;!?]|and\b|for\b|on\b|can\b|could\b|please\b|pls\b|to\b|then\b|&|as\b|total\b|time\b|both\b"
    r"|i'm\b|to go\b))",
    re.IGNORECASE,
)
_CALLED = re.compile(
    r"\b(?:called|named|label+ed|titled|(?:call|name|label)(?: (?:it|that|this|that one|this one|the \w+ one))?)\s+"
    r"[\"“']?(?P<en>(?!me\b)[\w' -]{1,40}?)[\"”']*(?=[.,!]|$|\s+(?:please|pls)\b)"
    r"|(?:叫做|名叫|名为|名字是|起名|就叫|叫(?!我|醒|一声))[“\"]?(?P<zh>[\w]{1,12}?)[”\"]?(?=的|吧|$|[，,。\s])",
    re.IGNORECASE,
)
_FOR = re.compile(r"\bfor\s+(?:the\s+|my\s+|some\s+|our\s+|a\s+)?(?P<name>[a-z][a-z' -]{1,40})", re.IGNORECASE)
_TIMER = re.compile(r"(?P<name>[^\W\d_]+(?:[ -][^\W\d_]+)?)\s+timer\b", re.IGNORECASE)
_NOT_LABEL = frozenset(
    (  # noqa: SIM905
        "a an the my our your this that these those it its it's another new one ones two three four five six "
        "set start put"
        " begin make create run give add please pls plz can could u you i me us we need needs want wants would "
        "like i'd get"
        " gets got take takes to for of and with on in at up by from off timer timers time both all each them "
        "everything"
        " second minute hour hours minutes seconds min mins sec secs more other first last next long short "
        "kitchen's quick"
        " some is just go going ahead now let lets have has do done run running different separate thing that's count"
        " countdown countdowns down also then plus only about around till until after before start starting begin so ok"
        " okay hey hi um well thanks thank cheers mate love dear instead exactly sharp total today tonight "
        "tomorrow later"
        " again right away straight been im i'm am are was were will not no don't stop cancel pause resume hold extend"
        " change longer extra left much how what which when who any if gimme say said me's clock timed simple several"
        " couple pieces here there too as well next same continue reset restart unpause kill delete remove "
        "freeze shorten"
        " alarm alarms out cut knock subtract minus less away end forget bin drop ditch lose scrap clear get "
        "rid turn switch off"
    ).split()
)
_VERBS_FIRST = frozenset("stick pop chuck throw boil cook bake steam put".split())  # noqa: SIM905
_NO_LABEL_HAN = re.compile(
    r"设置?|定时?|来|开始?|弄|启动|新建|取消|暂停|继续|计时器?|倒计时?|倒数|定时器|闹[钟铃表]|帮我?|给我?|请|麻烦|我要?|想|再|另外|还有|以及"
    r"|一起|同时|分别|一下|一?个|两|三|把|要|需要|用|的|是|都|和|跟|吧|了|呗|呢|掐|表|时间|到|后|钟|第|[组次轮回]|谢|快|好|提醒|叫|着|就|行|够"
    r"|先|每|为|计|现在|只|也|上|[\W_]"
)
_TELLS = re.compile(
    r"\b(?:i|i'?m|i'?ve|im|we|we'?re|he|she|they|it'?s|that'?s|because|cos|so|but|was|were|had|which)\b", re.IGNORECASE
)


def with_units(text: str, now: datetime) -> str:
    """Numbers beside a length of time, with its unit: "the rice 18 minutes and the eggs only 7"."""
    found = [each for each in _entities(text, now) if each.kind == "duration"]
    if not found:
        return text
    unit = re.search(r"h(?:ou)?rs?\b|sec(?:ond)?s?\b|min(?:ute)?s?\b", found[0].text, re.IGNORECASE)
    if unit is None:
        return text
    for number in reversed(list(_UNITLESS.finditer(text))):
        inside = any(each.start <= number.start() < each.end for each in found)
        inside = inside or any(each.start() <= number.start() < each.end() for each in _CALLED.finditer(text))
        if not inside and not re.search(r"(?:\bat|\bby|\buntil|[:.])\s*$", text[: number.start()], re.IGNORECASE):
            text = f"{text[: number.end()]} {unit.group()}{text[number.end() :]}"
    return text


def timers_in(text: str, now: datetime) -> list[tuple[float, str]]:
    """The length in seconds of each timer that words ask for, with its name; "" where it has none."""
    text = with_units(FILLER.sub("", text), now)
    found = [each for each in _entities(text, now) if each.kind == "duration"]
    groups = _groups(text, [part for each in found for part in _lengths(each)])
    if not groups:
        return []
    text_first = not _label_words(text[: groups[0].start])
    edges = [0]
    for before, after in pairwise(groups):
        joints = [e for e in _JOINT.finditer(text) if before.end <= e.start() and e.end() <= after.start]
        joints = [each for each in joints if not _CALLED.match(text[each.end() : after.start])] or joints
        edge = joints[-1] if text_first and joints else joints[0] if joints else None
        edges.append(edge.start() if edge else after.start if text_first else before.end)
    timers = []
    for group, (start, end) in zip(groups, pairwise([*edges, len(text)]), strict=True):
        seconds = sum((each.value.total_seconds() for each in group.marks if isinstance(each.value, timedelta)), 0.0)
        timers.append((seconds, label(text[start:end], now)))
    names = [name for _, name in timers]
    called = _CALLED.search(text)
    if called and len(timers) > 1 and names.count("") == len(names) - 1:
        return timers
    if len(timers) > 1 and names[-1] and not any(names[:-1]) and re.search(r"\btimers\b|[两二三四五]个", text):
        shared = names[-1]
        return [(seconds, shared) for seconds, _ in timers]
    return timers


def label(text: str, now: datetime) -> str:
    """What words call a timer: "rice" of "the rice needs 18 minutes"; "" for nothing."""
    if called := _CALLED.search(text):
        return clean(called["en"] or called["zh"]).lower()
    marks = sorted((e for e in _entities(text, now) if e.kind == "duration"), key=lambda e: -e.start)
    plain = text
    for each in marks:
        plain = plain[: each.start] + " ⏱ " + plain[each.end :]
    if re.search(r"[\u4e00-\u9fff]", plain):
        told = [
            each
            for each in re.split(r"[，,。；]|\s(?!⏱)(?<!⏱ )", plain)
            if "⏱" in each or not re.match(r"我(?!要?[定计设])", each)
        ]
        runs = [
            run
            for each in told
            for run in re.findall("\\d{1,2}[\u4e00-\u9fff]{1,8}|[\u4e00-\u9fff]{2,8}", _NO_LABEL_HAN.sub(" ", each))
        ]
        near = next((run for run in runs if not re.search(r"我|你|他|她|在|等|谁|怎|什|可以|喂", run)), "")
        return clean(near)
    for pattern in (_TIMER, _FOR):
        for found in pattern.finditer(plain):
            if words := _label_words(found["name"], kept=4):
                return words
    plain = re.split(r"[:–—]", plain)[-1] if ":" in plain and not marks else plain
    before, _, after = plain.partition("⏱")
    behind = after.strip(" ,.!?").lower()
    if behind and not _TELLS.search(behind) and (words := _label_words(behind)):
        return words
    return _label_words(re.sub(r"\b(?:in|on|into|onto) (?:the|my)\b.*", "", re.split(r"[:–—]", before)[-1]))


def timer_named(text: str) -> str:
    """The name of the one timer that words speak of: "pause the rice timer"; "" for none."""
    if re.search(r"[\u4e00-\u9fff]", text):
        return label(text, datetime.now()) if re.search("计时|定时", text) else ""
    return next(filter(None, (_label_words(found["name"]) for found in _TIMER.finditer(text))), "")


def _label_words(said: str, kept: int = 3) -> str:
    """The last words that can be a name; "" where words tell something."""
    tells = _TELLS.search(said)
    said = said[: tells.start()] if tells else said
    runs: list[list[str]] = [[]]
    for word in re.findall(r"[a-z][\w'-]*|[,.;:⏱]|\d+", said.lower()):
        if word in _NOT_LABEL or (word in _VERBS_FIRST and not runs[-1]) or not word[0].isalpha():
            runs.append([])
        else:
            runs[-1].append(word)
    named = [run for run in runs if run]
    return clean(" ".join(named[-1][-kept:])) if named else ""
