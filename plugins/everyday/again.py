"""What goes on from the request before: another value, another unit, one more step, another throw."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from assistant import Exchange, Services, Turn, find_entities

from .chances import Chance, read_chance
from .conversions import Conversion, read_conversion
from .sums import Sum, read_sum, stepped
from .units import density_of
from .wording import language_of

__all__ = [
    "asked_again",
    "chance_again",
    "conversion_again",
    "converts_on",
    "draws_again",
    "sum_again",
    "sums_on",
]

LONGEST = 60
"""characters of words that only change a value"""
LOOKED_BACK = 3
"""turns"""
VALUES = ("percentage", "money", "number")
LEAD = re.compile(
    r"^\W*(?:(?:and|so|ok(?:ay)?|what about|how about|what(?:'s| is)(?: that)?|now|then|or|in)\b[\s,]*)+"
    r"|^(?:那么?|再|换成|还有)",
    re.IGNORECASE,
)
AGAIN = re.compile(
    r"\W*(?:(?:and|ok|okay|please|now|just|let's)\W+)*(?:again|once (?:more|again)|one more(?: time)?"
    r"|another(?: (?:one|go|roll|flip|throw|try))?"
    r"|(?:roll|flip|toss|throw|draw|pick|choose|do|try|spin)(?: (?:it|them|that|one))?(?: (?:again|once more|another))"
    r"|best of three|next(?: one)?)(?:\W+please)?\W*"
    r"|(?:那|就)?再(?:来|掷|扔|抛|抽|选|摇|丢|投)(?:一)?[次个把下遍]?(?:吧|呗)?[。！!]?",
    re.IGNORECASE,
)


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


def sums_on(text: str, before: Sequence[Exchange]) -> bool:
    """Whether words go on from the sum before them: "add ten percent", "divide that by 3", 再乘以二."""
    return sum_again(text, before) is not None


def sum_again(text: str, before: Sequence[Exchange]) -> Sum | None:
    """The sum that goes on from the one before it; None where the words do not."""
    told = before[-1].data if before else {}
    if len(text) > LONGEST or "result" not in told or read_sum(text) is not None:
        return None
    return stepped(text, str(told["result"]), told.get("share") or ())


def converts_on(text: str, before: Sequence[Exchange]) -> bool:
    """Whether words ask for another amount, or another unit, of the conversion before: "and in a third of a cup?"."""
    return conversion_again(text, before) is not None


def conversion_again(text: str, before: Sequence[Exchange]) -> Conversion | None:
    """The conversion before, with the amount or the unit that the words name; None where they name neither."""
    told: Mapping[str, Any] = before[-1].data if before else {}
    if len(text) > LONGEST or "asked" not in told or read_conversion(text) is not None:
        return None
    amount, unit = (str(each) for each in told["asked"])
    if (thing := str(told.get("thing") or "")) and (other := _other_thing(text, thing)):
        bare = amount.removesuffix(f" of {thing}").removesuffix(thing)
        chinese = language_of(text) == "zh"
        return read_conversion(f"{bare}{other}是多少{unit}" if chinese else f"{bare} of {other} in {unit}")
    rest = LEAD.sub("", text).strip(" ?？.。!呢吗")
    if not rest or (rest == text.strip(" ?？.。!") and len(rest.split()) > 4):
        return None
    if language_of(text) == "zh":
        tried = (f"{rest}是多少{unit}", f"{amount}是多少{rest.removeprefix('多少').removeprefix('几')}")
    else:
        tried = (f"how many {unit} in {rest}", f"{amount} in {rest}")
    return next(filter(None, map(read_conversion, tried)), None)


def _other_thing(text: str, thing: str) -> str:
    """The one other thing from the kitchen that words name: "no, not flour, I meant sugar"; "" for none, or several."""
    if text.isascii():
        words = re.findall(r"[a-z]+", text.lower())
        runs = [" ".join(words[at : at + size]) for size in (2, 1) for at in range(len(words))]
    else:
        runs = [text[at : at + size] for size in (4, 3, 2, 1) for at in range(len(text) - size + 1)]
    named: list[str] = []
    for run in runs:
        if density_of(run) and not any(run in other for other in [thing, *named]):
            named.append(run)
    return named[0] if len(named) == 1 else ""


def draws_again(text: str, before: Sequence[Exchange]) -> bool:
    """Whether words want the same left to chance once more: "again", after dice."""
    return AGAIN.fullmatch(text) is not None and chance_again(before[-1:]) is not None


def chance_again(before: Sequence[Exchange]) -> Chance | None:
    """What was left to chance last; None for nothing, or where something else was asked since."""
    for exchange in reversed(before):
        if (asked := read_chance(exchange.text)) is not None:
            return asked
        if chance := exchange.data.get("chance"):
            kind, times, low, high, *choices = chance
            return Chance(str(kind), int(times), int(low), int(high), tuple(map(str, choices)))
    return None
