"""What people ask for every day: sums, units, lists, notes, chance and spelling."""

from __future__ import annotations

from assistant import Manifest, Register, hookimpl

from .calculating import calculate
from .chances import matches_chance, pick_at_random
from .conversions import read_conversion
from .converting import convert_units
from .lists import add_to_list, clear_list, matching, read_list, tick_off
from .notes import delete_note, matches_delete, matches_read, matches_take, read_notes, take_note
from .spelling import matches_spelling, spell
from .sums import read_sum
from .wording import examples_of

__all__ = ["MANIFEST", "register_intents"]

MANIFEST = Manifest(
    title="Everyday",
    summary="Works out sums, converts units, keeps lists and notes, draws by chance, spells.",
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
    answering = (
        (calculate, lambda text: read_sum(text) is not None),
        (convert_units, lambda text: read_conversion(text) is not None),
        (read_list, matching("read", "which")),
        (read_notes, matches_read),
        (pick_at_random, matches_chance),
        (spell, matches_spelling),
    )
    acting = (
        (add_to_list, matching("add", "make")),
        (tick_off, matching("tick", "remove")),
        (clear_list, matching("clear", "delete")),
        (take_note, matches_take),
        (delete_note, matches_delete),
    )
    for handlers, acts in ((answering, False), (acting, True)):
        for handler, matches in handlers:
            register(handler, acts=acts, matches=matches, **examples_of(handler.__name__))
