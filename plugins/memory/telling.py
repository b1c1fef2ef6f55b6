"""Phrases a fact or statement from the assistant's side ("I parked" becomes "you parked")."""

from __future__ import annotations

import re

from .people import person_named
from .wording import Language, say

__all__ = ["SAID", "flipped", "told"]

SAID = "said."
"""the keys of statements kept as they were said begin so"""
KNOWN = ("name", "home", "origin", "work", "job", "birthday", "language", "age")
FLIPS = (
    (r"\bi am\b|\bi'm\b", "you are"),
    (r"\bi was\b", "you were"),
    (r"\bi've\b", "you have"),
    (r"\bi'll\b", "you will"),
    (r"\bmyself\b", "yourself"),
    (r"\bi\b|\bme\b", "you"),
    (r"\bmy\b", "your"),
    (r"\bmine\b", "yours"),
    ("我", "你"),
)


def told(key: str, value: str, language: Language) -> str:
    """A fact, said to the user."""
    if key.startswith(SAID):
        text = flipped(value)
        return f"{text[:1].upper()}{text[1:]}{'。' if language == 'zh' else '.'}"
    person, _, relation = key.rpartition(".")
    if person and relation in KNOWN:
        return say(f"person_{relation}", language, person=person_named(person, language), value=value)
    if key in KNOWN:
        return say(f"your_{key}", language, value=value)
    thing = key.replace(".", "'s ") if language == "en" else key
    return say("your_thing", language, thing=_translated(thing, language), value=value)


def _translated(thing: str, language: Language) -> str:
    if thing == "full name" and language == "zh":
        return "全名"
    favourite, _, what = thing.partition("favourite ")
    return f"最喜欢的{what}" if language == "zh" and what and not favourite else thing


def flipped(text: str) -> str:
    """Turns a statement around: "I parked my car" becomes "you parked your car"."""
    for pattern, other in FLIPS:
        text = re.sub(pattern, other, text, flags=re.IGNORECASE)
    return text
