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
    if "morning" in words or "早" in words:
        return say("hello_morning", language, name=named)
    if "evening" in words or "晚上好" in words:
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
    return say("good_night" if "night" in words or "晚安" in words else "goodbye", language_of(words))
