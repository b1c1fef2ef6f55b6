"""What was an emergency a moment ago still is one, until somebody says that it was none."""

from __future__ import annotations

import re

from assistant import Exchange, Reply, Services, Turn

from .languages import alarm_in
from .red_flags import denied_or_over, red_flags
from .wording import language_of, say

__all__ = ["still_urgent"]

EMERGENCY = "medical_triage.emergency"
LOOKED_BACK = 3
"""turns in which an emergency is not forgotten"""
NONE_WAS = re.compile(
    r"\bfalse alarm\b|\b(?:my|a) mistake\b|\bonly joking\b|\bjust a joke\b|虚惊|搞错|误会|开玩笑", re.IGNORECASE
)


async def still_urgent(turn: Turn, services: Services) -> Reply | None:
    """Say again to call, where a turn just before told of an emergency and this one says nothing of its end; else None.

    "He says he only wants to rest" and "sweating a lot now" are about it, whatever else they may mean alone.
    """
    before = await services.conversation(turn.session, LOOKED_BACK)
    if not any(map(_told_of_one, before)) or denied_or_over(turn.utterance) or NONE_WAS.search(turn.utterance):
        return None
    return Reply(say("still_urgent", language_of(turn.utterance)), data={"still_urgent": True})


def _told_of_one(before: Exchange) -> bool:
    if before.data.get("still_urgent"):
        return True
    return before.intent == EMERGENCY and bool(red_flags(before.text)[1] or alarm_in(before.text))
