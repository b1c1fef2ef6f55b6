"""Replies to a text that reports an emergency or a crisis."""

from __future__ import annotations

from dataclasses import replace

from assistant import Reply

from .alarm_replies import crisis_reply, emergency_reply
from .languages import foreign_alarm, hinted_crisis
from .red_flags import alarm_of, only_asked, red_flags, told_now
from .wording import language_of

__all__ = ["alarm_reply"]

PLUGIN = "medical_triage"


def alarm_reply(words: str) -> Reply | None:
    """The complete answer to an emergency or a crisis, with the intent it stands for; None for neither."""
    alarm = alarm_of(words)
    if not alarm:
        return (None if only_asked(words) else foreign_alarm(words, PLUGIN)) or hinted_crisis(told_now(words), PLUGIN)
    if alarm == "crisis_support":
        reply = crisis_reply(words)
    else:
        _, found = red_flags(words)
        reply = emergency_reply(found, language_of(words))
    return replace(reply, intent=f"{PLUGIN}.{alarm}")
