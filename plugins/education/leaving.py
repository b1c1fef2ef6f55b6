"""Recognises pupils who leave a quiz or skip a question: 不想做题了，退出, "skip", "no idea"."""

from __future__ import annotations

import re

__all__ = ["leaves", "passes"]

LONGEST = 60
"""characters of words that leave or pass"""
_CLAUSES = re.compile(r"[\s]*[,，.。;；!！~]+[\s]*|\s+(?:and|but|so)\s+")
_SOFTENS = (
    r"(?:(?:ok(?:ay)?|sorry|please|pls|thanks|thank you|thx|oh|hm+|um+|well|honestly|right|lol|nah|no|yeah|actually"
    r"|now|just|let'?s|can we|can you|could we|i want to|i'd like to|for now|for today|today|mate|ta|cheers)\b[\s]*)*"
)
LEAVES = re.compile(
    rf"{_SOFTENS}(?:stop(?: it| this| that| the quiz| now| here| asking)?|quit(?: it| the quiz)?|exit|leave(?: it"
    rf"| the quiz)?|end(?: it| the quiz| this)?"
    rf"|cancel(?: it| the quiz)?|(?:that'?s |that is |that will be |i'?ve had )?enough(?: of (?:this"
    rf"|that))?(?: for (?:now|today))?|no more(?: questions?| quiz)?"
    rf"|(?:i'?m|i am|we'?re) (?:done|finished|bored|tired|out)(?: (?:with|of) (?:it|this|that|the quiz))?"
    rf"|i give up|i quit|that'?s it"
    rf"|(?:i |we )?(?:don'?t|do not) (?:want|feel like|fancy)(?: to| any| doing)?(?: do| play| answer| go on"
    rf"| more| this| that| it| any ?more| questions?| quiz)*"
    rf"|(?:we|i) can stop(?: now| here)?|forget (?:it|the quiz)|finish(?: here)?)(?: now| please| here| thanks"
    rf"| then| any ?more| for (?:now|today))*"
    r"|(?:那|我|咱们?|今天|先|就|好了|嗯|算了)*(?:不想|不要|不愿|懒得|不)(?:再|继续)?(?:做|玩|考|答|来|学|练|搞|弄|继续|问)(?:题目?|下去|这个)?(?:了|啦)?(?:吧|啊)?"
    r"|(?:那|我|要|想|先|就|直接|赶紧|帮我|请)*(?:退出|结束|停止?|停下|终止|中止|离开|取消)(?:测验|测试|考试|答题|小测验|练习|吧|了|一下|来)*"
    r"|(?:今天)?(?:先)?(?:就)?(?:到此为止|到这(?:儿|里)?|这样)(?:吧|了)?|够了|没意思|没劲|(?:不玩|不考|不做|不答|下次再[来玩做说])(?:了|吧|啦)*",
    re.IGNORECASE,
)
PASSES = re.compile(
    rf"{_SOFTENS}(?:i |im |i'?m |have |honestly )*(?:don'?t (?:know|understand|remember|get it)(?: (?:it|that"
    rf"|this|the answer))?|(?:no|not a|haven'?t a) (?:idea|clue)|not sure"
    r"|idk|dunno|(?:i )?forgot(?: it)?|(?:i'?ll )?pass(?: on (?:it|this|that))?|skip(?: (?:it|this(?: one)?"
    r"|that(?: one)?|the question))?|next(?: one| question)?(?: please)?|another(?: one| question)?"
    r"|tell me(?: the answer)?|give up on this|can'?t (?:do|answer) (?:it|this|that)|too hard|what'?s the answer"
    r"|move on)(?: please| yet| sorry| either)*"
    r"|(?:我|这个|这题|这道题?|真的?|完全|也|还|实在)*(?:不知道|不会(?:做|答)?|跳过|不懂|忘了|不清楚|想不起来|没学过|答不[上出]来?|不记得)(?:了|啊|呀|呢|欸|诶)*"
    r"|(?:换|来|给我|请)?(?:下|换|另)(?:一)?(?:个|题|道|道题|个题|个问题)(?:吧|呗)?|(?:这题)?过(?:吧|了)?|跳过(?:这题|这个|这道题?)?(?:吧)?|答案是什么"
    r"|(?:直接)?(?:告诉我|公布|说)答案(?:吧)?|太难了?",
    re.IGNORECASE,
)


PASSES_ON = re.compile(rf"(?:(?:{PASSES.pattern})(?:\s+|$))+", re.IGNORECASE)
"""several of them without a stop between: "i don't know tell me" """


def leaves(said: str) -> bool:
    """Returns whether the text ends a quiz."""
    return _any(LEAVES, said)


def passes(said: str) -> bool:
    """Returns whether the text skips a question."""
    return _any(PASSES_ON, said, alone=True)


def _any(pattern: re.Pattern[str], said: str, *, alone: bool = False) -> bool:
    plain = " ".join(said.split()).replace("’", "'").strip(" .!?。！？~")
    if len(plain) > LONGEST:
        return False
    parts = [each.strip() for each in _CLAUSES.split(plain) if each and each.strip()]
    others = [each for each in parts if not pattern.fullmatch(each)]
    if alone:
        return bool(parts) and not others
    # Beside it only its reason may stand: 没意思，不做了; what else is said may be an answer.
    return len(others) < len(parts) and all(len(each) <= 16 and not re.search(r"\d", each) for each in others)
