"""Reads several timers out of one request, each with its name: "8 minutes for the pasta and twenty for the bread"."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from assistant.intents.numbers import find_numbers

from .kept import FILLER, clean
from .moments import durations

__all__ = ["read_timers"]

MARK = "\x00"
JOINT = re.compile(
    r"\s*[,;，、；。]\s*|\s+(?:and then|and also|and|then|plus|also)\s+|(?:还有|以及|另外|然后|再来|(?<=\x00)和)"
)
NAMED = re.compile(
    r"\b(?:call(?: that one| this one| the \w+ one| it| that| this)|called|named|label(?:led)?(?: it| that)?)\s+"
    r"(?P<name>[\w' -]{1,30})$|(?:叫做?|名叫|起名)(?P<han>[\w]{1,10})",
    re.IGNORECASE,
)
FOR = re.compile(rf"{MARK}\s*(?:timer\s+|one\s+)*for\s+(?P<name>[a-z][\w' -]{{0,30}}?)\s*$", re.IGNORECASE)
BEFORE = re.compile(
    rf"^(?P<name>[a-z][\w' -]{{0,60}}?)\s*(?:needs?|wants?|gets?|takes?|[:–-])?\s*(?:for|at|to|in|of)?\s*{MARK}"
)
HAN = re.compile(
    rf"(?P<name>[\u4e00-\u9fff]{{1,8}}?)(?:的|要|用|是|:|：)*\s*{MARK}|{MARK}的?(?P<after>[\u4e00-\u9fff]{{1,8}})"
)
NOT_NAMES = frozenset(
    (  # noqa: SIM905
        "a an the my our your that this another new one two three four five set start put make give add please"
        " can could"
        " you i me we need want i'd like to for of and with on in at up timer timers second minute hour also then now"
        " separate it is let just go have do get run going some quick different thing it's that's them"
    ).split()
)
NOT_HAN = re.compile(
    r"^(?:设置?|定|来|开|启动|新建|帮我?|请|给我?|我要?|我想|再|一个|个|另|外|把|计时|倒|计|和|的)+|(?:一个|计时器?|倒计时|定时器?|分别|两个|三个|都|帮我|计一下)+$"
)
BARE = re.compile(
    r"^\s*(?:(?:another|an extra|one more|a|one|and)\s+)*(?P<first>(?!ones?\b)\S+)\s+for\s|\b(?:for"
    r"|of)\s+(?P<last>\S+)\s*$|^[a-z' -]*[a-z]\s+(?P<bare>\S+)\s*$",
    re.IGNORECASE,
)


def read_timers(text: str, now: datetime | None = None) -> list[tuple[float, str]]:
    """The lengths in seconds and the names of two or more timers; [] where there are fewer, or nothing names them."""
    found = durations(text := FILLER.sub("", text), now or datetime.now())
    lengths: list[float] = []
    plain = text
    for entity in sorted(found, key=lambda each: each.start):
        assert isinstance(entity.value, timedelta)
        lengths.append(entity.value.total_seconds())
    for entity in sorted(found, key=lambda each: -each.start):
        plain = plain[: entity.start] + MARK + plain[entity.end :]
    plain = re.sub(rf"{MARK}[ -]timer\b", f"{MARK} timer", plain)
    timers: list[tuple[float, str]] = []
    unit, waiting = 0.0, ""
    for piece in JOINT.split(plain.strip(" .!?。！？")):
        if (marks := piece.count(MARK)) > 1:
            return []
        if not marks and (number := _bare(piece)) and unit:
            value, piece = number[0] * unit, number[1]
        elif marks:
            value = lengths.pop(0)
            unit = _unit(text, value, found)
        else:
            called = NAMED.search(piece)
            if called and timers:
                timers[-1] = (timers[-1][0], clean(called["name"] or called["han"]).lower())
            waiting = _words(piece) if not called else ""
            continue
        timers.append((value, _name(piece) or waiting))
        waiting = ""
    named = [name for _, name in timers if name]
    apart = re.search(r"\b(?:separate|another|second|other)\b|另", text, re.IGNORECASE)
    enough = len(timers) > 1 and (len(named) >= len(timers) - 1 or (named and apart))
    return timers if enough and len(set(named)) == len(named) else []


def _unit(text: str, seconds: float, found: list) -> float:  # type: ignore[type-arg]
    """Seconds of the unit in which a length was said."""
    said = next((e.text for e in found if e.value.total_seconds() == seconds), "")
    return 3600.0 if re.search(r"h(?:ou)?rs?\b|小时", said) else 1.0 if re.search(r"sec|秒", said) else 60.0


def _bare(piece: str) -> tuple[float, str] | None:
    """A number without a unit, and the piece with the mark in its place: "twenty for the bread", "the pie for 35"."""
    found = BARE.search(piece)
    word = (found["first"] or found["last"] or found["bare"]) if found else ""
    numbers = find_numbers(word) if word else []
    if len(numbers) != 1 or found is None:
        return None
    return float(numbers[0].value), piece.replace(word, MARK, 1)


def _name(piece: str) -> str:
    if called := NAMED.search(piece):
        return clean(called["name"] or called["han"]).lower()
    if re.search(r"[\u4e00-\u9fff]", piece):
        han = HAN.search(piece)
        return clean(NOT_HAN.sub("", han["name"] or han["after"] or "")) if han else ""
    for pattern in (FOR, BEFORE):
        if found := pattern.search(piece):
            return _words(found["name"])
    return ""


def _words(said: str) -> str:
    """The last words that can be a name: "set timers: the garlic bread" is the garlic bread."""
    words = re.split(r"\s+", re.split(r"[:–]", said)[-1].strip().lower())
    kept: list[str] = []
    for word in words:
        kept = [] if word in NOT_NAMES else [*kept, word]
        if word in ("on", "in", "up") and kept == [] and len(words) > 1 and word == words[-1]:
            return _words(" ".join(words[:-1]))
    return clean(" ".join(kept[-3:]))
