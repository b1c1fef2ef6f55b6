"""Declines in one sentence what cannot be done here, and says what would do it: weather, music, calls."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from assistant import Decision, Reply, Turn

from .wording import language_of

__all__ = ["decline", "declined_surely", "shipped"]

LONGEST = 160
"""characters of a request that is looked at"""
LIKELY, SURE = 0.5, 0.8
"""confidence from which the likeliest intent is left to answer; of what is surely asked, the second"""
OTHERS = 0.1
"""confidence from which an intent of a plugin of the user's own may be meant"""
OPEN = frozenset({"mcp"})
"""shipped plugins that may be able to do anything; a language model answers before this where one is set up"""
SERVED = re.compile(
    r"\bremind|\btimers?\b|\balarms?\b|\blists?\b|\bnotes?\b|\bmy order\b|\border (?:number|status)\b"
    r"|\b[A-Za-z]\d{3,}\b|\bparcel"
    r"|\brefund|\breceipt|\breturn (?:the|my|this|an?)\b|emergency|ambulance|\bpolice\b|\bhurts?\b|\bpain"
    r"|\bchest\b|\bbreath|\bbleed"
    r"|\bsuicid|\bkill|\bdying\b|订单|包裹|快递|退[款货]|提醒|闹钟|计时|清单|笔记|救护车|急救|警察|疼|痛|胸|流血|自杀|呼吸",
    re.IGNORECASE,
)
"""what other plugins are there for, and emergencies"""


@cache
def _things() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    read = tomllib.loads((Path(__file__).parent / "cannot.toml").read_text("utf-8"))
    return [(re.compile(thing["asks"], re.IGNORECASE), thing) for thing in read.values()]


@cache
def shipped() -> frozenset[str]:
    """The names of the shipped plugins whose abilities are known."""
    return frozenset(path.stem for path in Path(__file__).parent.parent.iterdir()) - OPEN


def _asked(said: str, *, surely: bool) -> Iterator[tuple[re.Pattern[str], dict[str, Any]]]:
    return (each for each in _things() if each[0].search(said) and (each[1].get("surely") or not surely))


def decline(turn: Turn, *, surely: bool = False) -> Reply | None:
    """Says that a request cannot be done here and what could do it; None if it may mean something else.

    Args:
        surely: only what can hardly be anything else.
    """
    said = " ".join(turn.utterance.replace("’", "'").split())
    if not said or turn.images or len(said) > LONGEST or SERVED.search(said):
        return None
    language = language_of(said)
    return next((Reply(thing.get(language, thing["en"])) for pattern, thing in _asked(said, surely=surely)), None)


def declined_surely(turn: Turn, decision: Decision) -> Reply | None:
    """Declines a request about which the model hesitates; a plugin of the user's own may know the weather."""
    answers = decision.outcome == "answer"
    if answers and decision.confidence >= SURE:
        return None
    own = [each for each in decision.candidates if each.intent.partition(".")[0] not in shipped()]
    return (
        None
        if any(each.confidence >= OTHERS for each in own)
        else decline(turn, surely=answers and decision.confidence >= LIKELY)
    )
