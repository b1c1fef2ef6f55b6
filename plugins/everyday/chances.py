"""Draws at random: coins, dice, numbers and choices."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from assistant import Reply, Services, Turn

from .items import split_items
from .said import fitting, without_courtesies
from .wording import Language, language_of, say

__all__ = ["Chance", "matches_chance", "pick_at_random", "read_chance"]

LONGEST = 400
"""characters that are read"""
MOST_THROWS = 50
MOST_SIDES = 1_000_000
CHANCE = random.SystemRandom()
EITHER = re.compile(
    r"\s*(?:,|，|、|;)?\s*\b(?:or|and)\b\s+|\s*[,，、;]\s*|(?:还是|或者?|(?<=[\u4e00-\u9fff])和(?=[\u4e00-\u9fff]))"
)


TOTAL = re.compile(r"\b(?:sum|total|add)\b|[总和加]", re.IGNORECASE)
"""names the values of several dice"""
UNDECIDED = re.compile(
    r"(?:we|i|you|he|she|they)(?:'\w+)?\s|help\b|(?:not|no|another)\b|不[想要喜]|再|换|不知道|想不好|选不"
    r"|.*(?:哪|什么|\bwhich\b|\bwhat (?:to|should)\b)",
    re.IGNORECASE,
)
"""why chance shall decide: "we can't decide" is no choice"""


@dataclass(frozen=True)
class Chance:
    """A random draw: dice, coins, numbers, or one of several choices."""

    kind: str
    """"coin", "dice", "number" or "choice" """
    times: int = 1
    low: int = 1
    high: int = 6
    choices: tuple[str, ...] = ()


def read_chance(text: str) -> Chance | None:
    """Reads a random draw from a sentence; None if it asks for none. A single die belongs to the plugin ``dice``."""
    from assistant.understanding.entities.reading import read_in_digits

    if len(text) > LONGEST:
        return None
    said = without_courtesies(text)
    for kind, groups in fitting("chances", read_in_digits(said).text):
        if kind != "choice":
            return _drawn(kind, {name: int(value[:18]) for name, value in groups.items()})
    choices = (_choice(groups["items"]) for kind, groups in fitting("chances", said) if kind == "choice")
    return next(filter(None, choices), None)


def _drawn(kind: str, given: Mapping[str, int]) -> Chance:
    if kind == "coin":
        return Chance("coin", given.get("times", 1))
    if kind == "die":
        return Chance("dice", 1, 1, given.get("high", 6))
    if kind == "dice":
        return Chance("dice", given.get("times", 2), 1, given.get("high", 6))
    low, high = sorted((given.get("low", 1), given.get("high", 100)))
    return Chance("number", 1, low, high)


def _choice(said: str) -> Chance | None:
    choices = tuple(dict.fromkeys(each.strip(" :：.?!？！") for each in EITHER.split(said) if each.strip(" :：.?!")))
    choices = tuple(each for each in choices if not UNDECIDED.match(each))
    return Chance("choice", choices=choices) if len(choices) > 1 else None


def matches_chance(text: str) -> bool:
    """Returns whether a sentence surely asks for a random draw."""
    return read_chance(text) is not None


async def pick_at_random(turn: Turn, services: Services) -> Reply:
    """Toss a coin, roll several dice, draw a number, or choose for you."""
    from .follow_ups import REFUSES, chance_again  # it reads chances, too

    language = language_of(turn.utterance)
    before = await services.conversation(turn.session, 1)
    asked = read_chance(turn.utterance) or chance_again(before)
    if asked is not None and asked.kind == "choice" and REFUSES.match(turn.utterance) and before:
        others = tuple(each for each in asked.choices if each != before[-1].data.get("chosen"))
        asked = replace(asked, choices=others or asked.choices)
    reply = _drawn_of(asked, turn, language)
    if asked is None:
        return reply
    told = [asked.kind, asked.times, asked.low, asked.high, *asked.choices]
    rest = re.split(r"[,，]|\band\b|然后|再|并", turn.utterance, maxsplit=1)[1:] if asked.kind == "dice" else []
    heard = {"understood": rest[0]} if rest and TOTAL.search(rest[0]) else {}
    return replace(reply, data={**reply.data, "chance": told, **heard})


def _drawn_of(asked: Chance | None, turn: Turn, language: Language) -> Reply:
    if asked is None:
        choices = split_items(turn.utterance) if re.search(r" or |还是", turn.utterance) else ()
        return Reply(say("chance_unread" if not choices else "choice_unread", language))
    if asked.times > MOST_THROWS or abs(asked.high) > 10**15 or asked.times < 1:
        return Reply(say("chance_too_many", language, most=MOST_THROWS))
    if asked.kind == "choice":
        chosen = CHANCE.choice(asked.choices)
        return Reply(say("chosen", language, chosen=chosen), data={"chosen": chosen})
    if asked.kind == "number":
        number = CHANCE.randint(asked.low, asked.high)
        text = say("number", language, number=number, low=asked.low, high=asked.high)
        return Reply(text, data={"number": number})
    return _thrown(asked, language)


def _enumerated(sentences: list[str], joint: str) -> str:
    """Several one-word sentences as one: "Heads, tails, heads."."""
    words = [each.rstrip(".。") for each in sentences]
    later = (word.lower() if joint == ", " else word for word in words[1:])
    return joint.join((words[0], *later)) + sentences[0][len(words[0]) :]


def _thrown(asked: Chance, language: Language) -> Reply:
    if asked.kind == "coin":
        sides = [CHANCE.choice(("heads", "tails")) for _ in range(asked.times)]
        shown = "、" if language == "zh" else ", "
        return Reply(_enumerated([say(side, language) for side in sides], shown), data={"sides": sides})
    if not 2 <= asked.high <= MOST_SIDES:
        return Reply(say("no_such_die", language, sides=asked.high))
    numbers = [CHANCE.randint(1, asked.high) for _ in range(asked.times)]
    shown = ("、" if language == "zh" else ", ").join(map(str, numbers))
    key = "dice_thrown" if len(numbers) > 1 else "die_thrown"
    return Reply(say(key, language, numbers=shown, total=sum(numbers)), data={"numbers": numbers})
