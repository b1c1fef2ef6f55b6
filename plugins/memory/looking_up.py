"""Answers questions from remembered facts and from what the user said in the conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant import AssistantError, Exchange, Reply, Services, Turn

from .telling import told
from .wording import language_of, say

__all__ = ["NEAR", "SURE", "answer_from_told"]

SURE, NEAR = 0.27, 0.05
"""relevance from which what was told answers a question, and from which it may. Of 630 questions to 90 people who told
six things each, 45 % are surely answered rightly and 3 % wrongly, 10 % of those without an answer are answered; below
`SURE` it is said that it may be something else"""
LOOKED_BACK = 40
"""turns of the conversation"""
MOST = 60
"""latest statements read for one question"""
LONGEST_QUESTION, LONGEST = 80, 300
KEEPS = "memory.remember"
ASKS = re.compile(
    r"^\W*(?:(?:so|and|hey|ok|then|wait|but|hm+)\W+)*(?:when|what|where|who|whose|which|how|is|are|was|were|did|do|does|has|have"
    r"|am|can you remember|remind me (?:what|where|who|which|how))(?:s|'s|re|'re)?\b|[?？]\s*$"
    r"|\b(?:what|where|which|who|when)\b|什么|啥|哪|几|谁|多少|多大|来着|怎么|吗|还是",
    re.IGNORECASE,
)


UNDERSTOOD = tuple((re.compile(said, re.IGNORECASE), meant) for said, meant in (
    (r"\b(where|what|who|when)s\b", r"\1 is"),
    (r"\b(i|we) parked(?= (?:on|in|at|by|near|behind|under|outside|next|around|down|up)\b)", r"\1 parked the car"),
    (r"\b(?:my|our) (?=(?:car|van|bike)\b)", "the "),
    (r"(?<!车)(?<!车子)停(?=[在到了])", "车停"),
    (r"我的?(?=车)", ""),
))  # fmt: skip


async def answer_from_told(turn: Turn, services: Services, least: float = SURE) -> Reply | None:
    """Answers a question from the user's facts; None if none fits, or if the turn is no question.

    Args:
        least: relevance from which something is worth saying, 0 to 1.
    """
    asked, language = turn.utterance, language_of(turn.utterance)
    if turn.images or len(asked) > LONGEST_QUESTION or not ASKS.search(asked):
        return None
    facts = await services.remembered()
    said = _said(await services.conversation(turn.session, LOOKED_BACK))
    known = [told(key, value, language) for key, value in facts.items()]
    texts = list(dict.fromkeys([*said, *known]))
    texts = texts[-MOST:]
    try:
        found = await services.relevance(_whole(asked), [_whole(text) for text in texts])
    except AssistantError:
        return None
    best = max(range(len(texts)), key=lambda at: found[at], default=None)
    if best is None or found[best] < least:
        return None
    text = texts[best]
    if text in known:
        key = list(facts)[known.index(text)]
        reply = text if found[best] >= SURE else say("perhaps_told", language, told=text)
        return Reply(reply, data={"facts": {key: facts[key]}})
    return Reply(say("you_said" if found[best] >= SURE else "perhaps_said", language, said=text.rstrip(" .。")))


def _whole(text: str) -> str:
    """Words with what is understood in them: "I parked on level 3" is of the car, and "wheres my car" asks of it."""
    for said, meant in UNDERSTOOD:
        text = said.sub(meant, text)
    return text


def _said(before: Sequence[Exchange]) -> list[str]:
    """Returns the statements since the last deletion, without those kept as facts and without questions.

    A turn answered with data was a request, not a statement; except a note, whose data hold its text.
    """
    since = max((place + 1 for place, each in enumerate(before) if "forgotten" in each.data), default=0)
    kept = [each for each in before[since:] if each.intent != KEEPS]
    told = [each.text.strip() for each in kept if each.outcome != "answer" or not each.data or "text" in each.data]
    return [text for text in told if len(text) <= LONGEST and not ASKS.search(text)]
