"""Tells this plugin's own intents apart by their words, where the model's likeliest one is not the one that was meant.

Only from what changes something to something else: what only answers never turns into what acts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from assistant import Dialogue, Reply, Services, Turn

from .amending import after, asks_another
from .anchoring import anchored
from .asking import asks
from .excepting import blanked, days_left_out
from .hurried import spelled
from .kept import LOOKED_BACK
from .moving import moves

__all__ = ["Handler", "meant", "reminds", "routed"]

Handler = Callable[..., Awaitable[Reply]]

REMIND = re.compile(
    r"\bremind me (?:to|that|about|of|at|in|on|every|tomorrow|today|tonight|next)\b|提醒我(?!的|了)", re.IGNORECASE
)
THING = r"\b(?:timers?|count\s?downs?|alarms?|reminders?)\b|计时|闹钟|闹铃|提醒"
CANCEL = re.compile(
    r"\b(?:cancel|delete|remove|clear|get rid of|kill|drop|scrap|discard)\b"
    r"|(?<!me )(?<!not )(?<!n't )\bforget (?:the|my|about|all|that) "
    r"|\b(?:don't|do not|no longer) (?:need|want|have to)\b|取消|删[除掉]?|不用再?|不需要|别再|不要再",
    re.IGNORECASE,
)
PAUSE = re.compile(
    r"\b(?:pause|freeze|hold|halt|suspend|resume|unpause|un-pause|unfreeze|restart|carry on|keep going)\b|暂停"
    r"|继续|恢复|重新计时",
    re.IGNORECASE,
)
EXTEND = re.compile(
    r"\b(?:add|tack|extend|lengthen|prolong|shorten|take|knock)\b.*\btimer|\btimer\b.*\b(?:longer|shorter)\b"
    r"|\banother\b.*\bto (?:the|my)\b|计时器?.*(?:再加|延长|加上|减)|(?:再加|延长).*计时",
    re.IGNORECASE,
)
SNOOZE = re.compile(
    r"\bsnooze\b|\b(?:ring|wake me|remind me) again\b|\bmore minutes\b.*\b(?:sleep|bed)\b|再睡|贪睡|再响", re.IGNORECASE
)
SHOW = re.compile(
    r"^\W*(?:(?:please|can you|could you)\s+)?(?:show|list|tell me (?:which|what|about)|which|what|when does|when do"
    r"|how (?:long|much)|do i have|is there|are there)\b|有哪些|有什么|还剩|几点响|列出",
    re.IGNORECASE,
)


SURELY = re.compile(
    r"^\W*(?:(?:please|can you|could you|will you)\s+)*remind me (?:to|at|in|on|every|tomorrow|tonight)\b"
    r"|^(?:请|麻烦你?|帮我)*[^，,。？?别不取消有]{0,12}提醒我(?![的了])[^？?吗]*$",
    re.IGNORECASE,
)


def reminds(text: str) -> bool:
    """Returns whether the text surely asks for a reminder, whatever the task: 提醒我八点吃药."""
    asked = SURELY.match(text) is not None or asks(text) == "remind_me"
    return asked and not SNOOZE.search(text) and not CANCEL.search(_without_spared_days(text))


def _without_spared_days(text: str) -> str:
    """Words without the days that they leave out: 周末不用 cancels nothing."""
    return blanked(text, days_left_out(text)[1])


def meant(text: str, intent: str) -> str:
    """Returns the intent of a request: the given one, unless the words clearly name another.

    Args:
        intent: one that acts.
    """
    text = _without_spared_days(text)
    if SHOW.search(text) and re.search(THING + r"|\bremind\b", text, re.IGNORECASE):
        return "show"
    if intent == "remind_me" and asks(text) == "remind_me" and not CANCEL.search(text):
        return "remind_me"  # 提前半小时提醒我 is not a move
    if moves(text):
        return "change_alarm"
    if intent in ("set_alarm", "remind_me", "change_alarm") and asks_another(text):
        return "another"
    asked = REMIND.search(text)
    if asked and not CANCEL.search(text[: asked.start()]) and not SNOOZE.search(text):
        return "remind_me"
    if SNOOZE.search(text):
        return "snooze"
    about = re.search(THING, text, re.IGNORECASE) is not None
    if CANCEL.search(text) and (about or intent == "remind_me"):
        return "cancel"
    if intent == "set_timer" and asks(text) == "set_timer":
        return "set_timer"  # "hold on, set a timer" pauses nothing
    if intent in ("cancel", "set_timer") and (PAUSE.search(text) or EXTEND.search(text)) and about:
        return "change_timer"
    return intent


def routed(name: str, handlers: Mapping[str, Handler]) -> Handler:
    """Wraps the handler of an intent, so that a request meant for another intent goes to that handler."""
    handler = handlers[name]

    @functools.wraps(handler)
    async def serve(turn: Turn, dialogue: Dialogue, services: Services, **slots: Any) -> Reply:
        given, turn = turn, spelled(turn)
        words = " ".join(each for each in given.utterance.split() if each not in turn.utterance.split())
        other = (
            ""
            if asks(turn.utterance)
            else after(turn.utterance, await services.conversation(turn.session, LOOKED_BACK))
        )
        if other in ("set_alarm", "remind_me") and asks_another(turn.utterance):
            other = "another"
        other = other if other in handlers else meant(turn.utterance, name)
        if other in ("set_alarm", "remind_me"):
            spelt, turn = turn, anchored(turn, await services.conversation(turn.session, 1))
            words = given.utterance if turn is not spelt else words
        reply = await (
            handlers[other](turn, dialogue, services)
            if other != name and other in handlers
            else handler(turn, dialogue, services, **slots)
        )
        if turn is given:
            return reply
        return (
            replace(reply, data={**reply.data, "understood": f"{reply.data.get('understood', '')} {words}"})
            if reply.data
            else reply
        )

    return serve
