"""Greeting, thanks and goodbye."""

from __future__ import annotations

from assistant import Services, Turn

from .wording import language_of, say

__all__ = ["about_me", "goodbye", "greet", "say_again", "thanks"]


def greet(turn: Turn) -> str:
    """Greet back."""
    language, words = language_of(turn.utterance), turn.utterance.lower()
    if "morning" in words or "早" in words:
        return say("hello_morning", language)
    if "evening" in words or "晚上好" in words:
        return say("hello_evening", language)
    return say("hello", language)


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
