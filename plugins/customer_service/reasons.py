"""The reason of a return: what was said in the request, or an answer that is one, and never another request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.understanding.consent import read_bare_answer

from .orders import Item, items_in
from .visits import Visit, others
from .words import acts_in, heard

__all__ = ["EXCHANGES", "ask_reason", "new_reason", "reason_in"]

ATTEMPTS = 2
"""answers without a reason after which it goes on"""
REASONS = re.compile(
    r"wrong size|too (?:small|big|large|tight|loud|short|long|heavy|slow|noisy|expensive|late)"
    r"|(?:do(?:es)?n't|do(?:es)? not) fit|don't like|not like"
    r"|broken|broke|defective|faulty|damaged|scratch\w*|crack\w*|smashed|torn|does(?:n't| not) work|stopped working"
    r"|changed my mind|not what i expected|wrong colou?r|colou?r is different|bought .* by mistake"
    r"|no sound|(?:is|are|went) (?:silent|dead)|won['’]?t (?:charge|turn on|start)|no longer works?"
    r"|没有?声音|没声|不响|听不[见到]|充不[进了]电|没反应|打不开|断了|掉色|尺码[^，。]*|太[大小紧长短吵重]|不喜欢|坏了|破了|裂了|有问题|颜色不[^，。]*|不合适",
    re.IGNORECASE,
)
EXCHANGES = re.compile(r"\b(?:exchang|swap|trade)\w*|换(?!季)", re.IGNORECASE)
NO_REASON = re.compile(
    r"\W*(?:no(?:ne|thing|pe)?(?: (?:special |particular )?reason)?|just because|(?:i'?d )?rather not say"
    r"|没有?(?:什么)?(?:原因|理由)?|不想说)\W*",
    re.IGNORECASE,
)
NEW_REASON = re.compile(
    r"\breason\b:?(?: (?:is|was|should be|to|make it))+ (?:that )?(.{3,})"
    r"|(?:原因|理由)(?:应该)?(?:换成|改成|改为|是|写|填)[，,：:]?(.{2,})",
    re.IGNORECASE,
)
DENIED = re.compile(
    r"\b(?:not|isn['’]?t|aren['’]?t|never) (?:because|as|that|since)\b[^,.]*$|不是因为[^，。]*$", re.IGNORECASE
)
"""before a reason that it is not"""
LEAVING = frozenset({"stop", "undo"})
"""what an answer does that ends the return"""
CORRECTS = re.compile(
    r"\b(?:i mean(?:t)?|scrap (?:that|it)|forget (?:that|it)|make (?:it|that)|sorry|actually|wait|instead|rather"
    r"|not (?:the|that)|wrong one|other one|also|as well|too)\b|^\W*no\b|不是|搞错|我是说|还有|也要",
    re.IGNORECASE,
)

Items = tuple[Sequence[Item], Sequence[Item], Sequence[Item]]
"""meant, of the same orders, of other orders"""


def reason_in(words: str) -> str | None:
    """The reason that a request for a return gives; None for none."""
    found = REASONS.search(words)
    return found[0] if found and not DENIED.search(words[: found.start()]) else None


def new_reason(words: str) -> str | None:
    """Returns the new reason after "the reason is" or 原因换成; None if the old one is only withdrawn."""
    found = NEW_REASON.search(words)
    return (found[1] or found[2]).strip() if found else None


async def ask_reason(
    at: Visit, lead: str, listed: str, items: Items, facts: str
) -> tuple[str | None, str | bool | None]:
    """The reason of a return, and what else an answer says: the words that name another thing, False to leave it.

    Args:
        at: the visit.
        lead: sentences to say first, "" for none.
        listed: the things in words.
        items: those things, the rest of their orders, and what is in other orders.
        facts: what is told to a question about time or money.
    """
    exchange = at.say("return_exchange") if EXCHANGES.search(at.turn.utterance) else ""
    question = at.say("return_reason", item=listed)
    confirm = at.say("return_confirm", number="", item=listed, amount="")
    lead = " ".join(filter(None, (lead, exchange)))
    for _ in range(ATTEMPTS):
        answer: str = await at.dialogue.ask(f"{lead} {question}".strip())
        if NO_REASON.fullmatch(answer):
            return "", None
        another = _names_another(at, answer, items)
        if REASONS.search(answer) and not another:
            return answer, None
        if another:
            return None, answer
        acts = acts_in(answer, question)
        if read_bare_answer(answer, confirm) == "no" or (acts and acts <= LEAVING):
            return None, False
        if not _is_no_reason(at, answer, question):
            return answer, None
        why, rule = heard("why_question", answer), heard("rule_duration", answer) or heard("money_question", answer)
        lead = at.say("return_why_asked") if why else facts if rule else at.say("return_no_reason_heard")
    return "", None


def _names_another(at: Visit, answer: str, items: Items) -> bool:
    """Returns whether an answer names another item to return instead."""
    meant, rest, elsewhere = items
    another = items_in(answer, [*rest, *elsewhere]) and not items_in(answer, meant)
    short = len(answer.split()) <= 3 and bool(items_in(answer, rest))
    number = any(form in answer.upper() for form in others(at) if form.startswith("A") and form[1:].isdigit())
    return bool((another or number) and CORRECTS.search(answer)) or short or bool(heard("other_one", answer) and rest)


def _is_no_reason(at: Visit, answer: str, question: str) -> bool:
    """Returns whether an answer is a question or request instead of a reason."""
    wants = acts_in(answer, question, 0.4) & {"question", "request", "human", "stop", "help", "repeat", "undo"}
    return bool(wants) or read_bare_answer(answer) == "unsure" or answer.rstrip().endswith(("?", "？"))
