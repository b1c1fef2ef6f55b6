"""Tells from their form what requests are: questions, wishes to be told something, and what joins one to another."""

from __future__ import annotations

import re

from assistant.understanding.entities.identifiers import identifier_spans
from assistant.understanding.tokens import words_of

__all__ = [
    "able_to",
    "asks_within",
    "comes_on_top",
    "has_question_form",
    "how_to",
    "joints",
    "wants_to_be_told",
    "with_reference",
    "without_lead",
]


def has_question_form(text: str) -> bool:
    """Returns whether words have the form of a question, whatever they were read as beside one that is open."""
    return _ASKS.search(text) is not None


_ASKS = re.compile(
    r"^\W*(?:(?:oh|and|so|but|by the way|btw)\b\W*)*(?:is|are|was|were|do|does|did|can|could|will|would|has|have|when"
    r"|where|what|who|how|which|why)(?:'s)?"
    r" (?:my|the|it|its|that|this|there|you|your|i|we|our|he|she|they|much|many|long)\b"
    r"|[吗呢][?？]?\s*$|(?<=[\u4e00-\u9fff]{2})(?<![还是倒也都])没[?？]?\s*$|什么时候|几[点号天]|多少钱|在哪|哪[天里儿](?![都也])"
    r"|怎么(?:还|没|样)|(?<![没有])(?:什么|啥)(?![都也])",
    re.IGNORECASE,
)


def without_lead(text: str) -> str:
    """Returns a request without what joins it to the one before: "and let me know where …" is "where …"."""
    return _LEAD.sub("", text).rstrip(" ,;，；、") or text


_LEAD = re.compile(
    r"^\W*(?:and |oh )*(?:while|since|as) (?:you|we|i)(?:'?re| are|'?m| am)? (?:at|on|about|think of|there|here)"
    r"(?: (?:it|that))?[\s,]*"
    r"|^\W*(?:(?:hold on|hang on|wait(?: a (?:sec|minute|moment))?|one (?:sec|moment|thing)|before that"
    r"|first(?: of all)?|quick (?:question|one)|real quick|by the way|btw|any(?:way|how)s?|oh|so|and)\b[\s,.:]*)+"
    r"(?=\w+\W+\w)"
    r"|^\W*(?:对了|等等|等一下|慢着|哦对|话说|说起来)[\s，,。]*先?(?=\S)|^\W*先(?=[把帮给告说来查去])"
    r"|^\W*(?:and|also|then|plus|after that|oh|but first|next)\b(?:[\s,]+(?:also|then|please)\b)*[\s,]*"
    r"|^\W*(?:and )?(?:let me know|tell me|i (?:want|need) to know)"
    r"(?= (?:where|what|when|who|how|if|whether|which|why)\b)\s*"
    r"|^\W*(?:顺便|顺带|另外|然后|还有|接着|最后|同时)(?:再|也|请|帮我)?(?:问一?下|问问)?[\s，,]*|^\W*再(?=[帮把给告说来查])",
    re.IGNORECASE,
)


def asks_within(text: str) -> bool:
    """Returns whether a request is a question: "tell me when it comes", 告诉我到哪了."""
    return _ASKS_WITHIN.search(text) is not None


_ASKS_WITHIN = re.compile(
    r"\b(?:tell me|let me know|show me|(?:want(?:ed)?|need(?:ed)?|like) to (?:know|ask|find out))"
    r" (?:where|when|what|how|if|whether|which|why|who)\b"
    r"|(?:告诉|跟|和)我(?:说)?.*(?:哪|什么|啥|几|多少|吗|没有|怎么|多久)",
    re.IGNORECASE,
)


def wants_to_be_told(text: str) -> bool:
    """Returns whether a request is for words of the assistant's: "and tell me a joke", 再给我讲个故事."""
    return _TELL_ME.match(text) is not None


_TELL_ME = re.compile(
    r"\W*(?:(?:and|then|also|oh|please|can you|could you)\W+)*"
    r"(?:tell|give|show|teach|sing|read|recommend|explain)(?: to)? me\b"
    r"|[再也还然后顺便，,\s]*(?:请|帮)?[给跟对和]我(?:讲|说|唱|念|推荐|介绍|解释)",
    re.IGNORECASE,
)


def how_to(text: str) -> str:
    """Returns the act in a question how to do it: "set a timer" of "how do I set a timer"; "" for another question."""
    found = _HOW_TO.match(text)
    return next(filter(None, found.groups()), "").strip(" ?？") if found else ""


_HOW_TO = re.compile(
    r"\W*(?:(?:so|and|ok|hey|um+|sorry)\W+)*(?:how (?:(?:do|can|would|should|could) (?:i|we|you|one)|to)"
    r"|what (?:do|should|must) i (?:say|type) to)"
    r"(?: (?:go about|get you to|use you to|make you|have you|ask you to))? (.+?)(?: (?:here|with you|in here))?\W*$"
    r"|(?:请问)?我?(?:要|该|想|应该)?(?:怎么样?|如何|咋样?)(?:才能)?(?:用你来?|让你|叫你|跟你说)?[来去]?(.+?)[呢啊呀]?[？?]?$",
    re.IGNORECASE,
)


def able_to(text: str) -> str:
    """Returns the act in a question whether it is possible: "set alarms" of "can you set alarms"; else "".

    "Can you set an alarm for seven" asks for it, and so does whatever names a thing.
    """
    found = _ABLE.match(text)
    wish = next(filter(None, found.groups()), "").strip(" ?？") if found else ""
    return "" if _NAMES_A_THING.search(wish) or len(words_of(wish)) < 2 else wish


_ABLE = re.compile(
    r"\W*(?:(?:so|and|but|ok|hey|hi|um+)\W+)*(?:can you|could you|are you able to|do you know how to|do you(?= do\b))"
    r"(?: (?:also|even|actually))? (?!(?:understand|speak|hear|see|feel|think|learn|talk) )(.+?)"
    r"(?: (?:for me|too|as well))?\W*$"
    r"|(?:请问|那|所以)?[你您](?:会|能|可以|能不能|会不会|可不可以)(?!不)([^帮给替]{2,8}?)[吗么嘛][?？]?$",
    re.IGNORECASE,
)


_NAMES_A_THING = re.compile(
    r"\b(?:my|the|it|this|that|these|those|me|him|her|us|them|an?|at|to|in|on|with|what|how|why|where|when|who|\w*\d\w*)\b"
    r"|[个把我这那它他她一二两三四五六七八九十点分几多哪什谁怎]",
    re.IGNORECASE,
)


def comes_on_top(text: str) -> bool:
    """Returns whether a request says that it is one more: "then tell me …", "while you're at it, …", 顺便……."""
    return _ON_TOP.match(text) is not None


_ON_TOP = re.compile(
    r"\W*(?:and |oh |but )*(?:then|also|plus|besides|next|after(?: that|wards)|btw|by the way"
    r"|(?:while|since|as) (?:you|we|i))\b"
    r"|\W*(?:顺便|顺带|另外|然后|还有|接着|最后|同时|对了|再(?=[帮把给告说来查看问]))",
    re.IGNORECASE,
)


def joints(text: str) -> list[tuple[str, str]]:
    """The ways in which a sentence falls in two at a joint, such as "and" or a comma, later joints first."""
    cuts = [(text[: joint.start()].strip(), text[joint.end() :].strip()) for joint in _JOINT.finditer(text)]
    return [(before, after) for before, after in reversed(cuts) if before and after]


_JOINT = re.compile(
    r"\s*(?:(?!(?<=\d)[.,](?=\d))[,;.，。；、])+\s*(?:and|also|oh|plus|then)?\s*|\s+(?:and|also|plus|then)\s+(?:also|then|oh)?\s*|\s*(?:还有|另外|顺便|然后)\s*",
    re.IGNORECASE,
)


def with_reference(text: str, earlier: str) -> str:
    """Returns a request with its pronoun replaced by what the request before it was about.

    Args:
        text: a request, such as "just tell me where it is".
        earlier: what was said before it in the same turn; the last identifier in it is meant by "it".
    """
    spans = identifier_spans(earlier)
    if not spans or identifier_spans(text):
        return text
    named = earlier[slice(*spans[-1])] if isinstance(spans[-1][0], int) else str(spans[-1][0])
    return _PRONOUN.sub(named, text, count=1)


_PRONOUN = re.compile(r"\b(?:it|that one|this one|them|that order)\b|它|那个|这个", re.IGNORECASE)
