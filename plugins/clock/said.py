"""How people ask of the clock, read from ``said.toml``: what they surely mean, alone or after an answer of the clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from assistant import Exchange, Sentences
from assistant.language import detect_language
from assistant.understanding.entities import find_entities

from .kept import Kind, kind_in

__all__ = ["FILLER", "asks_another", "follows", "last_kind", "masked", "surely_means", "tells_of_earlier"]

TIME, LENGTH = "⏰", "⏱"
LONGEST = 200
"""characters that are read"""
FILLER = re.compile(r"\b(?:u+m+|u+h+|e+r+m*|hm+)\b[\s,.…]*", re.IGNORECASE)
SAYS = re.compile(
    r"\d|time|clock|alarm|remind|wak|count|nudge|ping|poke|forget|get me|stop|cancel|delete|remove|clear|kill|drop|calls?"
    r"|week|day|月|日|周|天|[点钟时分秒]|闹|提醒|叫|喊|忘|停|取消|删|关",
    re.IGNORECASE,
)
"""what words about time hold"""
BARE = re.compile(
    r"\b(?:for|at|to|up) (\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?=[\s,.!?]*$)",
    re.IGNORECASE,
)
"""an hour that nothing marks as one, at the end"""
EARLIER = re.compile(
    r"\b(?:i|we|you|he|she|they)(?:'d| had| have|'ve)? (?:already |just )?(?:set|had|started|put|made|used)\b"
    r"|\b(?:yesterday|last (?:night|week|time|year|month)|the other day|ago|earlier today|this morning)\b.*\b(?:was|were|had|did|set|went)\b"
    r"|(?:昨天|昨晚|上次|上周|之前|刚才).*(?:设|定|响|过|了)",
    re.IGNORECASE,
)
_sentences = Sentences(Path(__file__).parent / "said.toml")


@lru_cache(256)
def masked(text: str) -> str:
    """A sentence in one line without courtesies, with ``⏱`` for each length of time and ``⏰`` for each time."""
    said = FILLER.sub("", " ".join(text.split()))
    kinds = {"duration": LENGTH, **dict.fromkeys(("time", "date", "datetime", "date_range", "recurrence"), TIME)}
    found = find_entities(said, detect_language(said), datetime.now())
    for entity in sorted(found, key=lambda each: -each.start):
        if (sign := kinds.get(entity.kind)) is not None:
            said = said[: entity.start] + sign + said[entity.end :]
    said = BARE.sub(lambda hour: hour.group().replace(hour[1], TIME), said)
    return re.sub(rf"{TIME}(?:[\s的，,]*{TIME})+", TIME, Sentences.without_courtesies(said))


def surely_means(intent: str) -> Callable[[str], bool]:
    """Returns what says whether a sentence surely means an intent."""

    def matches(text: str) -> bool:
        return len(text) <= LONGEST and SAYS.search(text) is not None and _meant("surely", text) == intent

    return matches


def _meant(table: str, text: str) -> str:
    return next((name for name, _ in _sentences.fitting(table, masked(text))), "")


def follows(intent: str) -> Callable[[str, Sequence[Exchange]], bool]:
    """Returns what says whether words surely mean an intent after what was answered before."""

    def after(text: str, before: Sequence[Exchange]) -> bool:
        return len(text) <= LONGEST and _after(text, before) == intent

    return after


def _after(text: str, before: Sequence[Exchange]) -> str:
    newest = before[-1]
    day = newest.intent in ("clock.count_days", "clock.tell_time")
    if day and (meant := _meant("after_day", text)):
        return meant
    if day or (kind := last_kind(before)) is None:
        return ""
    tables = ["after_timer" if kind == "timer" else "after_set"]
    tables += ["after_any"] if _spoke(newest) else []
    meant = next(filter(None, (_meant(table, text) for table in tables)), "")
    if meant in ("change_alarm", "another", "change_timer", "set_timer") and not _spoke(newest):
        return ""
    return {"another": "set_alarm" if kind == "alarm" else "remind_me"}.get(meant, meant)


def asks_another(text: str) -> bool:
    """Whether words ask for one more of what was set last, at another time."""
    return len(text) <= LONGEST and _meant("after_set", text) == "another"


def _spoke(exchange: Exchange) -> bool:
    """Whether the clock answered then, or had a part in the answer."""
    return exchange.intent.startswith("clock.") or "parts" in exchange.data


def last_kind(before: Sequence[Exchange]) -> Kind | None:
    """What the clock spoke of last; None where it did not, or of several kinds."""
    spoke = next((each for each in reversed(before) if _spoke(each)), None)
    return kind_in(spoke.reply) if spoke is not None else None


def tells_of_earlier(text: str) -> bool:
    """Whether words tell of something that was set before, and ask for nothing: "I set a timer yesterday"."""
    return EARLIER.search(text) is not None
