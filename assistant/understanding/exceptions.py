"""Exceptions of a request: "cancel everything, leave the mugs" is "cancel everything, except the mugs"."""

from __future__ import annotations

import re
from itertools import pairwise

from assistant.understanding.consent import read_bare_answer, read_consent

__all__ = ["REMOVES", "with_exception"]

REMOVES = re.compile(
    r"\b(?:cancel|drop|bin|scrap|scratch|delete|remove|clear|erase|stop|end|kill|return|get rid of|turn off|take off)\b"
    r"|取消|删|清空|清掉|去掉|退|关|停|扔|不要了",
    re.IGNORECASE,
)
_KEPT = re.compile(
    r"\b(?:(?:i(?:'ll| will| want to| would like to)|please|but|just|and) )*(?:keep|leave|spare|save|hold on to)\b"
    r"|\b(?:but |and |please )*(?:don'?t|do not|never) (?:touch|cancel|delete|remove|return|drop|take|stop)\b"
    r"|(?:给我|先|就|还是|帮我)*(?:留[着下]|保留|别[动碰删退取停关]\w?|不要[动碰删退取停关]\w?|不[动删退停关])(?:了|吧|就行|就好)*",
    re.IGNORECASE,
)
"""says that something stays as it is"""
_WHOLE = re.compile(
    r"\b(?:all|every|everything|any|both|whole|entire|the rest|the others|whatever|anything"
    r"|(?:that|which|ones?) \w*n'?t)\b"
    r"|所有|全部|全都|统统|通通|其[他它余]|剩下|每[个条单]|[没未].*的都",
    re.IGNORECASE,
)
"""asks for all of a kind, of which something may be spared"""
_ONLY = re.compile(r"\bonly\b|\bjust the\b|只", re.IGNORECASE)
_SMALL = {"the", "and", "but", "all", "any", "both", "one", "ones", "them", "that", "this", "those", "these", "please"}
_SMALL |= {"just", "only", "instead", "for", "out", "though", "then", "there", "here", "alone", "going"}
_SMALL_ZH = re.compile(r"那[个单条些]?|这[个单条些]?|给我|就|都|的|吧|了|帮我|请|还是|先|把")
_AROUND = re.compile(
    r"^\W*(?:(?:and|but|please)\b\W*)*|(?:[\s,]+(?:though|please|alone|as (?:it|they) (?:is|are)|there))*\W*$"
)


def with_exception(before: str, words: str) -> str:
    """A request with the words behind it that say what stays; "" where they say nothing of the kind.

    They name another thing than the request: "cancel the grinder, I'll keep the grinder" takes it back instead.
    """
    if not REMOVES.search(before) or REMOVES.search(_KEPT.sub("", words)) or not _KEPT.search(words):
        return ""
    if _ONLY.search(before):  # "send back only the case, the laptop stays" says twice what stays
        return before.rstrip(" ,，;；.。")
    if read_bare_answer(words, before) != "other" or read_consent(words, asked=before) == "yes":
        return ""
    thing = _AROUND.sub("", _KEPT.sub(" ", words)).strip(" ,，。.!！")
    named = _things(thing)
    before = before.rstrip(" ,，;；.。")
    if not named or named & _things(before):
        return ""
    if not _WHOLE.search(before):  # what is named stays apart from what is to go
        return before
    return f"{before}, except {thing}" if thing.isascii() else f"{before}，除了{thing}"


def _things(text: str) -> set[str]:
    """The words of a text that may name a thing: English ones, and pairs of Chinese characters."""
    english = set(re.findall(r"[a-z0-9]{3,}", text.lower())) - _SMALL
    runs = re.findall(r"[\u3400-\u9fff]{2,}", _SMALL_ZH.sub(" ", text))
    return english | {first + second for run in runs for first, second in pairwise(run)}
