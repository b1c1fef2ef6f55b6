"""The reason of a return: what was said in the request, or an answer that is one, and never another request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .counter import Visit, others
from .orders import Item, items_in
from .words import acts_in, heard

__all__ = ["EXCHANGES", "ask_reason"]

ATTEMPTS = 2
"""answers that are no reason before it goes on without one"""
REASONS = re.compile(
    r"wrong size|too (?:small|big|large|tight|loud|short|long|heavy|slow|noisy|expensive|late)"
    r"|(?:do(?:es)?n't|do(?:es)? not) fit|don't like|not like"
    r"|broken|broke|defective|faulty|damaged|scratched|does(?:n't| not) work|stopped working"
    r"|changed my mind|not what i expected|wrong colou?r|colou?r is different|bought .* by mistake"
    r"|no sound|(?:is|are|went) (?:silent|dead)|crackl\w*|won['’]?t (?:charge|turn on|start)|no longer works?"
    r"|没有?声音|没声|不响|听不[见到]|充不[进了]电|没反应|打不开|断了|掉色|尺码[^，。]*|太[大小紧长短吵重]|不喜欢|坏了|破了|裂了|有问题|颜色不[^，。]*|不合适",
    re.IGNORECASE,
)
EXCHANGES = re.compile(r"\b(?:exchang|swap|trade)\w*|换(?!季)", re.IGNORECASE)
NO_REASON = re.compile(
    r"\W*(?:no(?:ne|thing|pe)?(?: (?:special |particular )?reason)?|just because|(?:i'?d )?rather not say"
    r"|没有?(?:什么)?(?:原因|理由)?|不想说)\W*",
    re.IGNORECASE,
)
CORRECTS = re.compile(
    r"\b(?:i mean(?:t)?|sorry|actually|wait|instead|rather|not (?:the|that)|wrong one|other one|also|as well|too)\b"
    r"|^\W*no\b|不是|搞错|我是说|还有|也要",
    re.IGNORECASE,
)

Items = tuple[Sequence[Item], Sequence[Item], Sequence[Item]]
"""meant, of the same orders, of other orders"""


async def ask_reason(at: Visit, going: str, listed: str, items: Items) -> tuple[str, str]:
    """The reason of a return, and "" or the words that name something else to be returned.

    Args:
        at: the visit.
        going: a sentence on what is on its way back already, "" for none.
        listed: the things in words.
        items: those things, the rest of their orders, and what is in other orders.
    """
    exchange = at.say("return_exchange") if EXCHANGES.search(at.turn.utterance) else ""
    if found := REASONS.search(at.turn.utterance):
        return found[0], ""
    question = at.say("return_reason", item=listed)
    lead = " ".join(filter(None, (going, exchange)))
    for _ in range(ATTEMPTS):
        answer: str = await at.dialogue.ask(f"{lead} {question}".strip())
        if NO_REASON.fullmatch(answer):
            return "", ""
        if REASONS.search(answer) and not _names_another(at, answer, items):
            return answer, ""
        if _names_another(at, answer, items):
            return "", answer
        if not _is_no_reason(at, answer, question):
            return answer, ""
        why = heard("why_question", answer)
        lead = at.say("return_why_asked" if why else "return_no_reason_heard")
    return "", ""


def _names_another(at: Visit, answer: str, items: Items) -> bool:
    """Whether an answer names something else to be returned instead."""
    meant, rest, elsewhere = items
    another = items_in(answer, [*rest, *elsewhere]) and not items_in(answer, meant)
    short = len(answer.split()) <= 3 and bool(items_in(answer, rest))
    number = any(form in answer.upper() for form in others(at) if form.startswith("A") and form[1:].isdigit())
    return bool((another or number) and CORRECTS.search(answer)) or short or bool(heard("other_one", answer) and rest)


def _is_no_reason(at: Visit, answer: str, question: str) -> bool:
    """Whether an answer asks or wants something instead of giving a reason."""
    wants = acts_in(answer, question, 0.4) & {"question", "request", "human", "stop", "help", "repeat", "undo"}
    return bool(wants) or answer.rstrip().endswith(("?", "？"))
