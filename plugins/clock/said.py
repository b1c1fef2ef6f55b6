"""How people ask of the clock, read from ``said.toml``: what they surely mean, alone or after what was answered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from assistant import Exchange, Sentences
from assistant.language import detect_language
from assistant.understanding.entities import find_entities

from .clauses import asking_clause, repaired
from .hurried import spelled_out
from .kept import FILLER, Kind, kind_in, told_keys
from .moments import HALF_KNOWN, PART
from .timer_reading import read_timers

__all__ = [
    "asks_another",
    "asks_surely",
    "follows",
    "last_kind",
    "masked",
    "means_last_day",
    "new_name",
    "surely_means",
    "tells_of_earlier",
    "time_told",
]

TIME, LENGTH = "⏰", "⏱"
LONGEST = 200
"""characters that are read"""
SAYS = re.compile(
    r"\d|time|clock|alarm|remind|wak|count|nudge|ping|poke|forget|get me|ring|beep|chime|stop"
    r"|cancel|delete|remove|clear|kill|drop|calls?"
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
    r"|\b(?:yesterday|last (?:night|week|time|year|month)|the other day|ago|earlier today"
    r"|this morning)\b.*\b(?:was|were|had|did|set|went)\b"
    r"|(?:昨天|昨晚|上次|上周|之前|刚才).*(?:设|定|响|过|了)",
    re.IGNORECASE,
)
RENAMED = re.compile(
    r"(?:call|name|rename|label|title)(?: it| that| this)?(?: to)? (?:the )?(?P<en>[\w' -]+?)(?:,? (?:not"
    r"|instead of) (?:the )?(?P<old>[\w' -]+))?"
    r"(?: (?:instead|please))*[.!]*$|(?:改名叫|改叫|叫做?|命名为)(?P<zh>[^\s，,？?吧]{1,12})",
    re.IGNORECASE,
)
OTHERWISE = re.compile(
    r"[?？]|\b(?:remind|wake|alarm|timer|set|cancel|delete|what|when|how|who|where|why|another|also|add|order|not|too)\b"
    r"|提醒|闹钟|计时|取消|订单|什么|怎么|[吗么]|另外|还有|也|别|不要",
    re.IGNORECASE,
)
"""what no mere answer about a time holds"""
ANSWERS_WITH = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|yeah|yes|no|nah|well|oh|hmm+|maybe|better|rather|actually|make it|say|like|more|i'd say|let's"
    r"|early|earlier|late|later|just|in the|the|at|around|about|by|for|on|that day)\b[\s,.]*)*"
    r"|^(?:那就?|嗯|好|不|改成?|还是|就|大概|当天|那天|最好|[，,\s])*",
    re.IGNORECASE,
)
"""what stands before the time in such an answer"""
ASKS_BACK = re.compile(r"(?<![好行以])[吗么没][？?。!！\s]*$")
"""asks whether something was or will be reminded of"""
SETS = ("set_timer", "set_alarm", "remind_me")
"""what one clause of a sentence may ask for"""
_sentences = Sentences(Path(__file__).parent / "said.toml")


@lru_cache(256)
def masked(text: str, *, whole: bool = False) -> str:
    """A sentence in one line with ``⏱`` for each length of time and ``⏰`` for each time.

    Args:
        whole: with the courtesies at its beginning, and "and".
    """
    said = spelled_out(FILLER.sub("", " ".join(text.split())))
    kinds = {"duration": LENGTH, **dict.fromkeys(("time", "date", "datetime", "date_range", "recurrence"), TIME)}
    found = find_entities(said, detect_language(said), datetime.now())
    for entity in sorted(found, key=lambda each: -each.start):
        if (sign := kinds.get(entity.kind)) is not None:
            said = said[: entity.start] + sign + said[entity.end :]
    said = BARE.sub(lambda hour: hour.group().replace(hour[1], TIME), said)
    said = re.sub(rf"{TIME}(?:[\s的，,]*{TIME})+", TIME, said)
    return said.strip(" .!?。！？") if whole else Sentences.without_courtesies(said)


def surely_means(intent: str) -> Callable[[str], bool]:
    """Returns what says whether a sentence surely means an intent."""

    def matches(text: str) -> bool:
        if len(text) > LONGEST or SAYS.search(text) is None:
            return False
        if intent in ("remind_me", "set_alarm") and ASKS_BACK.search(text):
            return False
        meant = _meant("surely", text)
        return meant == intent or (meant == "timers" and intent == "set_timer" and len(read_timers(text)) > 1)

    return matches


@lru_cache(64)  # every intent of the clock asks it of the same words
def _meant(table: str, text: str) -> str:
    said = (masked(text, whole=True), plain := masked(text))
    found = next((name for each in dict.fromkeys(said) for name, _ in _sentences.fitting(table, each)), "")
    if found or table != "surely":
        return found
    mended, clause = repaired(spelled_out(text)), asking_clause(plain)
    parts = ([masked(mended[0])] if mended else []) + ([Sentences.without_courtesies(clause)] if clause else [])
    meant = (name for each in parts for name, _ in _sentences.fitting("surely", each))
    return next((name for name in meant if name in SETS), "")


def asks_surely(text: str) -> bool:
    """Whether words surely ask for a timer, an alarm or a reminder, alone or after an answer of the clock."""
    meant = {_meant(table, text) for table in ("surely", "after_timer", "after_set")}
    return bool(meant & {"set_timer", "set_alarm", "remind_me", "another"})


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
    if time_told(text, before):
        return "change_alarm"
    tables = ["after_timer" if kind == "timer" else "after_set"]
    tables += ["after_any"] if _spoke(newest) else []
    meant = next(filter(None, (_meant(table, text) for table in tables)), "")
    if not meant and kind != "timer" and masked(text) == TIME and _comes_again(text):
        meant = "change_alarm"  # "every other day"
    if meant in ("change_alarm", "another", "change_timer", "set_timer") and not _spoke(newest):
        return ""
    if meant == "drop":  # "no need" is no more than an answer where nothing was set
        meant = "cancel" if told_keys(newest.data) else ""
    renames = "change_timer" if kind == "timer" else "change_alarm"
    another = "set_alarm" if kind == "alarm" else "remind_me"
    return {"another": another, "rename": renames}.get(meant, meant)


def time_told(text: str, before: Sequence[Exchange]) -> str:
    """The time in words that answer which time of the day it should rather be: "morning, like at 8"; "" for none.

    Args:
        before: the last of them set a reminder at a time that was not said, and offered another.
    """
    if not before or not before[-1].data.get("guessed") or OTHERWISE.search(said := spelled_out(text)):
        return ""
    found = [
        each for each in find_entities(said, detect_language(said), datetime.now()) if each.kind in ("time", "datetime")
    ]
    if len(found) != 1 or len(said) > LONGEST // 2:
        return ""
    rest = ANSWERS_WITH.sub("", said)  # it begins with the time, or the part of the day
    if not rest.lower().startswith(found[0].text.lower()) and not PART.match(rest.lower()):
        return ""
    part = "" if HALF_KNOWN.search(found[0].text) else next(iter(PART.findall(said.lower())), "")
    return f"{found[0].text} in the {part}" if part.isascii() and part else f"{part}{found[0].text}"


def asks_another(text: str) -> bool:
    """Whether words ask for one more of what was set last, at another time."""
    return len(text) <= LONGEST and _meant("after_set", text) == "another"


def means_last_day(text: str) -> bool:
    """Whether words may ask about the day that was named before: "how long till then"."""
    return len(text) <= LONGEST and bool(_meant("after_day", text))


def _comes_again(text: str) -> bool:
    return any(each.kind == "recurrence" for each in find_entities(text, detect_language(text), datetime.now()))


def new_name(text: str) -> tuple[str, str] | None:
    """The name that words give to what was set last, and the one it takes the place of, if said; None for no name."""
    if _meant("after_any", text) != "rename":
        return None
    found = RENAMED.search(text)
    return (found["en"] or found["zh"], found["old"] or "") if found else None


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
