"""Words that point back to what was talked about: "what's on it?", "cancel it", 把它删掉."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.understanding.entities.identifiers import identifier_spans

__all__ = ["named_beside", "named_instead", "offered", "refers_back", "talked_about", "undone_by"]

ABOUT = "about"
"""key of `Reply.data`: what "it" may mean in the next turn, as a request names it, the likeliest first"""
UNDO = "undo"
"""key of `Reply.data`: the request that takes back what was done"""
MOST = 4
"""things of one reply that are tried"""
LONGEST = 120
"""characters of a turn that points back, and of a thing"""
BRIEF, BRIEF_WORDS = 40, 6
"""characters and words of a turn that may leave its thing out"""
INTERJECTION = 2
"""words of a clause that names nothing: "no, cancel it" """

_PRONOUN = re.compile(
    r"\b(?:that|this)(?: one)?(?= (?:again|back|off|on|to|for|down|up|out|please|now|today|too|as well|then|by|at)\b"
    r"|\W*$)|\b(?:it|them|those|these)\b(?! (?:is|was|isn|has|had|seems|looks|feels|hurts)\b)(?!['’]s\b)"
    r"|(?:(?<=\bmake )|(?<=\bmove )|(?<=\bpush ))(?:that|this)(?! one)\b"
    r"|它们?|[那这]个(?![^\W\d]|\.\.|…)|那一个|这一个",
    re.IGNORECASE,
)
_PLACE = re.compile(r"^\W*(?:上面|里面|里边|上边|里头)")
"""a place without its thing, at the beginning of a Chinese sentence"""
_BARE = re.compile(
    r"(?:请|帮我)?(?:取消|删除|删掉?|清空|暂停|继续|读一?下|念一?下|改一?下|撤销|去掉)(?:掉|吧|了|一下)*[。!！]?"
)
"""a Chinese verb without an object"""


_OFFER = re.compile(r"(?:\bsay|请说|说)\s?[“\"]([^“”\"…]{2,60})[”\"]", re.IGNORECASE)


def offered(reply: str) -> str:
    """Returns the one thing that a reply says how to ask for (“say “cancel A1002””); "" for none, or several."""
    found = {match[1].strip() for match in _OFFER.finditer(reply)}
    return found.pop() if len(found) == 1 else ""


def refers_back(text: str) -> bool:
    """Returns whether words may point to a thing that they do not name: not in "I've got the bread, take it off"."""
    said = text.strip()
    if len(said) > LONGEST:
        return False
    pronoun = _PRONOUN.search(said)
    before = re.split(r"[,;.:，；。：]", said[: pronoun.start()])[:-1] if pronoun else []
    named = any(len(part.split()) > INTERJECTION or (not part.isascii() and len(part) > 4) for part in before)
    named = named or any(identifier_spans(part) for part in before)  # "order A1007, please send it to …"
    return bool((pronoun and not named) or _PLACE.match(said) or _BARE.fullmatch(said))


def named_instead(text: str, thing: str) -> str:
    """Returns the words with the thing in place of the first pronoun that points to it.

    Args:
        text: words that point back.
        thing: what they point to, such as "my shopping list".
    """
    if _PLACE.match(text):
        return _PLACE.sub(lambda place: thing + place.group(), text, count=1)
    if _BARE.fullmatch(text.strip()):
        return f"{text.strip(' 。!！吧了')}{thing}"
    return _PRONOUN.sub(lambda _: thing, text, count=1)


def named_beside(text: str, thing: str) -> list[str]:
    """Returns short words with the thing that they leave out: "add sunscreen" of a list, 改成六点 of a reminder.

    [] for words that are long enough to name their thing.
    """
    said = text.strip(" .!?。！？")
    if not said or len(said) > BRIEF or len(said.split()) > BRIEF_WORDS:
        return []
    if not said.isascii():
        return [f"{thing}{said}", f"把{thing}{said}"]
    return [f"{said} to {thing}", f"{said} {thing}", f"make {thing} {said}"]


def talked_about(data: Mapping[str, Any]) -> list[str]:
    """Returns what a stored reply was about; [] where it does not say."""
    about = data.get(ABOUT)
    things: Sequence[Any] = about if isinstance(about, Sequence) and not isinstance(about, str) else [about]
    return [thing for thing in things if isinstance(thing, str) and 0 < len(thing) <= LONGEST][:MOST]


def undone_by(data: Mapping[str, Any]) -> str:
    """Returns the request that takes back what a stored reply did; "" where it does not say."""
    words = data.get(UNDO)
    return words if isinstance(words, str) and 0 < len(words) <= LONGEST else ""
