"""Everyday requests: sums, units, lists, notes, chance and spelling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from assistant import Decision, Exchange, Manifest, Register, Reply, Services, Turn, hookimpl

from .calculating import calculate, surely_reckons
from .chances import matches_chance, pick_at_random
from .converting import convert_units, matches_conversion
from .follow_ups import converts_on, draws_again, sums_on
from .following import going_on
from .keeping import Keeper
from .lists import add_to_list, clear_list, matching, names_listed, read_list, tick_off
from .noted import answer_noted
from .notes import (
    adds_to_note,
    delete_note,
    deletes_told,
    matches_delete,
    matches_read,
    matches_take,
    read_notes,
    take_note,
)
from .spelling import matches_spelling, spell, spells_on
from .wording import examples_of

__all__ = ["MANIFEST", "answer_fallback", "answer_unsure", "knows", "register_intents"]

Handler = Callable[..., Any]
Matches = Callable[[str], bool]
Follows = Callable[[str, Sequence[Exchange]], bool]

MANIFEST = Manifest(
    title="Everyday",
    summary="Works out sums, converts units, keeps lists and notes, draws by chance, spells.",
    translations={
        "zh": ("日常", "计算，换算单位，管理清单和笔记，抽签，拼写。"),
        "de": ("Alltag", "Rechnet, rechnet Einheiten um, führt Listen und Notizen, lost aus, buchstabiert."),
    },
    capabilities=("files",),
    welcome=(
        "what is 15 % of 80",
        "put milk, eggs and bread on my shopping list",
        "how many grams in a cup of flour",
        "把86打八折是多少",
        "购物清单上加鸡蛋和面包",
    ),
)


@hookimpl
def register_intents(register: Register) -> None:
    """Declare them. What changes a list or a note acts; deleting asks first."""
    answering: tuple[tuple[Handler, Matches, Follows | None], ...] = (
        (calculate, surely_reckons, sums_on),
        (convert_units, matches_conversion, converts_on),
        (read_list, matching("read", "which"), going_on("read")),
        (read_notes, matches_read, None),
        (pick_at_random, matches_chance, draws_again),
        (spell, matches_spelling, spells_on),
    )
    acting: tuple[tuple[Handler, Matches, Follows | None], ...] = (
        (add_to_list, matching("add", "make"), going_on("add", "instead")),
        (tick_off, matching("tick", "remove", "swap"), going_on("tick", "remove", "change", "swap", "back")),
        (clear_list, matching("clear", "delete"), going_on("clear", "spare")),
        (take_note, matches_take, adds_to_note),
        (delete_note, matches_delete, deletes_told),
    )
    for handlers, acts in ((answering, False), (acting, True)):
        for handler, matches, follows in handlers:
            register(handler, acts=acts, matches=matches, follows=follows, **examples_of(handler.__name__))


@hookimpl
def knows(turn: Turn, services: Services) -> bool:
    """Returns whether the text names a list, or a thing on one."""
    return names_listed(turn.utterance, Keeper(services.data_dir))


@hookimpl
async def answer_fallback(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Answer from the notes what no intent serves."""
    return await answer_noted(turn, services)


@hookimpl
async def answer_unsure(turn: Turn, decision: Decision, services: Services) -> Reply | None:
    """Answer from the notes rather than ask which far-off thing is meant."""
    return await answer_noted(turn, services)
