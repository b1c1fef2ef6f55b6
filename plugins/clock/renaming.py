"""Renames the last entry, or changes its text: "call it pasta", "the dog, not the cat"."""

from __future__ import annotations

import re

from .asking import masked

__all__ = ["new_name", "replaced", "text_told"]

RENAMED = re.compile(
    r"(?:and |no |actually |oh |just |can you |please )*(?:call|name|rename|label|title)(?: it| that| this"
    r"| the timer)?(?: to| as)? (?:the )?(?P<en>(?!(?:me|you)\b|(?:off|quits|a day|back|(?:an? )?ambulance)$"
    r"|it\b)[\w' -]+?)(?:,? (?:not|instead of) (?:the )?(?P<old>[\w' -]+))?(?: (?:instead|please))*[.!]*|(?:就"
    r"|把)?(?:它|这个|那个)?(?:的?名字)?(?:就)?(?:改名叫|改叫|叫做?|命名为)(?:它)?(?P<zh>(?!我"
    r"|醒)[^\s，,？?吧]{1,12})吧?",
    re.IGNORECASE,
)


REPLACED = re.compile(
    r"(?:no|nah|oh|sorry|actually|wait|[\s,])*(?:(?:it'?s|that'?s|i mean(?:t)?|make (?:it|that)|for) )?(?:the "
    r"|my )?(?P<new>[a-z][\w' -]{0,40}?),? "
    r"(?:not|instead of|rather than) (?:for )?(?:the |my )?(?P<old>[a-z][\w' -]{0,40}?)[.!]*"
    r"|(?:no|nah|oh|sorry|actually|wait|[\s,])*not (?:the |my )?(?P<old2>[a-z][\w' -]{0,40}?)(?:,| but|,? it'?s"
    r"|,? i mean(?:t)?) (?:the |my )?(?P<new2>[a-z][\w' -]{0,40}?)[.!]*"
    r"|(?:哦|不对|错了|[\s，,])*不是(?P<old3>[^，,\s是]{1,12})[，,\s]*(?:而?是|应该是)(?P<new3>[^，,\s]{1,12}?)[吧呀啊]?",
    re.IGNORECASE,
)


_TEXT = re.compile(
    r"(?:no |actually |oh |sorry |please |can you )*(?:change (?:it|that|the reminder|the text) to|make (?:it"
    r"|that) say|it should say)"
    r" (?P<en>[a-z].{1,80})|(?:内容|改成提醒我?|改为提醒我?)(?:改成|换成|是)?(?P<zh>[\u4e00-\u9fff].{1,30})",
    re.IGNORECASE,
)


def new_name(text: str) -> tuple[str, str] | None:
    """Returns the new name of the last entry and the name it replaces, if stated; None for no name."""
    found = RENAMED.fullmatch(" ".join(text.split()).strip(" .!。！"))
    return (found["en"] or found["zh"], found["old"] or "") if found else None


def replaced(text: str, told: str) -> tuple[str, str] | None:
    """Returns the replacement within `told`: "it's the dog not the cat" gives (dog, cat)."""
    found = REPLACED.fullmatch(" ".join(text.split()).strip(" .!。！"))
    if found is None:
        return None
    new, old = (next(filter(None, (found[f"{name}{n}"] for n in ("", "2", "3"))), "") for name in ("new", "old"))
    return (new, old) if old.casefold() in told.casefold() and not re.search("[⏰⏱]", masked(f"{new} {old}")) else None


def text_told(text: str) -> str:
    """The new text of a reminder: "change it to ring the vet"; "" for none."""
    found = _TEXT.fullmatch(" ".join(text.split()))
    new = (found["en"] or found["zh"]) if found else ""
    return "" if re.search(r"[⏰⏱]|^\d", masked(new)) else new
