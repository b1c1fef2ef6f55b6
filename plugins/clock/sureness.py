"""Checks that a request surely means a timer, an alarm or a reminder, and asks if it does not."""

from __future__ import annotations

import re

from .amending import after
from .asking import ELSE, FINITE, SPAN, TIME, asks, bare, is_question, masked
from .cues import CUES
from .kept import LOOKED_BACK, Kind, Visit

__all__ = ["surely"]

_TOLD = re.compile(
    r"\b(?:was|were|had|did|took|lasted|ago|waited|been|for the last|late|since)\b|[了过](?:⏱|$)|⏱(?:前|了|过)|等了"
    r"|迟到|花了|已经|\b(?:takes?|lasts?|long|only)\b",
    re.IGNORECASE,
)
"""tells how long something took"""


async def surely(at: Visit, kind: Kind) -> bool:
    """Returns whether the request means this kind of entry, by its words, its context, or the user's answer."""
    text = at.turn.utterance
    if CUES[kind].search(text) or asks(text):
        return True
    said = masked(text)
    told = TIME in said or FINITE.search(said) or is_question(bare(said)) or _TOLD.search(said)
    if kind == "timer" and SPAN in said and not told:
        return not ELSE.search(re.sub(r"\bthen\b", "", said)) or await _surely_asked(at, kind)
    if after(text, await at.services.conversation(at.turn.session, LOOKED_BACK)):
        return True
    return await _surely_asked(at, kind)


async def _surely_asked(at: Visit, kind: Kind) -> bool:
    before = await at.services.conversation(at.turn.session, 1)
    if before and before[-1].text.strip() == at.turn.utterance.strip():  # asked about a moment ago, and agreed to
        return True
    return bool(await at.dialogue.ask(at.say(f"{kind}_surely"), kind=bool))
