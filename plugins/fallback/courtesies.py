"""Greeting, thanks and goodbye."""

from __future__ import annotations

from assistant import Services, Turn

from .wording import language_of, say

__all__ = ["about_me", "goodbye", "greet", "say_again", "thanks"]


async def greet(turn: Turn, services: Services) -> str:
    """Greet back, by name where it was told."""
    language, words = language_of(turn.utterance), turn.utterance.lower()
    name = (await services.remembered()).get("name", "")
    named = name and f"{'，' if language == 'zh' else ', '}{name}"
    if any(word in words for word in ("morning", "早", "guten morgen")):
        return say("hello_morning", language, name=named)
    if any(word in words for word in ("evening", "晚上好", "guten abend")):
        return say("hello_evening", language, name=named)
    return say("hello", language, name=named)


def about_me(turn: Turn) -> str:
    """Say what I am."""
    return say("about_me", language_of(turn.utterance))


async def say_again(turn: Turn, services: Services) -> str:
    """Say the last answer again."""
    last = await services.conversation(turn.session, 1)
    return last[-1].reply if last else say("nothing_said", language_of(turn.utterance))


def thanks(turn: Turn) -> str:
    """Take thanks kindly."""
    return say("welcome", language_of(turn.utterance))


def goodbye(turn: Turn) -> str:
    """Say goodbye."""
    words = turn.utterance.lower()
    night = any(word in words for word in ("night", "晚安", "gute nacht"))
    return say("good_night" if night else "goodbye", language_of(words))
