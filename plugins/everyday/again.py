"""The request before, asked again with another value: "and 21 percent?", 那三斤呢."""

from __future__ import annotations

from assistant import Services, Turn, find_entities

from .wording import language_of

__all__ = ["asked_again"]

LONGEST = 60
"""characters of words that only change a value"""
LOOKED_BACK = 3
"""turns"""
VALUES = ("percentage", "money", "number")


async def asked_again(turn: Turn, services: Services, intent: str) -> str:
    """The last request for an intent, with the one value that this turn names in place of its own; "" for none."""
    said = turn.utterance
    new = [each for each in find_entities(said, language_of(said)) if each.kind in VALUES]
    if len(said) > LONGEST or len(new) != 1:
        return ""
    for each in reversed(await services.conversation(turn.session, LOOKED_BACK)):
        if each.intent == intent and each.text != said:
            old = [found for found in find_entities(each.text, language_of(each.text)) if found.kind in VALUES]
            place = next((found for found in old if found.kind == new[0].kind), old[0] if old else None)
            return each.text[: place.start] + new[0].text + each.text[place.end :] if place else ""
    return ""
