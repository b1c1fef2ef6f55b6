"""Remembers what the user tells about themselves, for all plugins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant import Decision, Manifest, Register, Reply, Services, Turn, hookimpl

from . import remembering
from .commands import add_commands
from .wording import examples_of

if TYPE_CHECKING:
    import click

__all__ = ["MANIFEST", "answer_fallback", "register_commands", "register_intents"]

MANIFEST = Manifest(
    title="Memory",
    summary="Remembers what you tell about yourself, says what it knows, and forgets it.",
    capabilities=("memory",),
    welcome=("my name is …", "what do you know about me", "我叫……", "你都知道我些什么"),
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare them."""
    register(
        remembering.remember,
        acts=True,
        matches=remembering.matches_remember,
        follows=remembering.corrects,
        **examples_of("remember"),
    )
    register(remembering.recall, acts=False, matches=remembering.matches_recall, **examples_of("recall"))
    register(
        remembering.forget,
        acts=True,
        matches=remembering.matches_forget,
        follows=remembering.forgets_told,
        **examples_of("forget"),
    )


@hookimpl
async def answer_fallback(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Answer what was told and no intent serves: "what's my shoe size"."""
    return await remembering.answer_thing(turn, decision, services)


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add ``assistant memory``."""
    add_commands(register)
