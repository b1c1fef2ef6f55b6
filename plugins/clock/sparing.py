"""Splits a request into what it ends and what it keeps, clause by clause: "keep the rice, kill the pasta"."""

from __future__ import annotations

import re

__all__ = ["ONLY_KEPT", "SPARED", "ended_and_spared", "spares", "told_apart"]

SPARED = re.compile(
    r"\b(?:except(?: for)?|apart from|other than|bar(?:ring)?(?= (?:the|my)\b)|save for|aside from|minus(?= the\b)"
    r"|(?:and|but) (?:not|keep|leave)|but(?= (?:the|my|that|\d))|not|(?<!only )keep|leave)\b([^,;.，。；]+)"
    r"|除了([^,，。；]+?)(?:以外|之外|外|都|全|[,，]|$)|(?:别动|留着|保留|不要动|别取消|别关|别停)([^,，。；]+)",
    re.IGNORECASE,
)
"""what a request leaves alone"""
ONLY_KEPT = re.compile(
    r"\W*(?:(?:please|just|so|ok|and|actually)\W+)*(?:(?:only|just) (?:keep|leave)|(?:keep|leave) (?:only|just))\b(.+)"
    r"|\W*(?:只|就)(?:保?留|要)(.+)",
    re.IGNORECASE,
)
"""ends all but what it names"""

_PARTS = re.compile(
    r"\s*[,;，；、。]\s*|\.\s+|\s+(?:and|but|then|lol)\s+|(?:但是?|不过|然后|而)(?=.{2})", re.IGNORECASE
)
_SPARES = re.compile(
    r"\b(?:keep|leave|spare)(?!\s+(?:out|off))\b|\b(?:stays?|remains?|carr(?:y|ies) on|keeps? (?:going|running))\b"
    r"|\b(?:don'?t|do not|never) (?:touch|stop|cancel|kill|delete|end|change|turn off|remove)\b"
    r"|^(?:and |but )?not (?:the|my|that)\b|\b(?:is|are) (?:fine|ok(?:ay)?|good|staying)\b"
    r"|留(?:着|下|住)|保留|别(?:动|关|停|取消|删|管)|(?:不要|不用|不许|不能|甭)(?:动|关|停|取消|删|管)|不动|不变|照旧|继续(?:走|计|响|跑)?"
    r"|接着(?:走|计|响|跑)|还要用?[的呢]?$",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\b(?:cancel|delete|remove|clear|kill|get rid of|turn off|switch off|scrap|drop|end|stop|lose|bin|ditch|dump"
    r"|forget)\b|取消|关了|关掉|停了|停掉|停|删|清掉|去掉|撤|不要了|不用了",
    re.IGNORECASE,
)


def spares(part: str) -> bool:
    """Returns whether a clause keeps something as it is."""
    return _SPARES.search(part) is not None


def ended_and_spared(text: str) -> tuple[str, str]:
    """Returns the part of a request that ends entries and the part that keeps them; "" for a missing part.

    A clause that says neither goes on from the one before it: "kill the rice and the pasta, not the stew".
    """
    ended: list[str] = []
    spared: list[str] = []
    last = ended
    for part in filter(None, map(str.strip, _PARTS.split(text))):
        last = spared if spares(part) else ended if _ENDS.search(part) else last
        last.append(part)
    return " , ".join(ended), " , ".join(spared)


def told_apart(text: str) -> tuple[str, str]:
    """A request without what it leaves alone, and what that is: "kill the timers, not the bread one", 只留八点那个."""
    if kept := ONLY_KEPT.match(text):
        return "all", kept[1] or kept[2]
    ended, spared = ended_and_spared(text)
    if ended and spared:
        return ended, spared
    found = SPARED.search(text)
    if found is None:
        return text, ""
    return text[: found.start()] + text[found.end() :], next(filter(None, found.groups()), "")
