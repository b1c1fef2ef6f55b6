"""Uses days and places that the user mentioned before: "how many days until her birthday", 她那边现在几点."""

from __future__ import annotations

import re
from datetime import datetime

from assistant import AssistantError, Services, Turn

from .pieces import entities_of
from .places import places_in

__all__ = ["day_recalled", "place_recalled"]

LOOKED_BACK = 10
"""turns"""
RELEVANT = 0.08
"""relevance from which a remembered fact with a day is the subject of a question about days"""
HOME = ".home"
"""ending of the key of a person's home"""
ASKS = re.compile(
    r"[?？吗呢]\W*$|^\W*(?:what|when|how|where|is|and|so)\b|\bhow (?:many|long)\b|多[久少]|几", re.IGNORECASE
)
SMALL = frozenset({"lives", "live", "time", "now", "what", "the", "and", "works", "there", "for"})
IN_CHINESE = {"birthday": "生日", "home": "住处"}
POINTS = re.compile(r"\b(?:hers?|his|theirs?|them|she|he|they|there)\b|[他她]|那[边里儿]", re.IGNORECASE)


async def day_recalled(turn: Turn, services: Services) -> tuple[str, str]:
    """Returns the remembered fact that a question about days refers to, and its day as stated; ("", "") if none."""
    now = datetime.fromtimestamp(turn.at)
    kept = await services.remembered()
    facts = [f"{_named(key)}: {value}" for key, value in kept.items()]
    said = [each.text for each in await services.conversation(turn.session, LOOKED_BACK)]
    before = await services.conversation(turn.session, 1)
    just = [str(key) for each in before for name in ("remembered", "facts") for key in each.data.get(name, ())]
    dated = {}
    for text in [*said, *facts]:
        days = [each.text for each in entities_of(text, now) if each.kind in ("date", "datetime")]
        if len(days) == 1 and not ASKS.search(text):
            dated[text] = days[0]
    told = [text for text in dated if text in [f"{_named(key)}: {kept[key]}" for key in just if key in kept]]
    if len(told) == 1:  # "how many days until then", right after it was told
        return told[0].partition(": ")[0], dated[told[0]]
    try:
        found = await services.relevance(turn.utterance, list(dated))
    except AssistantError:
        return "", ""
    best = max(range(len(dated)), key=lambda at: found[at], default=None)
    if best is None or found[best] < RELEVANT:
        return "", ""
    text, day = list(dated.items())[best]
    return (text.partition(": ")[0] if text in facts else ""), day


def _named(key: str) -> str:
    person, _, thing = key.rpartition(".")
    return f"{person}'s {thing}" if person.isascii() and person else f"{person}的{IN_CHINESE.get(thing, thing)}"


async def place_recalled(turn: Turn, services: Services) -> str:
    """Returns the remembered place of a person whom the text names or refers to; "" for none."""
    asked, before = turn.utterance.casefold(), await services.conversation(turn.session, LOOKED_BACK)
    told = {each.text: each.text for each in reversed(before) if not each.data and not ASKS.search(each.text)}
    facts = {**told, **await services.remembered()}
    places = {key: found[0].name for key, value in facts.items() if (found := places_in(value))}
    for key, place in places.items():
        person = key.removesuffix(HOME) if key.endswith(HOME) else facts[key].casefold().replace(place.casefold(), "")
        if _shared(asked, person):
            return place
    if not POINTS.search(asked):
        return ""
    keys = (
        str(key)
        for each in reversed(before)
        for key in (each.text, *each.data.get("remembered", ()), *each.data.get("facts", ()))
    )
    return next((places[key] for key in keys if key in places), "")


def _shared(asked: str, person: str) -> bool:
    """Returns whether a question names the person that a fact is about."""
    if person.isascii():
        return any(word not in SMALL and re.search(rf"\b{word}\b", asked) for word in re.findall(r"[a-z]{3,}", person))
    return any(
        person[at : at + 2] in asked
        for at in range(len(person) - 1)
        if not re.search(r"[我在住的是]", person[at : at + 2])
    )
