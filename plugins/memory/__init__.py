"""Remembers what the user tells about themselves, for all plugins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant import Decision, Manifest, Register, Reply, Services, Turn, hookimpl

from . import remembering
from .commands import add_commands
from .looking_up import answer_from_told
from .wording import examples_of

if TYPE_CHECKING:
    import click

__all__ = ["MANIFEST", "answer_fallback", "answer_unsure", "register_commands", "register_intents"]

SURELY = 0.5
"""relevance from which what was told answers what an intent may serve, too"""
MANIFEST = Manifest(
    title="Memory",
    summary="Remembers what you tell about yourself, says what it knows, and forgets it.",
    translations={
        "zh": ("记忆", "记住您讲的个人情况，说出记得什么，也会忘记。"),
        "de": ("Gedächtnis", "Merkt sich, was Sie über sich erzählen, sagt, was es weiß, und vergisst es."),
    },
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
async def answer_unsure(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Answer from remembered facts rather than ask which unrelated thing is meant."""
    return await answer_from_told(turn, services, SURELY)


@hookimpl
async def answer_fallback(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Answer a question that no intent serves from remembered facts: "what's my shoe size"."""
    return await answer_from_told(turn, services)


@hookimpl
def register_commands(register: Callable[[click.Command], None]) -> None:
    """Add ``assistant memory``."""
    add_commands(register)
