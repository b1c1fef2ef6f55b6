"""Decides whether a request lets its intent act."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from assistant.dialogue.request_acts import SURE_ACT, Asked
from assistant.plugins.api import Intent
from assistant.types import Decision
from assistant.understanding.exceptions import REMOVES
from assistant.understanding.negation import declines
from assistant.understanding.permission import Obstacle, obstacle_to_acting
from assistant.understanding.requests import Request
from assistant.understanding.tokens import words_of
from assistant.understanding.types import Act, Clause

__all__ = ["obstacle_of"]

LEAST_SURE = 0.4
"""confidence below which what may be a mere statement does not let an intent act"""
_UNNEEDED = re.compile(
    r"\b(?:needn'?t|no need|no longer|any ?more|(?:don'?t|do not|won'?t) need)\b|不用|不必|不需要|用不着|别再|不再",
    re.IGNORECASE,
)
"""says that a thing is needed no more"""
_STAYS = re.compile(r"\b(?:touch|change|alter|leave|keep|do|return|mind)\b|动|留|保留|改|退", re.IGNORECASE)
"""says that a thing stays as it is"""
_MOMENTS = (date, datetime, time, timedelta)
"""kinds of slots that name a time to come"""


def obstacle_of(
    decision: Decision, request: Request, intent: Intent, asked: Callable[[Intent], Asked]
) -> Obstacle | None:
    """Returns what keeps an intent from acting on a request; None when it may act, or changes nothing.

    Args:
        decision: that the request is for the intent.
        request: what was said.
        intent: what it was decided for.
        asked: how an intent's own examples ask for it.
    """
    clause = request.lead
    carried = decision.source == "carried on" and clause.polarity == "positive"
    if decision.source == "example" or (carried and clause.act in ("question", "statement")):
        return None  # "and oat milk?" asks for the same as the request before it
    if not intent.may_act:
        refused = clause.act == "request" and clause.polarity == "negative" and clause.scope != "not_but"
        # "All orders that have not been sent" holds a negation, and asks for them all the same.
        return "refused" if refused and _declines(clause) else None
    # What only may act is asked for as its examples ask; what surely acts, never by a question.
    acts, usual = frozenset[Act]({"request"}), asked(intent)
    if clause.act in ("statement", "question"):
        acts = usual.acts - {"question"} if intent.acts else usual.acts | {"statement"}
    if intent.acts is None and clause.act == "question" and clause.confidence < SURE_ACT:
        acts = acts | {"question"}
    doubtful = clause.confidence < LEAST_SURE and decision.source == "model" and not usual.by_telling
    if clause.act == "statement" and clause.polarity == "negative" and _declines(clause):
        return "refused"  # "I shouldn't like to see it cancelled"
    if clause.act == "statement" and doubtful:
        return "told"  # "my flatmate sets his alarm for four": rather asked whether to, than done
    dated = any(slot.kind in _MOMENTS for slot in intent.slots)  # a time to come is then part of what is asked for
    usually: dict[Obstacle, bool] = {"later": dated, "another": usual.for_others}
    obstacle = obstacle_to_acting(clause, acts, [obstacle for obstacle, known in usually.items() if known])
    unneeded = obstacle == "refused" and usual.removes and _UNNEEDED.search(clause.text)
    # "You needn't wake me" refuses the alarm, not to remove it: whether to is asked.
    return "told" if unneeded and not (REMOVES.search(clause.text) or _STAYS.search(clause.text)) else obstacle


def _declines(clause: Clause) -> bool:
    return declines([word.text for word in words_of(clause.text)])
