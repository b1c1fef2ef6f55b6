"""One request for several times or things, as one text for each."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import pairwise

from assistant.language import detect_language
from assistant.understanding.entities import Entity, find_entities

__all__ = ["day_said", "several"]

JOINT = re.compile(r"\s*(?:[,，、]|\band\b|&|和|跟|还有)+\s*(?:and\s+)?(?:at\s+)?", re.IGNORECASE)
"""between times of one list"""
ANOTHER = re.compile(
    r"(?:\s*[,，;；]\s*|\s+)(?:and|plus|then)?\s*(?:another|one more|a second|one)(?:\s+one)?\s+(?:at|for|on)\b"
    r"|[,，;；]?\s*(?:再|另外?|还要)(?:来|设|加)?一?个",
    re.IGNORECASE,
)
"""before a time that is asked for besides, with a day of its own: "7 on saturdays and another at 9 on sundays\""""


def _entities(text: str, now: datetime) -> list[Entity]:
    return list(find_entities(text, detect_language(text), now))


def several(text: str, now: datetime) -> list[str]:
    """A request for several times as one request for each: "alarms for 6, 6:20 and 6:40"; [] for a single time."""
    found = [e for e in _entities(text, now) if e.kind in ("time", "datetime") or _is_hour(e)]
    runs: list[list[Entity]] = []
    for entity in sorted(found, key=lambda e: e.start):
        if runs and JOINT.fullmatch(text[runs[-1][-1].end : entity.start]):
            runs[-1].append(entity)
        else:
            runs.append([entity])
    run = next((each for each in runs if len(each) > 1 and any(e.kind != "number" for e in each)), [])
    dated = next((e for e in run if e.kind == "datetime"), None)
    texts = []
    for entity in run:
        said = f"{entity.value}:00" if entity.kind == "number" else entity.text
        if dated is not None and entity is not dated and isinstance(dated.value, datetime):
            said = f"{dated.value:%Y-%m-%d} {said}"
        texts.append(f"{text[: run[0].start]}{said}{text[run[-1].end :]}")
    return texts or _with_another(text, now)


def _with_another(text: str, now: datetime) -> list[str]:
    """The parts of a request for one time and another, each with its own day; [] where a part names no time."""
    edges = [0, *(found.start() for found in ANOTHER.finditer(text)), len(text)]
    parts = [text[start:end] for start, end in pairwise(edges)]
    timed = (any(e.kind in ("time", "datetime") or _is_hour(e) for e in _entities(part, now)) for part in parts)
    return parts if len(parts) > 1 and all(timed) else []


def _is_hour(entity: Entity) -> bool:
    return entity.kind == "number" and entity.text.isdigit() and 0 < int(entity.text) <= 24


def day_said(text: str, now: datetime) -> str:
    """The words that name the day, or how often; "" where only a time is said, or a length of time."""
    found = _entities(text, now)
    if any(each.kind == "duration" for each in found):
        return ""
    for entity in found:
        if entity.kind in ("date", "date_range", "recurrence"):
            return entity.text
        if entity.kind == "datetime":
            return next((part for part in _parts(entity.text) if _is_day(part, now)), "")
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
