"""Everyday courtesies, what the assistant can do, and an honest "I don't know"."""

from __future__ import annotations

from assistant import Decision, Manifest, Register, Reply, Services, Turn, hookimpl

from . import abilities, courtesies, declining
from .wording import examples_of

__all__ = ["MANIFEST", "answer_fallback", "answer_unsure", "register_intents"]

MANIFEST = Manifest(
    title="Courtesies",
    summary="Greets, lists what I can do, and says so when I don't know.",
    translations={
        "zh": ("礼貌用语", "打招呼，说明我会做什么，不懂时如实相告。"),
        "de": ("Umgangsformen", "Grüßt, zählt auf, was ich kann, und sagt, wenn ich etwas nicht weiß."),
    },
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare the courtesies."""
    for handler in (
        courtesies.greet,
        courtesies.about_me,
        courtesies.thanks,
        courtesies.goodbye,
    ):
        register(handler, acts=False, **examples_of(handler.__name__))
    register(abilities.help, acts=False, directs="help", matches=abilities.names_area, **examples_of("help"))
    register(courtesies.say_again, acts=False, directs="repeat", **examples_of("say_again"))


@hookimpl(trylast=True)  # what the user's files say comes first
async def answer_unsure(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Say that a request cannot be done here, rather than ask which unrelated thing is meant."""
    return None if decision.source == "declined" else declining.declined_surely(turn, decision)


@hookimpl(trylast=True)  # it answers everything
async def answer_fallback(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Say honestly that nothing fits, and name the nearest abilities, unless a plugin has said so of its subject."""
    return None if decision.source == "declined" else await abilities.admit(turn, decision, services)
